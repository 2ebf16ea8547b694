// Where a drawn prompt can be taken hold of, and what it becomes when it is moved. Lengths are CSS pixels of the pane.
import type { Position, PromptInfo } from "../protocol";
import type { PlaneGeometry } from "../volume/planeGeometry";
import type { Frame } from "./viewport";

/** A disc, a corner or a handle is hit this near. */
const NEAR = 9;
/** A line is hit this near: less, so that it is easy to click beside it. */
const NEAR_LINE = 5;
/** Sides of a box shorter than this have no handle in their middle. */
const SHORT = 44;

/** Which sides of a box are moved: -1 the first, 1 the last, 0 neither, for columns and rows. Both 0 moves the whole. */
export type Sides = readonly [column: number, row: number];

export interface Hit {
  prompt: PromptInfo;
  sides: Sides;
}

/** How a slice is shown in a pane. */
export interface Showing {
  geometry: PlaneGeometry;
  frame: Frame;
  slice: number;
}

const WHOLE: Sides = [0, 0];

/** What is taken hold of at a point; of several prompts the one that comes first. */
export function hitPrompt(prompts: readonly PromptInfo[], showing: Showing, x: number, y: number): Hit | null {
  for (const prompt of prompts) {
    if (prompt.id === undefined || !inSlice(prompt, showing)) continue;
    const sides = hitSides(prompt, showing, x, y);
    if (sides) return { prompt, sides };
  }
  return null;
}

/** Whether a prompt lies in the slice that is shown, so that it can be moved there. */
export function inSlice(prompt: PromptInfo, { geometry, slice }: Pick<Showing, "geometry" | "slice">): boolean {
  const { normal } = geometry;
  const depth = (position: readonly number[] | undefined) => position?.[normal] ?? 0;
  if (prompt.slice) return prompt.slice[0] === normal && prompt.slice[1] === slice;
  if (prompt.kind === "click") return depth(prompt.position) === slice;
  if (prompt.kind === "box") return depth(prompt.lower) <= slice && slice <= depth(prompt.upper);
  if (prompt.kind === "lasso") return prompt.plane === normal && depth(prompt.points?.[0]) === slice;
  return prompt.kind === "scribble" && (prompt.positions ?? []).some((position) => depth(position) === slice);
}

/** The corners of a box on the screen, its outer edges, since its first and last voxels are both inside. */
export function boxEdges(prompt: PromptInfo, { geometry, frame }: Pick<Showing, "geometry" | "frame">) {
  const [a, b] = [geometry.toPlane(prompt.lower ?? []), geometry.toPlane(prompt.upper ?? [])];
  const [left, top] = frame.toScreen([Math.min(a[0], b[0]) - 0.5, Math.min(a[1], b[1]) - 0.5]);
  const [right, bottom] = frame.toScreen([Math.max(a[0], b[0]) + 0.5, Math.max(a[1], b[1]) + 0.5]);
  return { left, top, right, bottom };
}

/** The places of a box's handles, with the sides that each moves. */
export function boxHandles(prompt: PromptInfo, showing: Pick<Showing, "geometry" | "frame">) {
  const { left, top, right, bottom } = boxEdges(prompt, showing);
  const places = { x: [left, (left + right) / 2, right], y: [top, (top + bottom) / 2, bottom] };
  const handles: { x: number; y: number; sides: Sides }[] = [];
  for (const column of [-1, 0, 1])
    for (const row of [-1, 0, 1]) {
      if (column === 0 && (row === 0 || right - left < SHORT)) continue;
      if (row === 0 && bottom - top < SHORT) continue;
      handles.push({ x: places.x[column + 1] as number, y: places.y[row + 1] as number, sides: [column, row] });
    }
  return handles;
}

function hitSides(prompt: PromptInfo, showing: Showing, x: number, y: number): Sides | null {
  const { geometry, frame, slice } = showing;
  const at = (position: readonly number[]) => frame.toScreen(geometry.toPlane(position));
  const near = (position: readonly number[] | undefined, reach: number) => {
    if (!position) return false;
    const [px, py] = at(position);
    return Math.hypot(px - x, py - y) <= reach;
  };
  switch (prompt.kind) {
    case "click":
      return near(prompt.position, NEAR) ? WHOLE : null;
    case "box":
      return hitBox(prompt, showing, x, y);
    case "lasso": {
      const outline = (prompt.points ?? []).map(at);
      return near(prompt.points?.[0], NEAR) || onLine([...outline, ...outline.slice(0, 1)], x, y) ? WHOLE : null;
    }
    case "scribble": {
      const reach = Math.max(NEAR_LINE, Math.min(...frame.voxel) / 2);
      const here = (prompt.positions ?? []).filter((position) => (position[geometry.normal] ?? 0) === slice);
      return near(here[0], NEAR) || here.some((position) => near(position, reach)) ? WHOLE : null;
    }
    default:
      return null;
  }
}

function hitBox(prompt: PromptInfo, showing: Showing, x: number, y: number): Sides | null {
  const handles = boxHandles(prompt, showing).map((handle) => ({
    ...handle,
    away: Math.max(Math.abs(handle.x - x), Math.abs(handle.y - y)),
  }));
  const nearest = handles.sort((a, b) => a.away - b.away)[0];
  if (nearest && nearest.away <= NEAR) return nearest.sides;
  const { left, top, right, bottom } = boxEdges(prompt, showing);
  const corners: [number, number][] = [
    [left, top],
    [right, top],
    [right, bottom],
    [left, bottom],
    [left, top],
  ];
  return onLine(corners, x, y) ? WHOLE : null;
}

function onLine(points: readonly (readonly [number, number])[], x: number, y: number): boolean {
  return points.some((b, n) => n > 0 && toSegment(points[n - 1] as [number, number], b, x, y) <= NEAR_LINE);
}

function toSegment(a: readonly [number, number], b: readonly [number, number], x: number, y: number): number {
  const [dx, dy] = [b[0] - a[0], b[1] - a[1]];
  const length = dx * dx + dy * dy;
  const part = length === 0 ? 0 : Math.max(0, Math.min(1, ((x - a[0]) * dx + (y - a[1]) * dy) / length));
  return Math.hypot(a[0] + part * dx - x, a[1] + part * dy - y);
}

/**
 * A prompt moved by whole voxels, as far as it stays inside of the image; or a box with some of its sides moved.
 * `by` is a difference of voxel positions, 0 along the axis across the plane.
 */
export function moved(
  prompt: PromptInfo,
  sides: Sides,
  by: Position,
  geometry: PlaneGeometry,
  shape: Position,
): PromptInfo {
  if (prompt.kind === "box" && (sides[0] !== 0 || sides[1] !== 0)) return resized(prompt, sides, by, geometry, shape);
  const points = pointsOf(prompt);
  const way = by.map((step, axis) => {
    const along = points.map((point) => point[axis] ?? 0);
    const most = (shape[axis] as number) - 1 - Math.max(...extreme(along, Math.max));
    return Math.min(most, Math.max(-Math.min(...extreme(along, Math.min)), Math.round(step))) || 0;
  });
  const shift = (point: readonly number[]) => point.map((v, axis) => v + (way[axis] as number));
  if (prompt.kind === "click") return { ...prompt, position: shift(prompt.position ?? []) };
  if (prompt.kind === "box") return { ...prompt, lower: shift(prompt.lower ?? []), upper: shift(prompt.upper ?? []) };
  if (prompt.kind === "lasso") return { ...prompt, points: points.map(shift) };
  if (prompt.kind === "scribble") return { ...prompt, positions: points.map(shift) };
  return prompt;
}

/** One number, found without a call of as many arguments as a scribble has voxels. */
function extreme(values: readonly number[], pick: (a: number, b: number) => number): [number] {
  return [values.reduce((a, b) => pick(a, b))];
}

function resized(prompt: PromptInfo, sides: Sides, by: Position, geometry: PlaneGeometry, shape: Position): PromptInfo {
  const [lower, upper] = [[...(prompt.lower ?? [])], [...(prompt.upper ?? [])]];
  const axes = [geometry.plane.right, geometry.plane.down] as const;
  axes.forEach(([axis, direction], which) => {
    const side = (sides[which] as number) * direction;
    if (side === 0) return;
    const end = side > 0 ? upper : lower;
    const to = (end[axis] ?? 0) + Math.round(by[axis] as number);
    end[axis] = Math.min((shape[axis] as number) - 1, Math.max(0, to));
  });
  // A side that was dragged past the other one: the box is turned over.
  return {
    ...prompt,
    lower: lower.map((v, axis) => Math.min(v, upper[axis] as number)),
    upper: upper.map((v, axis) => Math.max(v, lower[axis] as number)),
  };
}

function pointsOf(prompt: PromptInfo): readonly number[][] {
  if (prompt.kind === "click") return [prompt.position ?? []];
  if (prompt.kind === "box") return [prompt.lower ?? [], prompt.upper ?? []];
  return prompt.points ?? prompt.positions ?? [];
}

/** A voxel to look at a prompt from: in the middle of a click or box, on the line of what was drawn. */
export function placeOf(prompt: PromptInfo): Position | null {
  const { position, lower, upper, points, positions } = prompt;
  const middle = lower && upper && lower.map((v, axis) => (v + (upper[axis] as number)) >> 1);
  const place = position ?? middle ?? points?.[0] ?? positions?.[positions.length >> 1];
  return place ? [place[0] ?? 0, place[1] ?? 0, place[2] ?? 0] : null;
}

/** The axis across a prompt that lies in one slice, and the slice; null for one that lies in several, or in a voxel. */
export function sliceOf(prompt: PromptInfo): readonly [axis: number, index: number] | null {
  if (prompt.slice) return prompt.slice;
  const points = pointsOf(prompt);
  const first = points[0];
  if (!first || prompt.kind === "click") return null;
  if (prompt.kind === "lasso") return [prompt.plane ?? 2, first[prompt.plane ?? 2] ?? 0];
  const flat = [0, 1, 2].filter((axis) => points.every((point) => (point[axis] ?? 0) === (first[axis] ?? 0)));
  return flat.length === 1 ? [flat[0] as number, first[flat[0] as number] ?? 0] : null;
}
