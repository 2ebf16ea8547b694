// The voxels inside of a polygon that lies in one slice.
import type { Position, Region } from "../protocol";
import { otherAxes } from "./region";
import type { DrawnStroke } from "./stroke";

/**
 * Touch every voxel of the slice whose centre lies inside of the polygon: on a line from it to either side, the outline is
 * crossed an odd number of times. So of two polygons with a common edge, each voxel belongs to one.
 *
 * `points` are its corners in voxel coordinates, a voxel's centre at whole numbers; the last is joined with the first.
 */
export function fillPolygon(stroke: DrawnStroke, normal: number, slice: number, points: readonly Position[]): void {
  const [a, b] = otherAxes(normal);
  const corners = points.map((point): [number, number] => [point[a] as number, point[b] as number]);
  const [width, height] = [stroke.shape[a] as number, stroke.shape[b] as number];
  const rows = corners.map(([, y]) => y);
  const [top, bottom] = [
    Math.max(0, Math.ceil(Math.min(...rows))),
    Math.min(height - 1, Math.floor(Math.max(...rows))),
  ];
  const region: Region = [0, 0, 0, 0, 0, 0];
  [region[a], region[a + 3]] = [0, width];
  [region[b], region[b + 3]] = [top, Math.max(top, bottom + 1)];
  [region[normal], region[normal + 3]] = [slice, slice + 1];
  stroke.reserve(region);
  const start: Position = [0, 0, 0];
  start[normal] = slice;
  for (let y = top; y <= bottom; y++) {
    const crossings = crossingsOf(corners, y);
    for (let n = 0; n + 1 < crossings.length; n += 2) {
      const first = Math.max(0, Math.ceil(crossings[n] as number));
      const last = Math.min(width, Math.ceil(crossings[n + 1] as number)) - 1;
      if (first > last) continue;
      [start[a], start[b]] = [first, y];
      stroke.run(a, start[0], start[1], start[2], last - first + 1);
    }
  }
}

/** Where the outline crosses a row, in order. */
function crossingsOf(corners: readonly [number, number][], y: number): number[] {
  const crossings: number[] = [];
  for (const [n, [x0, y0]] of corners.entries()) {
    const [x1, y1] = corners[(n + 1) % corners.length] as [number, number];
    if (y0 <= y !== y1 <= y) crossings.push(x0 + ((y - y0) / (y1 - y0)) * (x1 - x0));
  }
  return crossings.sort((p, q) => p - q);
}
