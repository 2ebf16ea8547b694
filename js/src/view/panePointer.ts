// Pointer and wheel in a pane, told apart into panning, zooming, window/level, stepping and the chosen tool.
import { toolNamed } from "../tools";
import { navigate } from "../tools/navigate";
import type { PointerSpot } from "../tools/tool";
import type { PaneCanvas } from "./paneCanvas";
import { type Drag, panDrag, pinchDrag, toolDrag, touchDrag, windowDrag } from "./pointerDrags";
import { startPromptDrag } from "./promptDrag";

/** Wheel travel in pixels that is one slice; a mouse wheel's notch is more than that. */
const NOTCH = 40;
/** `button` of a pen that is turned round. */
const PEN_ERASER = 5;
/** Part of the brush's radius that a pen has which hardly touches. */
const LIGHTEST = 0.3;

export function attachPanePointer(pane: PaneCanvas, element: HTMLElement): () => void {
  /** The drag under way, and the pointer that it belongs to; null for that of two fingers. */
  let drag: { id: number | null; drag: Drag } | null = null;
  let wheel = 0;
  /** Fingers that are down, by their last event. */
  const fingers = new Map<number, PointerEvent>();
  const listeners = new AbortController();
  const options = { signal: listeners.signal };
  const at = (event: MouseEvent): [number, number] => {
    const box = pane.canvas.getBoundingClientRect();
    return [event.clientX - box.left, event.clientY - box.top];
  };
  const spot = (event: MouseEvent) => pane.spotAt(...at(event), heldBy(event));

  const onDown = (event: PointerEvent) => {
    event.preventDefault();
    event.stopPropagation();
    if (event.pointerType === "touch") fingers.set(event.pointerId, event);
    if (fingers.size === 2) {
      drag?.drag.cancel();
      drag = { id: null, drag: pinchDrag(pane, fingers, at) };
    }
    if (drag || fingers.size > 1) return;
    pane.view.active.value = pane.name;
    (element.closest(".jlabel") as HTMLElement | null)?.focus({ preventScroll: true });
    const started = startDrag(pane, event, spot);
    if (!started) return;
    element.setPointerCapture(event.pointerId);
    drag = { id: event.pointerId, drag: started };
  };
  const onMove = (event: PointerEvent) => {
    if (fingers.has(event.pointerId)) fingers.set(event.pointerId, event);
    if (fingers.size < 2) pane.hoverAt(...at(event));
    if (drag && (drag.id === event.pointerId || (drag.id === null && fingers.has(event.pointerId))))
      drag.drag.move(event);
  };
  const finish = (event: PointerEvent, cancelled: boolean) => {
    if (fingers.delete(event.pointerId)) {
      leave(pane);
      if (drag?.id === null) drag = null;
    }
    if (drag?.id !== event.pointerId) return;
    const ended = drag.drag;
    drag = null;
    if (cancelled) ended.cancel();
    else ended.end(event);
  };
  const onWheel = (event: WheelEvent) => {
    event.preventDefault();
    event.stopPropagation();
    wheel = turnWheel(pane, event, at(event), wheel);
  };

  element.addEventListener("pointerdown", onDown, options);
  element.addEventListener("pointermove", onMove, options);
  element.addEventListener("pointerup", (event) => finish(event, false), options);
  element.addEventListener("pointercancel", (event) => finish(event, true), options);
  element.addEventListener("lostpointercapture", (event) => finish(event, true), options);
  element.addEventListener("pointerleave", () => drag ?? leave(pane), options);
  element.addEventListener("wheel", onWheel, { ...options, passive: false });
  element.addEventListener("contextmenu", swallow, options);
  element.addEventListener("dblclick", () => onDouble(pane), options);
  return () => listeners.abort();
}

/** What the pointer says besides where it is. */
function heldBy(event: MouseEvent): Pick<PointerSpot, "alternate" | "picks" | "size"> {
  const { pointerType, pressure } = event as PointerEvent;
  const size = pointerType === "pen" ? LIGHTEST + (1 - LIGHTEST) * pressure : 1;
  return { alternate: event.shiftKey || event.altKey, picks: event.altKey, size };
}

function startDrag(
  pane: PaneCanvas,
  event: PointerEvent,
  spot: (event: MouseEvent) => PointerSpot | null,
): Drag | null {
  const { store, panning } = pane.view;
  if (event.button === 2) return windowDrag(pane, event);
  const start = spot(event);
  if (event.button === 1 || panning.value) return panDrag(pane, event, () => start && navigate.tap?.(store, start));
  if ((event.button !== 0 && event.button !== PEN_ERASER) || !start) return null;
  const grabbed = event.button === 0 && startPromptDrag(pane, event);
  if (grabbed) return grabbed;
  const tool = toolNamed(event.button === PEN_ERASER ? "eraser" : store.display.tool.value);
  if (!tool.press) return panDrag(pane, event, () => tool.tap?.(store, start));
  const begin = () => {
    const gesture = tool.press?.(store, start);
    return gesture ? toolDrag(gesture, spot, () => store.prompts.dropSketch()) : null;
  };
  return event.pointerType === "touch" ? touchDrag(begin) : begin();
}

/** Returns the travel that did not make a whole slice. */
function turnWheel(pane: PaneCanvas, event: WheelEvent, [x, y]: [number, number], rest: number): number {
  const { view } = pane;
  const { display } = view.store;
  const unit = event.deltaMode === WheelEvent.DOM_DELTA_LINE ? 20 : 1;
  const delta = (event.deltaY || event.deltaX) * unit;
  const geometry = view.geometries.value?.[pane.name];
  const frame = pane.frame;
  if (!geometry || !frame || delta === 0) return 0;
  if (event.ctrlKey || event.metaKey) {
    const factor = Math.exp(-Math.max(-60, Math.min(60, delta)) * 0.0045);
    view.viewports[pane.name].value = frame.zoomed(factor, x, y);
    return 0;
  }
  if (event.shiftKey && toolNamed(display.tool.value).sized) {
    display.setRadius(display.radius.value * (delta < 0 ? 1.15 : 1 / 1.15));
    return 0;
  }
  view.active.value = pane.name;
  if (Math.abs(delta) >= NOTCH) {
    view.step(geometry, delta < 0 ? 1 : -1);
    return 0;
  }
  const travel = rest + delta;
  const slices = Math.trunc(travel / NOTCH);
  if (slices !== 0) view.step(geometry, -slices);
  return travel - slices * NOTCH;
}

function onDouble(pane: PaneCanvas): void {
  const { store } = pane.view;
  toolNamed(store.display.tool.value).double?.(store);
  enlargeOnDouble(pane);
}

function enlargeOnDouble(pane: PaneCanvas): void {
  const { store, shown, layout } = pane.view;
  if (store.display.tool.value !== "navigate") return;
  if (layout.value !== "three" || shown.value.length > 1) pane.view.enlarge(pane.name);
}

function leave(pane: PaneCanvas): void {
  pane.view.hover.value = null;
}

function swallow(event: Event): void {
  event.preventDefault();
  event.stopPropagation();
}
