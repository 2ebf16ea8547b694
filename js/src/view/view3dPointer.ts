// Pointer and wheel in the 3D pane: turn, pan, zoom, and point at a surface. Its keys are in ui/actions/view3dActions.ts.
import { dragged, type Orbit, panned, zoomed } from "../view3d/orbit";
import type { View3dCanvas } from "./view3dCanvas";

/** Moving less than this between press and release is a click. */
const CLICK_DISTANCE = 4;

type Point = [x: number, y: number];

export function attachView3dPointer(pane: View3dCanvas): () => void {
  const { canvas, view } = pane;
  const listeners = new AbortController();
  const options = { signal: listeners.signal };
  const pointers = new Map<number, Point>();
  let start: Point | null = null;

  const onDown = (event: PointerEvent) => {
    event.preventDefault();
    event.stopPropagation();
    canvas.focus({ preventScroll: true });
    canvas.setPointerCapture(event.pointerId);
    pointers.set(event.pointerId, [event.clientX, event.clientY]);
    start = pointers.size === 1 && event.button === 0 && !pans(event) ? [event.clientX, event.clientY] : null;
  };
  const onMove = (event: PointerEvent) => {
    const before = pointers.get(event.pointerId);
    if (!before) return;
    const now: Point = [event.clientX, event.clientY];
    if (start && Math.hypot(now[0] - start[0], now[1] - start[1]) < CLICK_DISTANCE) return;
    start = null;
    const other = [...pointers].find(([id]) => id !== event.pointerId)?.[1];
    if (other) view.orbit.value = pinched(pane, before, now, other);
    else {
      const [dx, dy] = [now[0] - before[0], now[1] - before[1]];
      const pan = event.buttons !== 1 || pans(event);
      view.orbit.value = pan ? panned(view.orbit.value, dx, dy, pane.scene.scale) : dragged(view.orbit.value, dx, dy);
    }
    pointers.set(event.pointerId, now);
  };
  const onUp = (event: PointerEvent) => {
    pointers.delete(event.pointerId);
    if (start && event.type === "pointerup") pointAt(pane, event);
    start = null;
  };
  const pans = (event: PointerEvent) => event.shiftKey || view.panning.peek();

  canvas.addEventListener("pointerdown", onDown, options);
  canvas.addEventListener("pointermove", onMove, options);
  canvas.addEventListener("pointerup", onUp, options);
  canvas.addEventListener("pointercancel", onUp, options);
  canvas.addEventListener("wheel", (event) => turnWheel(pane, event), { ...options, passive: false });
  canvas.addEventListener("dblclick", () => view.enlarge("view3d"), options);
  canvas.addEventListener("contextmenu", swallow, options);
  return () => listeners.abort();
}

/** The crosshair goes to the surface under the pointer. */
function pointAt(pane: View3dCanvas, event: PointerEvent): void {
  const box = pane.canvas.getBoundingClientRect();
  const found = pane.scene.pick(event.clientX - box.left, event.clientY - box.top);
  const { display } = pane.view.store;
  const { header } = pane.view.store.image;
  if (found && header.value) display.moveCursor(found, header.value.shape);
}

function turnWheel(pane: View3dCanvas, event: WheelEvent): void {
  swallow(event);
  const unit = event.deltaMode === WheelEvent.DOM_DELTA_LINE ? 20 : 1;
  const delta = Math.max(-120, Math.min(120, event.deltaY * unit));
  zoomAt(pane, Math.exp(-delta * 0.0022), [event.clientX, event.clientY]);
}

/** Two fingers: what lies under them stays there. */
function pinched(pane: View3dCanvas, before: Point, now: Point, other: Point): Orbit {
  const { orbit } = pane.view;
  const far = (a: Point, b: Point) => Math.max(1, Math.hypot(a[0] - b[0], a[1] - b[1]));
  const moved = panned(orbit.value, (now[0] - before[0]) / 2, (now[1] - before[1]) / 2, pane.scene.scale);
  return zoomed(moved, far(now, other) / far(before, other), ...fromMiddle(pane, middle(now, other)));
}

function middle(a: Point, b: Point): Point {
  return [(a[0] + b[0]) / 2, (a[1] + b[1]) / 2];
}

function zoomAt(pane: View3dCanvas, factor: number, point: Point): void {
  pane.view.orbit.value = zoomed(pane.view.orbit.value, factor, ...fromMiddle(pane, point));
}

/** Millimetres to the right of and above the pane's middle. */
function fromMiddle(pane: View3dCanvas, [x, y]: Point): [number, number] {
  const box = pane.canvas.getBoundingClientRect();
  const { scale } = pane.scene;
  return [(x - box.left - box.width / 2) / scale, (box.top + box.height / 2 - y) / scale];
}

function swallow(event: Event): void {
  event.preventDefault();
  event.stopPropagation();
}
