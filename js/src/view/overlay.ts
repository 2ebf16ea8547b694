// What is drawn over a slice: crosshair, prompts, the brush's outline, orientation letters and the scale bar.

import { toolNamed } from "../tools";
import type { PlaneGeometry } from "../volume/planeGeometry";
import type { Pen } from "./pen";
import { drawPolygonSketch } from "./polygonOverlay";
import { drawPrompts } from "./promptOverlay";
import type { Frame, Size } from "./viewport";
import type { Hover, ViewState } from "./viewState";

const FONT = "600 11px system-ui, -apple-system, 'Segoe UI', sans-serif";
const INK = "rgba(235, 240, 245, 0.88)";
const SHADE = "rgba(0, 0, 0, 0.75)";
/** Half the opening in the middle of the crosshair, so that it does not hide what it points at. */
const GAP = 9;

export function drawOverlay(
  pen: Pen,
  view: ViewState,
  geometry: PlaneGeometry,
  frame: Frame,
  size: Size,
  slice: number,
): void {
  const { display } = view.store;
  const { header } = view.store.image;
  const { state } = view.store.kernel;
  const byKey = view.pointer.inUse.peek();
  const cross = frame.toScreen(geometry.toPlane(display.cursor.peek()));
  if (!header.peek()?.flat || byKey) drawCrosshair(pen, cross, size);
  drawPrompts(pen, view.prompts.peek(), state.peek()?.labels ?? [], { geometry, frame, slice });
  drawPolygon(pen, view, { geometry, frame, slice });
  drawLetters(pen, geometry.plane.letters, size);
  drawScale(pen, frame.scale, header.peek()?.oriented ? "mm" : "px", size);
  const hover = view.hover.peek();
  const here = byKey && view.activeGeometry?.name === geometry.name ? { x: cross[0], y: cross[1] } : null;
  const at = hover?.name === geometry.name ? hover : here;
  if (at && toolNamed(display.tool.peek()).sized && !view.panning.peek())
    drawDisc(pen, at, display.radius.peek() * frame.scale);
}

function drawPolygon(pen: Pen, view: ViewState, showing: { geometry: PlaneGeometry; frame: Frame; slice: number }) {
  const { polygon } = view.store;
  const { state } = view.store.kernel;
  const { activeValue } = view.store.choices;
  const sketch = polygon.sketch.peek();
  if (!sketch) return;
  const hover = view.hover.peek();
  const label = state.peek()?.labels.find(({ value }) => value === activeValue);
  drawPolygonSketch(pen, sketch, label, showing, hover?.name === showing.geometry.name ? hover : null);
}

function drawCrosshair(pen: Pen, [x, y]: [number, number], { width, height }: Size): void {
  const [cx, cy] = [Math.round(x) + 0.5, Math.round(y) + 0.5];
  pen.strokeStyle = "rgba(110, 190, 255, 0.55)";
  pen.lineWidth = 1;
  pen.beginPath();
  for (const [from, to] of [
    [0, cx - GAP],
    [cx + GAP, width],
  ] as const) {
    pen.moveTo(from, cy);
    pen.lineTo(to, cy);
  }
  for (const [from, to] of [
    [0, cy - GAP],
    [cy + GAP, height],
  ] as const) {
    pen.moveTo(cx, from);
    pen.lineTo(cx, to);
  }
  pen.stroke();
}

function drawLetters(pen: Pen, [left, right, top, bottom]: readonly string[], { width, height }: Size): void {
  pen.textBaseline = "middle";
  pen.textAlign = "left";
  write(pen, left ?? "", 7, height / 2);
  pen.textAlign = "right";
  write(pen, right ?? "", width - 7, height / 2);
  pen.textAlign = "center";
  write(pen, top ?? "", width / 2, 14);
  write(pen, bottom ?? "", width / 2, height - 14);
}

/** The longest of 1, 2, 5, 10, 20 … units that fits into about a fifth of the pane. */
export function scaleLength(scale: number, width: number): number {
  const most = Math.max(30, width * 0.22) / scale;
  const ten = 10 ** Math.floor(Math.log10(most));
  return ([5, 2, 1].find((step) => step * ten <= most) ?? 1) * ten;
}

function drawScale(pen: Pen, scale: number, unit: string, { width, height }: Size): void {
  const length = scaleLength(scale, width);
  const [x, y, long] = [10, height - 12, length * scale];
  for (const [style, line] of [
    [SHADE, 4],
    [INK, 2],
  ] as const) {
    pen.strokeStyle = style;
    pen.lineWidth = line;
    pen.beginPath();
    pen.moveTo(x, y);
    pen.lineTo(x + long, y);
    pen.stroke();
  }
  pen.textAlign = "left";
  pen.textBaseline = "alphabetic";
  write(pen, `${Number(length.toPrecision(3))} ${unit}`, x, y - 6);
}

function drawDisc(pen: Pen, { x, y }: Pick<Hover, "x" | "y">, radius: number): void {
  for (const [style, line] of [
    [SHADE, 3],
    ["#ffffff", 1.25],
  ] as const) {
    pen.strokeStyle = style;
    pen.lineWidth = line;
    pen.beginPath();
    pen.arc(x, y, Math.max(2, radius), 0, 2 * Math.PI);
    pen.stroke();
  }
}

function write(pen: Pen, text: string, x: number, y: number): void {
  if (!text) return;
  pen.font = FONT;
  pen.lineJoin = "round";
  pen.lineWidth = 3;
  pen.strokeStyle = SHADE;
  pen.strokeText(text, x, y);
  pen.fillStyle = INK;
  pen.fillText(text, x, y);
}
