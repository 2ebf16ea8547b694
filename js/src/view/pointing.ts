// Pointer and wheel in a pane, told apart into panning, zooming, window/level, stepping and the chosen tool.
import { toolNamed } from "../tools";
import type { Gesture, PointerSpot } from "../tools/tool";
import { dragWindow } from "../volume/window";
import { grabPrompt } from "./grabbing";
import type { PaneCanvas } from "./panecanvas";

/** Moving less than this between press and release is a click. */
const STILL = 4;
/** Wheel travel in pixels that is one slice; a mouse wheel's notch is more than that. */
const NOTCH = 40;
/** The right button in `buttons`. */
const RIGHT = 2;

/** A drag in client coordinates. */
interface Drag {
  move(event: PointerEvent): void;
  end(event: PointerEvent): void;
  cancel(): void;
}

export function attachPointer(pane: PaneCanvas, element: HTMLElement): () => void {
  let drag: { id: number; drag: Drag } | null = null;
  let wheel = 0;
  const listeners = new AbortController();
  const options = { signal: listeners.signal };
  const at = (event: MouseEvent): [number, number] => {
    const box = pane.canvas.getBoundingClientRect();
    return [event.clientX - box.left, event.clientY - box.top];
  };
  const spot = (event: MouseEvent) => pane.spotAt(...at(event), event.shiftKey || event.altKey);

  const onDown = (event: PointerEvent) => {
    event.preventDefault();
    event.stopPropagation();
    if (drag) return;
    pane.view.active.value = pane.name;
    (element.closest(".jlabel") as HTMLElement | null)?.focus({ preventScroll: true });
    const started = startDrag(pane, event, spot);
    if (!started) return;
    element.setPointerCapture(event.pointerId);
    drag = { id: event.pointerId, drag: started };
  };
  const onMove = (event: PointerEvent) => {
    pane.hoverAt(...at(event));
    if (drag?.id === event.pointerId) drag.drag.move(event);
  };
  const finish = (event: PointerEvent, cancelled: boolean) => {
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
  element.addEventListener("dblclick", () => enlargeOnDouble(pane), options);
  return () => listeners.abort();
}

function startDrag(
  pane: PaneCanvas,
  event: PointerEvent,
  spot: (event: MouseEvent) => PointerSpot | null,
): Drag | null {
  const { session, panning } = pane.view;
  if (event.button === 2) return windowDrag(pane, event);
  if (event.button === 1 || panning.value) return panDrag(pane, event);
  const start = spot(event);
  if (event.button !== 0 || !start) return null;
  const grabbed = grabPrompt(pane, event);
  if (grabbed) return grabbed;
  const tool = toolNamed(session.display.tool.value);
  if (!tool.press) return panDrag(pane, event, () => tool.tap?.(session, start));
  const gesture = tool.press(session, start);
  return gesture && toolDrag(gesture, spot, () => session.prompts.dropSketch());
}

function toolDrag(gesture: Gesture, spot: (event: MouseEvent) => PointerSpot | null, giveUp: () => void): Drag {
  return {
    move(event) {
      // A second button pressed during a drag comes as a move.
      if (event.buttons & RIGHT) giveUp();
      const events = event.getCoalescedEvents?.() ?? [];
      const spots = (events.length > 0 ? events : [event]).map(spot).filter((s) => s !== null);
      gesture.move(spots);
    },
    end: () => gesture.end(),
    cancel: () => gesture.cancel(),
  };
}

function panDrag(pane: PaneCanvas, start: PointerEvent, tap?: () => void): Drag {
  const viewport = pane.view.viewports[pane.name];
  let [x, y] = [start.clientX, start.clientY];
  let still = tap !== undefined;
  return {
    move(event) {
      still &&= Math.hypot(event.clientX - start.clientX, event.clientY - start.clientY) < STILL;
      if (still) return;
      const frame = pane.frame;
      if (frame) viewport.value = frame.panned(event.clientX - x, event.clientY - y);
      [x, y] = [event.clientX, event.clientY];
    },
    end() {
      if (still) tap?.();
    },
    cancel() {},
  };
}

function windowDrag(pane: PaneCanvas, start: PointerEvent): Drag {
  const { window } = pane.view.session.display;
  const before = window.value;
  return {
    move(event) {
      if (pane.view.session.header.value?.channels === 3) return;
      window.value = dragWindow(before, event.clientX - start.clientX, event.clientY - start.clientY);
    },
    end() {},
    cancel() {},
  };
}

/** Returns the travel that did not make a whole slice. */
function turnWheel(pane: PaneCanvas, event: WheelEvent, [x, y]: [number, number], rest: number): number {
  const { view } = pane;
  const { display } = view.session;
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

function enlargeOnDouble(pane: PaneCanvas): void {
  const { session, shown, layout } = pane.view;
  if (session.display.tool.value !== "navigate") return;
  if (layout.value !== "three" || shown.value.length > 1) pane.view.enlarge(pane.name);
}

function leave(pane: PaneCanvas): void {
  pane.view.hover.value = null;
}

function swallow(event: Event): void {
  event.preventDefault();
  event.stopPropagation();
}
