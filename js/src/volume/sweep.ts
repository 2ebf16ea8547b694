// The brush's tip drawn along a line: a disc in the slice, or a ball that reaches into the slices beside it.
import type { Position, Region } from "../protocol";
import { otherAxes } from "./region";
import type { DrawnStroke } from "./stroke";

export interface Tip {
  /** The array axis across the plane that is painted in. */
  normal: number;
  /** In mm. */
  radius: number;
  ball: boolean;
}

/**
 * Touch every voxel whose centre lies within the tip's radius of the line from one point to another (voxel coordinates, a
 * voxel's centre at whole numbers), and the voxel under the end of the line however small the radius is. Both points lie in
 * one slice; without `ball`, so does all that is touched.
 */
export function sweep(stroke: DrawnStroke, spacing: Position, tip: Tip, from: Position, to: Position): void {
  const { normal, radius, ball } = tip;
  const [a, b] = otherAxes(normal);
  const depth = Math.round(to[normal] as number);
  const reach = ball ? radius / (spacing[normal] as number) : 0;
  const region: Region = [0, 0, 0, 0, 0, 0];
  const bound = (axis: number, low: number, high: number) => {
    region[axis] = Math.max(0, Math.ceil(low));
    region[axis + 3] = Math.min(stroke.shape[axis] as number, Math.floor(high) + 1);
  };
  for (const axis of [a, b]) {
    const [f, t, r] = [from[axis] as number, to[axis] as number, radius / (spacing[axis] as number)];
    // The voxel under the end counts too.
    bound(axis, Math.min(f - r, t - r, Math.round(t)), Math.max(f + r, t + r, Math.round(t)));
  }
  bound(normal, depth - reach, depth + reach);
  stroke.reserve(region);
  const capsule = new Capsule([from[a], from[b]] as Pair, [to[a], to[b]] as Pair, [spacing[a], spacing[b]] as Pair);
  const start: Position = [0, 0, 0];
  for (let s = region[normal] as number; s < (region[normal + 3] as number); s++) {
    const off = (s - depth) * (spacing[normal] as number);
    capsule.radius2 = radius * radius - off * off;
    for (let y = region[b] as number; y < (region[b + 3] as number); y++) {
      if (!capsule.row(y, region[a] as number, region[a + 3] as number)) continue;
      start[normal] = s;
      start[b] = y;
      start[a] = capsule.first;
      stroke.run(a, start[0], start[1], start[2], capsule.last - capsule.first + 1);
    }
  }
  const end = to.map(Math.round) as Position;
  if (end.every((v, axis) => v >= 0 && v < (stroke.shape[axis] as number))) stroke.run(a, end[0], end[1], end[2], 1);
}

type Pair = [number, number];

/** All points within a distance of a line, cut along rows. Along each axis in voxels; distances are mm. */
class Capsule {
  /** Square of the distance in mm; negative where there is nothing. */
  radius2 = 0;
  /** The row's first and last voxel. */
  first = 0;
  last = 0;
  private readonly from: Pair;
  private readonly pixel: Pair;
  /** The line in mm, and its length squared. */
  private readonly way: Pair;
  private readonly length2: number;

  constructor(from: Pair, to: Pair, pixel: Pair) {
    this.from = from;
    this.pixel = pixel;
    this.way = [(to[0] - from[0]) * pixel[0], (to[1] - from[1]) * pixel[1]];
    this.length2 = this.way[0] ** 2 + this.way[1] ** 2;
  }

  /** Find the voxels of row `y` that lie inside, among those from `low` up to below `high`; false where none does. */
  row(y: number, low: number, high: number): boolean {
    if (this.radius2 < 0) return false;
    const [begin, end] = this.span((y - this.from[1]) * this.pixel[1]);
    if (begin > end) return false;
    const place = (mm: number) => mm / this.pixel[0] + this.from[0];
    let first = Math.max(low, Math.ceil(place(begin)));
    let last = Math.min(high - 1, Math.floor(place(end)));
    // The span is right but for rounding; whether a voxel belongs to it is one formula, whatever the span says.
    while (first > low && this.holds(first - 1, y)) first--;
    while (last < high - 1 && this.holds(last + 1, y)) last++;
    while (first <= last && !this.holds(first, y)) first++;
    while (first <= last && !this.holds(last, y)) last--;
    this.first = first;
    this.last = last;
    return first <= last;
  }

  private holds(x: number, y: number): boolean {
    const [va, vb] = this.way;
    const [pa, pb] = [(x - this.from[0]) * this.pixel[0], (y - this.from[1]) * this.pixel[1]];
    const along = this.length2 > 0 ? Math.min(1, Math.max(0, (pa * va + pb * vb) / this.length2)) : 0;
    const [ea, eb] = [pa - along * va, pb - along * vb];
    return ea * ea + eb * eb <= this.radius2;
  }

  /** Where a row begins and ends, in mm from the line's beginning: the disc at either end, and the band between. */
  private span(pb: number): Pair {
    const [va, vb] = this.way;
    const near = Math.sqrt(Math.max(0, this.radius2 - pb * pb));
    const far = Math.sqrt(Math.max(0, this.radius2 - (pb - vb) ** 2));
    const span: Pair = pb * pb <= this.radius2 ? [-near, near] : [Infinity, -Infinity];
    if ((pb - vb) ** 2 <= this.radius2) {
      span[0] = Math.min(span[0], va - far);
      span[1] = Math.max(span[1], va + far);
    }
    if (this.length2 === 0) return span;
    const wide = Math.sqrt(this.radius2 * this.length2);
    const across = limits(vb, pb * va, -wide, wide);
    const along = limits(va, -pb * vb, 0, this.length2);
    const band: Pair = [Math.max(across[0], along[0]), Math.min(across[1], along[1])];
    return band[0] > band[1] ? span : [Math.min(span[0], band[0]), Math.max(span[1], band[1])];
  }
}

/** The x with low <= factor · x - shift <= high. */
function limits(factor: number, shift: number, low: number, high: number): Pair {
  if (factor === 0) return -shift >= low && -shift <= high ? [-Infinity, Infinity] : [Infinity, -Infinity];
  const [one, other] = [(low + shift) / factor, (high + shift) / factor];
  return one < other ? [one, other] : [other, one];
}
