// At the foot of the 3D pane: what is going on and a way to stop it, or why there is nothing to see.
import type { ViewState } from "../view/viewstate";
import { Button } from "./button";
import { useHeldBack } from "./heldback";
import { shortcuts, tooltip } from "./keymap";

const HELD_BACK_MS = 300;

export function SolidHint({ view }: { view: ViewState }) {
  const { solid } = view.session;
  const busy = useHeldBack(solid.busy.value ? underWay(view) : null, HELD_BACK_MS);
  const stopped = solid.stopped.value;
  return (
    <div class="jl-solid-hint">
      <p role="status">{stopped ? "Stopped: not everything is shown as it is now" : (busy ?? nothingToSee(view))}</p>
      {stopped ? (
        <Button
          icon="reset"
          label="Go on"
          title="Show the rest of the 3D view"
          action="resume-3d"
          onClick={() => solid.goOn()}
        />
      ) : (
        busy !== null && (
          <Button
            icon="clear"
            label="Cancel"
            title={tooltip(view, "cancel", "Stop here; what is shown already stays")}
            keys={shortcuts(view, "cancel")}
            action="stop-3d"
            onClick={() => solid.giveUp()}
          />
        )
      )}
    </div>
  );
}

function underWay({ session }: ViewState): string {
  const { left, awaited } = session.solid;
  if (awaited.value) return "Preparing the volume …";
  return left.value === null ? "Finding the labels' surfaces …" : `Finding the labels' surfaces: ${left.value} to go`;
}

function nothingToSee({ session }: ViewState): string | null {
  const { left, content, surfaces } = session.solid;
  if (left.value !== 0 || content.value === "volume") return null;
  if (surfaces.value.size === 0) return "Nothing is labelled yet";
  const hidden = session.display.hidden.value;
  return [...surfaces.value.keys()].every((value) => hidden.has(value)) ? "All labels are hidden" : null;
}
