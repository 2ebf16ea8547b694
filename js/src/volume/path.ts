// Ways over the voxel grid that a pointer has drawn.
import type { Position } from "../protocol";

export function clampInto(position: Position, shape: Position): Position {
  return position.map((v, axis) => Math.min((shape[axis] as number) - 1, Math.max(0, v))) as Position;
}

/** The voxels on a straight line, both ends included: one for each step along the axis that it is longest on. */
export function lineOfVoxels(from: Position, to: Position): Position[] {
  const way = to.map((v, axis) => v - (from[axis] as number));
  const steps = Math.max(...way.map(Math.abs));
  return Array.from({ length: steps + 1 }, (_, step) => {
    const part = steps === 0 ? 0 : step / steps;
    return from.map((v, axis) => v + Math.round((way[axis] as number) * part) || 0) as Position;
  });
}

/** How long the way through the points is, in mm. */
export function lengthOf(points: readonly Position[], spacing: Position): number {
  let length = 0;
  for (const [index, to] of points.entries()) {
    const from = points[index - 1] ?? to;
    length += Math.hypot(...[0, 1, 2].map((a) => ((to[a] as number) - (from[a] as number)) * (spacing[a] as number)));
  }
  return length;
}

/** The corners of a closed outline: without points that are passed straight on. */
export function corners(outline: readonly Position[]): Position[] {
  const kept: Position[] = [];
  for (const point of outline) {
    const [before, last] = [kept.at(-2), kept.at(-1)];
    if (last && same(last, point)) continue;
    if (before && last && straight(before, last, point)) kept.pop();
    kept.push(point);
  }
  while (kept.length > 1 && same(kept[0] as Position, kept.at(-1) as Position)) kept.pop();
  return kept;
}

function same(a: Position, b: Position): boolean {
  return a.every((v, axis) => v === b[axis]);
}

/** Whether b lies on the way from a to c. */
function straight(a: Position, b: Position, c: Position): boolean {
  const [ab, bc] = [minus(b, a), minus(c, b)];
  const dot = ab[0] * bc[0] + ab[1] * bc[1] + ab[2] * bc[2];
  return dot > 0 && [0, 1, 2].every((axis) => cross(ab, bc, axis) === 0);
}

function minus(a: Position, b: Position): Position {
  return [a[0] - b[0], a[1] - b[1], a[2] - b[2]];
}

function cross(a: Position, b: Position, axis: number): number {
  const [u, v] = [(axis + 1) % 3, (axis + 2) % 3];
  return (a[u] as number) * (b[v] as number) - (a[v] as number) * (b[u] as number);
}
