// The labeler over the whole screen; where the browser refuses that, over the whole page.
import { effect } from "@preact/signals";
import type { ViewState } from "../view/viewState";

/** Do what `view.filled` says, and follow when the browser leaves full screen by itself; returns how to stop. */
export function followFilled(root: HTMLElement, view: ViewState): () => void {
  const { filled } = view;
  const left = () => {
    if (document.fullscreenElement !== root && !root.hasAttribute("popover")) filled.value = false;
  };
  document.addEventListener("fullscreenchange", left);
  const stop = effect(() => {
    if (filled.value) enter(root, filled);
    else leave(root);
  });
  return () => {
    stop();
    document.removeEventListener("fullscreenchange", left);
    leave(root);
  };
}

function enter(root: HTMLElement, filled: ViewState["filled"]): void {
  const asked = root.requestFullscreen?.();
  if (!asked) return cover(root);
  asked.catch(() => {
    if (filled.peek()) cover(root);
  });
}

/** In the page's top layer, which no ancestor clips or moves. */
function cover(root: HTMLElement): void {
  if (!root.showPopover) return;
  root.setAttribute("popover", "manual");
  root.showPopover();
  root.focus({ preventScroll: true });
}

function leave(root: HTMLElement): void {
  root.removeAttribute("popover");
  if (document.fullscreenElement === root) void document.exitFullscreen();
}
