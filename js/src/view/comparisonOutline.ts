// The label that is compared with, drawn as a light line over the draft.

import type { PlaneGeometry } from "../volume/planeGeometry";
import { type Contours, contoursOf } from "./contour";
import { rgb, spareColor } from "./palette";
import type { Pen } from "./pen";
import type { Frame } from "./viewport";
import type { ViewState } from "./viewState";

const SHADE = "rgba(0, 0, 0, 0.8)";

/** Remembers the outlines of the slice on the screen. */
export class ComparisonOutline {
  private contours: Contours = new Map();
  private drawn = "";

  draw(pen: Pen, view: ViewState, geometry: PlaneGeometry, frame: Frame, slice: number): void {
    const { comparison, display, objects } = view.store;
    const { state } = view.store.kernel;
    const mask = comparison.mask;
    if (!mask) return;
    const drawn = `${geometry.name} ${slice} ${comparison.version.peek()}`;
    if (drawn !== this.drawn) this.contours = contoursOf(mask, geometry, slice);
    this.drawn = drawn;
    const colors = new Map(state.peek()?.labels.map(({ value, color }) => [value, rgb(color)]));
    for (const [value, lines] of this.contours) {
      if (display.hidden.peek().has(objects.labelOf(value)?.value ?? value)) continue;
      const light = (colors.get(value) ?? spareColor(value)).map((channel) => Math.round(channel * 0.45 + 140));
      strokeLines(pen, lines, frame, `rgb(${light})`);
    }
  }
}

function strokeLines(pen: Pen, lines: readonly number[], frame: Frame, color: string): void {
  pen.beginPath();
  for (let at = 0; at < lines.length; at += 4) {
    // Frame counts from the middle of a voxel.
    const [x0, y0] = frame.toScreen([(lines[at] as number) - 0.5, (lines[at + 1] as number) - 0.5]);
    const [x1, y1] = frame.toScreen([(lines[at + 2] as number) - 0.5, (lines[at + 3] as number) - 0.5]);
    pen.moveTo(x0, y0);
    pen.lineTo(x1, y1);
  }
  pen.lineCap = "round";
  for (const [style, width] of [
    [SHADE, 3.5],
    [color, 1.5],
  ] as const) {
    pen.strokeStyle = style;
    pen.lineWidth = width;
    pen.stroke();
  }
}
