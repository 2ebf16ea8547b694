// The outline of every label in a slice, as lines between voxels: sharp at any zoom, unlike the voxels at the border.
import type { Mask } from "../volume/mask";
import type { PlaneGeometry } from "../volume/planeGeometry";

/** Lines of one label in the plane's voxels, four numbers each: x0, y0, x1, y1; voxel (0, 0) lies between 0 and 1. */
export type Contours = ReadonlyMap<number, readonly number[]>;

/** The outlines in one slice; voxels beyond the edge of the picture have no label. */
export function contoursOf(mask: Mask, geometry: PlaneGeometry, slice: number): Contours {
  const contours = new Map<number, number[]>();
  if (!mask.used) return contours;
  const { columns, rows } = geometry;
  const { start, column, row } = geometry.walk(slice, mask.strides);
  const data = mask.data;
  trace(rows, columns, (across, along) => data[start + across * row + along * column] as number, contours, false);
  trace(columns, rows, (across, along) => data[start + along * row + across * column] as number, contours, true);
  return contours;
}

/** Lines between neighbours across one direction; what goes on along the other is one line. */
function trace(
  across: number,
  along: number,
  at: (across: number, along: number) => number,
  contours: Map<number, number[]>,
  upright: boolean,
): void {
  const add = (value: number, edge: number, from: number, to: number) => {
    if (value === 0) return;
    const lines = contours.get(value) ?? [];
    contours.set(value, lines);
    if (upright) lines.push(edge, from, edge, to);
    else lines.push(from, edge, to, edge);
  };
  for (let edge = 0; edge <= across; edge++) {
    let [before, after, from] = [0, 0, 0];
    for (let place = 0; place <= along; place++) {
      const inside = place < along;
      const a = inside && edge > 0 ? at(edge - 1, place) : 0;
      const b = inside && edge < across ? at(edge, place) : 0;
      if (a === before && b === after) continue;
      if (before !== after) {
        add(before, edge, from, place);
        add(after, edge, from, place);
      }
      [before, after, from] = [a, b, place];
    }
  }
}
