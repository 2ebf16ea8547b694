// The whole labeler, put together.
import type { TargetedMouseEvent } from "preact";
import { useEffect, useLayoutEffect, useRef } from "preact/hooks";
import { exposeDebug } from "../view/debug";
import type { FrameLoop } from "../view/frameLoop";
import type { ViewState } from "../view/viewState";
import { onKeyDown, onKeyUp, releaseKeys } from "./actions/keyEvents";
import { followActivity } from "./activity";
import { Icon } from "./controls/icons";
import { followFilled } from "./fullscreen";
import { Header } from "./images/header";
import { Messages } from "./panels/messages";
import { Panels } from "./panels/panels";
import { Sidebar } from "./panels/sidebar";
import { SidebarEdge, sidebarWidth } from "./panels/sidebarWidth";
import { Status } from "./panels/status";
import { Toolbar } from "./panels/toolbar";
import { Pane } from "./panes/pane";
import { Pane3d } from "./panes/pane3d";

export function Labeler({ view, loop }: { view: ViewState; loop: FrameLoop }) {
  const root = useRef<HTMLDivElement>(null);
  const { store } = view;
  const { state } = store.kernel;
  const { header, loaded } = store.image;
  useLayoutEffect(() => exposeDebug(root.current as HTMLDivElement, view), [view]);
  useEffect(() => followFilled(root.current as HTMLDivElement, view), [view]);
  useEffect(() => followActivity(root.current as HTMLDivElement, [store.effort, store.presence]), [store]);
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
      data-epoch={header.value ? store.image.epoch : ""}
      data-loaded={Number(loaded.value.toFixed(3))}
      data-busy={String((state.value?.busy ?? null) !== null)}
      data-dirty={String(state.value?.dirty ?? false)}
      data-link={store.connection.state.value}
      onKeyDown={(event) => store.connection.state.value !== "dead" && onKeyDown(view, event)}
      onKeyUp={(event) => onKeyUp(view, event)}
      onFocusOut={(event) => {
        if (!root.current?.contains(event.relatedTarget as Node | null)) releaseKeys(view);
      }}
      onClick={keepFocus}
    >
      <div
        class="jl-body"
        inert={store.connection.state.value === "dead"}
        style={sidebarWidth.value === null ? {} : { "--jl-sidebar": `${sidebarWidth.value}px` }}
      >
        <Header view={view} />
        <Toolbar view={view} />
        <Stage view={view} loop={loop} />
        <Messages view={view} />
        <Status view={view} />
        <SidebarEdge />
        <Sidebar view={view} />
      </div>
      {store.connection.state.value === "dead" && <KernelEnded view={view} />}
    </div>
  );
}

/** Over the picture: what is done here would not be heard by anybody. */
function KernelEnded({ view }: { view: ViewState }) {
  const unheard = view.store.connection.unacked.value;
  return (
    <div class="jl-ended" role="alertdialog" aria-label="The kernel has ended">
      <div class="jl-ended-text">
        <Icon name="alert" />
        <div>
          <p>
            <strong>The kernel was restarted</strong>, so this labeler takes nothing more. Run its cell again to go on.
          </p>
          <p>
            Your draft is kept.
            {unheard > 0 && " What the kernel had not heard at its end is kept in this page, and painted again then."}
          </p>
        </div>
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
  const [shown, sideBySide] = [view.shown.value, view.sideBySide.value];
  const view3d = view.view3dShown.value && !sideBySide;
  return (
    <div
      class={`jl-stage ${sideBySide ? `jl-besides jl-pairs-${shown.length}` : `jl-show-${shown.length + Number(view3d)}`}`}
    >
      {view.store.image.header.value ? (
        <div class="jl-panes">
          {shown.map((name) => (
            <Pane key={name} view={view} name={name} loop={loop} />
          ))}
          {sideBySide &&
            shown.map((name) => <Pane key={`other ${name}`} view={view} name={name} loop={loop} whose="other" />)}
          {view3d && <Pane3d view={view} loop={loop} />}
        </div>
      ) : (
        <Empty view={view} />
      )}
      <Panels view={view} />
    </div>
  );
}

function Empty({ view }: { view: ViewState }) {
  const { state: link } = view.store.connection;
  const { state } = view.store.kernel;
  const text =
    link.value === "waiting"
      ? "Waiting for the kernel … A running cell may hold it up."
      : (state.value?.busy ?? nothingOpen(state.value?.images ?? 0, state.value?.labelled ?? 0));
  return <p class="jl-empty">{text}</p>;
}

function nothingOpen(images: number, labelled: number): string {
  if (images === 0) return "The studies hold no images.";
  if (labelled < images) return "No image is open. Press Next.";
  const all = images === 1 ? "The one image is labelled." : `All ${images.toLocaleString()} images are labelled.`;
  return `${all} Choose one in the list of images to look at it again.`;
}
