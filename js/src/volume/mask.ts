// The draft's labels, one value a voxel, in Fortran order like the image.
import type { MaskDtype, Position, Region } from "../protocol";
import { Changes } from "./changes";
import { mayPaint, NO_RULES, type PaintRules } from "./paintRules";
import { inShape, regionInside, regionSize, strides, wholeRegion } from "./region";

export type MaskVoxels = Uint8Array | Uint16Array;

export class Mask {
  data: MaskVoxels;
  readonly shape: Position;
  readonly strides: Position;
  /** False until something was written: an empty mask costs nothing to draw. */
  used = false;
  readonly changes = new Changes();

  constructor(shape: Position, dtype: MaskDtype) {
    const size = shape[0] * shape[1] * shape[2];
    this.shape = shape;
    this.strides = strides(shape);
    this.data = dtype === "uint16" ? new Uint16Array(size) : new Uint8Array(size);
  }

  /** The voxels of `region` now have these values. */
  put(region: Region, values: MaskVoxels): void {
    this.check(region, values.length);
    if (values instanceof Uint16Array) this.widen();
    const [x0, y0, z0, x1, y1, z1] = region;
    const width = x1 - x0;
    let from = 0;
    for (let z = z0; z < z1; z++)
      for (let y = y0; y < y1; y++, from += width)
        this.data.set(values.subarray(from, from + width), x0 + y * this.strides[1] + z * this.strides[2]);
    this.written(region);
  }

  /** The voxels of `region` whose bit is not 0 now have `value`, but for those that the rules keep. */
  paint(region: Region, bits: Uint8Array, value: number, rules: PaintRules = NO_RULES): void {
    this.check(region, bits.length);
    if (value > 255) this.widen();
    const data = this.data;
    const free = !rules.overBackground && rules.locked.size === 0;
    const [x0, y0, z0, x1, y1, z1] = region;
    let from = 0;
    for (let z = z0; z < z1; z++)
      for (let y = y0; y < y1; y++) {
        let to = x0 + y * this.strides[1] + z * this.strides[2];
        for (let x = x0; x < x1; x++, to++)
          if (bits[from++] && (free || mayPaint(rules, data[to] as number, value))) data[to] = value;
      }
    this.written(region);
  }

  /** Voxels of `region` are written, here or by whoever holds the data. */
  written(region: Region): void {
    this.used = true;
    this.changes.add(region);
  }

  at(position: Position): number {
    if (!inShape(position, this.shape)) return 0;
    return this.data[position[0] + position[1] * this.strides[1] + position[2] * this.strides[2]] as number;
  }

  clear(): void {
    this.data.fill(0);
    this.changes.add(wholeRegion(this.shape));
    this.used = false;
  }

  /** Make room for label values above 255. */
  widen(): void {
    if (this.data instanceof Uint8Array) this.data = new Uint16Array(this.data);
  }

  private check(region: Region, length: number): void {
    if (!regionInside(region, this.shape) || length !== regionSize(region))
      throw new RangeError(`${length} values do not fit region ${region} of a mask of shape ${this.shape}`);
  }
}
