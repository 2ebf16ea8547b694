// The voxels that a model is not sure of, hatched: seen over any picture and over the label's own colour.
import type { UncertainVoxels } from "../store/uncertainBorder";
import type { PlaneGeometry } from "../volume/planeGeometry";
import { regionShape, strides } from "../volume/region";
import { rgb, spareColor } from "./palette";
import type { Pen } from "./pen";
import type { Frame } from "./viewport";
import type { ViewState } from "./viewState";

/** Between two lines of the hatching, in CSS pixels along a row. */
const APART = 8;
const SHADE = "rgba(0, 0, 0, 0.6)";

/** Uncertain voxels beside each other in a row of the plane, three numbers each: first column, column after the last, row. */
export type Runs = readonly number[];

/** Remembers what lies in the slice on the screen. */
export class UncertainOverlay {
  private runs: Runs = [];
  private found = "";
  private hatching: { pattern: CanvasPattern | null; key: string } = { pattern: null, key: "" };

  draw(pen: Pen, view: ViewState, geometry: PlaneGeometry, frame: Frame, slice: number): void {
    const { uncertainBorder, display, objects } = view.store;
    const { state } = view.store.kernel;
    const border = uncertainBorder.drawn;
    if (!border || display.hidden.peek().has(objects.labelOf(border.value)?.value ?? border.value)) return;
    const found = `${geometry.name} ${slice} ${uncertainBorder.version.peek()}`;
    if (found !== this.found) this.runs = runsOf(border, geometry, slice);
    this.found = found;
    if (this.runs.length === 0) return;
    const label = state.peek()?.labels.find(({ value }) => value === border.value);
    const pattern = this.hatchingIn(label ? rgb(label.color) : spareColor(border.value), pen);
    if (!pattern) return;
    const ratio = pen.getTransform().a || 1;
    // It moves with the picture, and its lines are equally far apart at any zoom.
    pattern.setTransform(new DOMMatrix([1 / ratio, 0, 0, 1 / ratio, frame.left, frame.top]));
    fillRuns(pen, this.runs, frame, pattern);
  }

  private hatchingIn(color: readonly number[], pen: Pen): CanvasPattern | null {
    const ratio = pen.getTransform().a || 1;
    const key = `${color} ${ratio}`;
    if (key !== this.hatching.key) this.hatching = { pattern: hatching(color, ratio, pen), key };
    return this.hatching.pattern;
  }
}

/** The uncertain voxels of one slice. */
export function runsOf(border: UncertainVoxels, geometry: PlaneGeometry, slice: number): Runs {
  const part = geometry.partOf(border.box, slice);
  if (!part) return [];
  const steps = strides(regionShape(border.box));
  const { start, column, row } = geometry.walk(slice, steps);
  // The walk is through the whole image; its box begins further on.
  const before = [0, 1, 2].reduce((sum, axis) => sum + (border.box[axis] as number) * (steps[axis] as number), 0);
  const runs: number[] = [];
  for (let y = part.top; y < part.bottom; y++) {
    let from = -1;
    for (let x = part.left; x <= part.right; x++) {
      const uncertain = x < part.right && border.bits[start - before + y * row + x * column] !== 0;
      if (uncertain && from < 0) from = x;
      else if (!uncertain && from >= 0) {
        runs.push(from, x, y);
        from = -1;
      }
    }
  }
  return runs;
}

function fillRuns(pen: Pen, runs: Runs, frame: Frame, style: CanvasPattern): void {
  pen.beginPath();
  for (let at = 0; at < runs.length; at += 3) {
    const [from, to, row] = [runs[at] as number, runs[at + 1] as number, runs[at + 2] as number];
    // Frame counts from the middle of a voxel.
    const [left, top] = frame.toScreen([from - 0.5, row - 0.5]);
    const [right, bottom] = frame.toScreen([to - 0.5, row + 0.5]);
    pen.rect(left, top, right - left, bottom - top);
  }
  pen.fillStyle = style;
  pen.fill();
}

/** Lines from the lower left to the upper right: light ones in the label's hue, each with a dark edge. */
function hatching(color: readonly number[], ratio: number, pen: Pen): CanvasPattern | null {
  const side = Math.round(APART * ratio);
  const tile = document.createElement("canvas");
  [tile.width, tile.height] = [side, side];
  const context = tile.getContext("2d");
  if (!context) return null;
  const light = color.map((channel) => Math.round(channel * 0.45 + 140));
  for (const [style, width] of [
    [SHADE, 2.5],
    [`rgb(${light})`, 1.25],
  ] as const) {
    context.strokeStyle = style;
    context.lineWidth = width * ratio;
    context.beginPath();
    for (const shift of [-side, 0, side]) {
      context.moveTo(shift - side, 2 * side);
      context.lineTo(shift + 2 * side, -side);
    }
    context.stroke();
  }
  return pen.createPattern(tile, "repeat");
}
