// At the foot of the 3D pane: what is going on and a way to stop it, or why there is nothing to see.
import type { ViewState } from "../../view/viewState";
import { shortcuts, tooltip } from "../actions/keymap";
import { Button } from "../controls/button";
import { useDelayedText } from "../controls/delayedText";

const DELAY_MS = 300;

export function View3dHint({ view }: { view: ViewState }) {
  const { view3d } = view.store;
  const busy = useDelayedText(view3d.busy.value ? underWay(view) : null, DELAY_MS);
  const stopped = view3d.stopped.value;
  return (
    <div class="jl-solid-hint">
      <p role="status">{stopped ? "Stopped: not everything is shown as it is now" : (busy ?? nothingToSee(view))}</p>
      {stopped ? (
        <Button
          icon="reset"
          label="Go on"
          title="Show the rest of the 3D view"
          action="resume-3d"
          onClick={() => view3d.goOn()}
        />
      ) : (
        busy !== null && (
          <Button
            icon="clear"
            label="Cancel"
            title={tooltip(view, "cancel", "Stop here; what is shown already stays")}
            keys={shortcuts(view, "cancel")}
            action="stop-3d"
            onClick={() => view3d.giveUp()}
          />
        )
      )}
    </div>
  );
}

function underWay({ store }: ViewState): string {
  const { left, awaited } = store.view3d;
  if (awaited.value) return "Preparing the volume …";
  return left.value === null ? "Finding the labels' surfaces …" : `Finding the labels' surfaces: ${left.value} to go`;
}

function nothingToSee({ store }: ViewState): string | null {
  const { left, content, surfaces } = store.view3d;
  if (left.value !== 0 || content.value === "volume") return null;
  if (surfaces.value.size === 0) return "Nothing is labelled yet";
  const hidden = store.display.hidden.value;
  return [...surfaces.value.keys()].every((value) => hidden.has(value)) ? "All labels are hidden" : null;
}
