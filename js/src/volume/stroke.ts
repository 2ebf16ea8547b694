// A stroke: which voxels the pointer has touched, kept in a box that grows with them and not with the volume.
import type { Region } from "../protocol";
import type { Mask } from "./mask";
import { mayPaint, NO_RULES, type PaintRules } from "./paintRules";
import { joinRegions, regionShape, regionSize } from "./region";

/** A finished stroke: the voxels of `region` with a bit now have `value`, but for those that `rules` keep. */
export interface Stroke {
  region: Region;
  bits: Uint8Array;
  value: number;
  /** The rules that it was drawn under; they count again wherever the stroke is painted over another mask. */
  rules: PaintRules;
  /** Of the way that it was drawn along, in mm. */
  length?: number;
}

/** Whether a voxel may be touched at all, by its place in the flat arrays. */
export type Accept = (at: number) => boolean;

interface Options {
  rules?: PaintRules;
  accept?: Accept | null;
}

export class DrawnStroke {
  readonly value: number;
  readonly rules: PaintRules;
  /** Of the way that it was drawn along so far, in mm. */
  length = 0;
  private readonly mask: Mask;
  private readonly accept: Accept | null;
  private room: Region = [0, 0, 0, 0, 0, 0];
  private bits = new Uint8Array(0);
  /** The tight box of what was touched. */
  private low = [Infinity, Infinity, Infinity];
  private high = [-Infinity, -Infinity, -Infinity];

  constructor(mask: Mask, value: number, { rules = NO_RULES, accept = null }: Options = {}) {
    this.mask = mask;
    this.value = value;
    this.rules = rules;
    this.accept = accept;
  }

  get shape() {
    return this.mask.shape;
  }

  /** Voxels of this region of the image will be touched: make room, with a margin so that a moving pointer seldom asks for more. */
  reserve(region: Region): void {
    if (regionSize(region) === 0) return;
    this.mask.written(region);
    if (contains(this.room, region)) return;
    const joined = regionSize(this.room) === 0 ? region : joinRegions(this.room, region);
    const room = [...joined] as Region;
    for (const axis of [0, 1, 2]) {
      const [low, high] = [joined[axis] as number, joined[axis + 3] as number];
      if (high - low === 1) continue;
      const margin = (high - low) >> 2;
      room[axis] = Math.max(0, low - margin);
      room[axis + 3] = Math.min(this.mask.shape[axis] as number, high + margin);
    }
    const bits = new Uint8Array(regionSize(room));
    if (this.bits.length > 0) copy(this.bits, this.room, bits, room, this.room);
    [this.room, this.bits] = [room, bits];
  }

  /** Touch `count` voxels from (x, y, z) on along an array axis, all of them inside of what was reserved. */
  run(axis: number, x: number, y: number, z: number, count: number): void {
    const { room, bits, mask, value, rules, accept } = this;
    if (value > 255) mask.widen();
    const data = mask.data;
    const width = room[3] - room[0];
    const area = width * (room[4] - room[1]);
    const step = mask.strides[axis] as number;
    const stepBit = axis === 0 ? 1 : axis === 1 ? width : area;
    const free = !rules.overBackground && rules.locked.size === 0;
    let at = x + y * mask.strides[1] + z * mask.strides[2];
    let bit = x - room[0] + (y - room[1]) * width + (z - room[2]) * area;
    let [first, last] = [-1, -1];
    for (let n = 0; n < count; n++, at += step, bit += stepBit) {
      if (bits[bit] || (accept && !accept(at))) continue;
      bits[bit] = 1;
      if (free || mayPaint(rules, data[at] as number, value)) data[at] = value;
      if (first < 0) first = n;
      last = n;
    }
    if (first >= 0) this.widen(axis, [x, y, z], first, last);
  }

  /** Paint again what was touched so far, over a mask that changed under the stroke. */
  repaint(): void {
    const stroke = this.finish();
    if (stroke) this.mask.paint(stroke.region, stroke.bits, stroke.value, stroke.rules);
  }

  /** The stroke cut to what it touched, or null where it touched nothing. */
  finish(): Stroke | null {
    const region = [...this.low, ...this.high] as Region;
    if (regionSize(region) === 0) return null;
    const bits = new Uint8Array(regionSize(region));
    copy(this.bits, this.room, bits, region, region);
    return { region, bits, value: this.value, rules: this.rules, length: this.length };
  }

  private widen(axis: number, start: readonly number[], first: number, last: number): void {
    for (const a of [0, 1, 2]) {
      const at = start[a] as number;
      this.low[a] = Math.min(this.low[a] as number, a === axis ? at + first : at);
      this.high[a] = Math.max(this.high[a] as number, (a === axis ? at + last : at) + 1);
    }
  }
}

function contains(outer: Region, inner: Region): boolean {
  return [0, 1, 2].every(
    (a) => (outer[a] as number) <= (inner[a] as number) && (outer[a + 3] as number) >= (inner[a + 3] as number),
  );
}

/** Copy the bits of `part`, which both boxes hold. */
function copy(from: Uint8Array, fromBox: Region, to: Uint8Array, toBox: Region, part: Region): void {
  const [fw, fh] = regionShape(fromBox);
  const [tw, th] = regionShape(toBox);
  const [x0, y0, z0, x1, y1, z1] = part;
  for (let z = z0; z < z1; z++)
    for (let y = y0; y < y1; y++) {
      const start = x0 - fromBox[0] + (y - fromBox[1] + (z - fromBox[2]) * fh) * fw;
      const row = from.subarray(start, start + x1 - x0);
      to.set(row, x0 - toBox[0] + (y - toBox[1] + (z - toBox[2]) * th) * tw);
    }
}

/** Halves of a stroke along its slowest axis, for one whose packed bits would be too large for a message. */
export function halves(stroke: Stroke): [Stroke, Stroke] | null {
  const { region, bits } = stroke;
  const axis = [2, 1, 0].find((a) => (region[a + 3] as number) - (region[a] as number) > 1);
  if (axis === undefined) return null;
  const [low, high] = [region[axis] as number, region[axis + 3] as number];
  const middle = (low + high) >> 1;
  // The cut axis is the slowest one of the region, so that each half is one run of bits.
  const cut = (bits.length / (high - low)) * (middle - low);
  const first: Region = [...region];
  const second: Region = [...region];
  first[axis + 3] = middle;
  second[axis] = middle;
  return [
    { ...stroke, region: first, bits: bits.subarray(0, cut) },
    { ...stroke, region: second, bits: bits.subarray(cut) },
  ];
}
