// The whole labeler, put together.
import type { TargetedMouseEvent } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { exposeDebug } from "../debug";
import type { FrameLoop } from "../view/frameloop";
import type { ViewState } from "../view/viewstate";
import { followFilled } from "./fullscreen";
import { Header } from "./header";
import { onKeyDown, onKeyUp, releaseKeys } from "./keys";
import { Messages } from "./messages";
import { Pane } from "./pane";
import { Pane3d } from "./pane3d";
import { Panels } from "./panels";
import { Sidebar } from "./sidebar";
import { Status } from "./status";
import { Toolbar } from "./toolbar";

export function Labeler({ view, loop }: { view: ViewState; loop: FrameLoop }) {
  const root = useRef<HTMLDivElement>(null);
  const { session } = view;
  const { state, header, loaded } = session;
  useEffect(() => exposeDebug(root.current as HTMLDivElement, view), [view]);
  useEffect(() => followFilled(root.current as HTMLDivElement, view), [view]);
  return (
    <div
      ref={root}
      class={`jlabel${view.filled.value ? " jl-filled" : ""}`}
      role="application"
      aria-label="Labeler"
      // biome-ignore lint/a11y/noNoninteractiveTabindex: the picture is worked on with keys, so the whole takes the focus
      tabIndex={0}
      data-lm-suppress-shortcuts="true"
      data-image-id={header.value?.id ?? ""}
      data-epoch={header.value ? session.currentEpoch : ""}
      data-loaded={Number(loaded.value.toFixed(3))}
      data-busy={String((state.value?.busy ?? null) !== null)}
      data-dirty={String(state.value?.dirty ?? false)}
      data-link={session.link.value}
      onKeyDown={(event) => onKeyDown(view, event)}
      onKeyUp={(event) => onKeyUp(view, event)}
      onFocusOut={(event) => {
        if (!root.current?.contains(event.relatedTarget as Node | null)) releaseKeys(view);
      }}
      onClick={keepFocus}
    >
      <div class="jl-body">
        <Header view={view} />
        <Toolbar view={view} />
        <Stage view={view} loop={loop} />
        <Messages view={view} />
        <Status view={view} />
        <Sidebar view={view} />
      </div>
    </div>
  );
}

/** Keys go on working after a click on a button, and after a button that was pressed by a key is gone. */
function keepFocus({ target, currentTarget: root, detail }: TargetedMouseEvent<HTMLElement>): void {
  const button = (target as Element).closest("button");
  if (!button) return;
  // A field that the click has opened keeps the focus that it took.
  if (document.activeElement instanceof HTMLInputElement) return;
  if (detail > 0) root.focus({ preventScroll: true });
  else requestAnimationFrame(() => button.isConnected || root.focus({ preventScroll: true }));
}

function Stage({ view, loop }: { view: ViewState; loop: FrameLoop }) {
  const [shown, besides] = [view.shown.value, view.besides.value];
  const solid = view.solid.value && !besides;
  return (
    <div
      class={`jl-stage ${besides ? `jl-besides jl-pairs-${shown.length}` : `jl-show-${shown.length + Number(solid)}`}`}
    >
      {view.session.header.value ? (
        <div class="jl-panes">
          {shown.map((name) => (
            <Pane key={name} view={view} name={name} loop={loop} />
          ))}
          {besides &&
            shown.map((name) => <Pane key={`other ${name}`} view={view} name={name} loop={loop} whose="other" />)}
          {solid && <Pane3d view={view} loop={loop} />}
        </div>
      ) : (
        <Empty view={view} />
      )}
      <Panels view={view} />
    </div>
  );
}

function Empty({ view }: { view: ViewState }) {
  const { link, state } = view.session;
  const text =
    link.value === "waiting"
      ? "Waiting for the kernel … A running cell may hold it up."
      : (state.value?.busy ??
        (state.value?.images === 0 ? "The studies hold no images." : "No image is open. Press Next."));
  return <p class="jl-empty">{text}</p>;
}
