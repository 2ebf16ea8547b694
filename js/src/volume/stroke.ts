// A brush or eraser stroke while it is drawn: which voxels of one slice it has touched.
import type { Position, Region } from "../protocol";
import type { Mask } from "./mask";
import { otherAxes } from "./region";

/** A finished stroke: the voxels of `region` with a bit now have `value`. */
export interface Stroke {
  region: Region;
  bits: Uint8Array;
  value: number;
}

export class SliceStroke {
  readonly value: number;
  private readonly normal: number;
  private readonly index: number;
  private readonly axes: [number, number];
  private readonly size: [number, number];
  private readonly spacing: [number, number];
  private readonly bits: Uint8Array;
  /** Touched so far, half open: [a0, b0, a1, b1]. */
  private box: [number, number, number, number] = [Infinity, Infinity, -Infinity, -Infinity];

  constructor(shape: Position, spacing: Position, normal: number, index: number, value: number) {
    this.value = value;
    this.normal = normal;
    this.index = index;
    const [a, b] = otherAxes(normal);
    this.axes = [a, b];
    this.size = [shape[a] as number, shape[b] as number];
    this.spacing = [spacing[a] as number, spacing[b] as number];
    this.bits = new Uint8Array(this.size[0] * this.size[1]);
  }

  /**
   * Paint everything within `radius` mm of the line from one point to another (voxel coordinates, a voxel's centre at
   * the whole number), and the voxel under the end of it however small the radius is.
   */
  sweep(mask: Mask, from: Position, to: Position, radius: number): void {
    const [a, b] = this.axes;
    const [da, db] = this.spacing;
    const [fa, fb] = [from[a] as number, from[b] as number];
    const [ta, tb] = [to[a] as number, to[b] as number];
    const [va, vb] = [(ta - fa) * da, (tb - fb) * db];
    const length2 = va * va + vb * vb;
    const [ra, rb] = [radius / da, radius / db];
    const [a0, a1] = span(Math.min(fa, ta) - ra, Math.max(fa, ta) + ra, this.size[0]);
    const [b0, b1] = span(Math.min(fb, tb) - rb, Math.max(fb, tb) + rb, this.size[1]);
    for (let y = b0; y < b1; y++)
      for (let x = a0; x < a1; x++) {
        const [pa, pb] = [(x - fa) * da, (y - fb) * db];
        const along = length2 > 0 ? Math.min(1, Math.max(0, (pa * va + pb * vb) / length2)) : 0;
        const [ea, eb] = [pa - along * va, pb - along * vb];
        if (ea * ea + eb * eb <= radius * radius) this.touch(mask, x, y);
      }
    this.touch(mask, Math.round(ta), Math.round(tb));
  }

  /** Paint again what was touched so far, over a mask that changed under the stroke. */
  repaint(mask: Mask): void {
    const stroke = this.finish();
    if (stroke) mask.paint(stroke.region, stroke.bits, stroke.value);
  }

  /** The stroke cut to what it touched, or null where it touched nothing. */
  finish(): Stroke | null {
    const [a0, b0, a1, b1] = this.box;
    if (a0 >= a1 || b0 >= b1) return null;
    const width = a1 - a0;
    const bits = new Uint8Array(width * (b1 - b0));
    for (let y = b0; y < b1; y++) {
      const start = a0 + y * this.size[0];
      bits.set(this.bits.subarray(start, start + width), (y - b0) * width);
    }
    const region: Region = [0, 0, 0, 0, 0, 0];
    const [a, b] = this.axes;
    [region[a], region[a + 3]] = [a0, a1];
    [region[b], region[b + 3]] = [b0, b1];
    [region[this.normal], region[this.normal + 3]] = [this.index, this.index + 1];
    return { region, bits, value: this.value };
  }

  private touch(mask: Mask, x: number, y: number): void {
    if (x < 0 || y < 0 || x >= this.size[0] || y >= this.size[1]) return;
    const bit = x + y * this.size[0];
    if (this.bits[bit]) return;
    this.bits[bit] = 1;
    const [a0, b0, a1, b1] = this.box;
    this.box = [Math.min(a0, x), Math.min(b0, y), Math.max(a1, x + 1), Math.max(b1, y + 1)];
    const [a, b] = this.axes;
    const at =
      this.index * (mask.strides[this.normal] as number) +
      x * (mask.strides[a] as number) +
      y * (mask.strides[b] as number);
    if (this.value > 255) mask.widen();
    mask.data[at] = this.value;
    mask.used = true;
  }
}

function span(low: number, high: number, size: number): [number, number] {
  return [Math.max(0, Math.ceil(low)), Math.min(size, Math.floor(high) + 1)];
}

/** Halves of a stroke along its longest axis, for one whose packed bits would be too large for a message. */
export function halves(stroke: Stroke): [Stroke, Stroke] | null {
  const { region, bits, value } = stroke;
  const axis = region[5] - region[2] > 1 ? 2 : 1;
  const [low, high] = [region[axis] as number, region[axis + 3] as number];
  if (high - low < 2) return null;
  const middle = (low + high) >> 1;
  // The cut axis is the slowest one of the region, so that each half is one run of bits.
  const cut = (bits.length / (high - low)) * (middle - low);
  const first: Region = [...region];
  const second: Region = [...region];
  first[axis + 3] = middle;
  second[axis] = middle;
  return [
    { region: first, bits: bits.subarray(0, cut), value },
    { region: second, bits: bits.subarray(cut), value },
  ];
}
