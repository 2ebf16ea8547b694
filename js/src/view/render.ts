// The hot loops: one slice of voxels, and the labels over it, into packed pixels (one per voxel). Nothing is allocated here.
import type { BoxVoxels } from "../store/boxVoxels";
import type { Mask, MaskVoxels } from "../volume/mask";
import type { Part, PlaneGeometry } from "../volume/planeGeometry";
import { regionShape, strides } from "../volume/region";
import type { Volume } from "../volume/volume";
import type { Palette } from "./palette";

export interface Shading {
  /** Integer types: pixel by the voxel's lower bits. Float: pixel by level, 0 to 255. */
  table: Uint32Array;
  black: number;
  white: number;
}

/** Draw slice `slice` of a plane into `out`, which holds columns × rows pixels, row by row: the part of it alone. */
export function renderSlice(
  out: Uint32Array,
  geometry: PlaneGeometry,
  slice: number,
  volume: Volume,
  shading: Shading,
  part: Part = geometry.whole,
): void {
  const { columns } = geometry;
  const { start, column, row } = geometry.walk(slice, volume.strides);
  const data = volume.data;
  if (volume.channels === 3) renderColors(out, columns, part, data as Uint8Array, start, column, row);
  else if (data instanceof Float32Array) renderFloats(out, columns, part, data, start, column, row, shading);
  else renderIntegers(out, columns, part, data, start, column, row, shading.table);
}

function renderIntegers(
  out: Uint32Array,
  columns: number,
  { left, top, right, bottom }: Part,
  data: Uint8Array | Int16Array | Uint16Array,
  start: number,
  column: number,
  row: number,
  table: Uint32Array,
): void {
  const bits = table.length - 1;
  for (let y = top; y < bottom; y++) {
    let from = start + y * row + left * column;
    let to = y * columns + left;
    for (let x = left; x < right; x++, from += column) out[to++] = table[(data[from] as number) & bits] as number;
  }
}

function renderFloats(
  out: Uint32Array,
  columns: number,
  { left, top, right, bottom }: Part,
  data: Float32Array,
  start: number,
  column: number,
  row: number,
  { table, black, white }: Shading,
): void {
  const scale = 255 / Math.max(white - black, 1e-30);
  for (let y = top; y < bottom; y++) {
    let from = start + y * row + left * column;
    let to = y * columns + left;
    for (let x = left; x < right; x++, from += column) {
      const level = ((data[from] as number) - black) * scale + 0.5;
      out[to++] = table[level > 0 ? (level < 255 ? level | 0 : 255) : 0] as number;
    }
  }
}

function renderColors(
  out: Uint32Array,
  columns: number,
  { left, top, right, bottom }: Part,
  data: Uint8Array,
  start: number,
  column: number,
  row: number,
): void {
  for (let y = top; y < bottom; y++) {
    let from = (start + y * row + left * column) * 3;
    let to = y * columns + left;
    for (let x = left; x < right; x++, from += column * 3)
      out[to++] =
        0xff000000 | ((data[from + 2] as number) << 16) | ((data[from + 1] as number) << 8) | (data[from] as number);
  }
}

/** Blend the mask's labels over what is in `out`: whole, or the voxels at their border in this plane alone. */
export function renderLabels(
  out: Uint32Array,
  geometry: PlaneGeometry,
  slice: number,
  mask: Mask,
  palette: Palette,
  outline = false,
  part: Part = geometry.whole,
): void {
  if (!mask.used) return;
  const { start, column, row } = geometry.walk(slice, mask.strides);
  if (outline) blendBorders(out, geometry, part, mask.data, start, column, row, palette);
  else blend(out, geometry.columns, part, mask.data, start, column, row, palette);
}

function blend(
  out: Uint32Array,
  columns: number,
  { left, top, right, bottom }: Part,
  mask: MaskVoxels,
  start: number,
  column: number,
  row: number,
  { add, keep }: Palette,
): void {
  for (let y = top; y < bottom; y++) {
    let from = start + y * row + left * column;
    let to = y * columns + left;
    for (let x = left; x < right; x++, to++, from += column) {
      const value = mask[from] as number;
      if (value === 0) continue;
      out[to] = mixed(out[to] as number, add[value] as number, keep[value] as number);
    }
  }
}

/** As `blend`, for voxels that have another value beside them, or the edge of the picture. */
function blendBorders(
  out: Uint32Array,
  { columns, rows }: PlaneGeometry,
  { left, top, right, bottom }: Part,
  mask: MaskVoxels,
  start: number,
  column: number,
  row: number,
  { add, keep }: Palette,
): void {
  const [lastColumn, lastRow] = [columns - 1, rows - 1];
  for (let y = top; y < bottom; y++) {
    let from = start + y * row + left * column;
    let to = y * columns + left;
    for (let x = left; x < right; x++, to++, from += column) {
      const value = mask[from] as number;
      if (value === 0) continue;
      const within =
        x > 0 &&
        x < lastColumn &&
        y > 0 &&
        y < lastRow &&
        mask[from - column] === value &&
        mask[from + column] === value &&
        mask[from - row] === value &&
        mask[from + row] === value;
      if (!within) out[to] = mixed(out[to] as number, add[value] as number, keep[value] as number);
    }
  }
}

/** Blend how unsure a model is over what is in `out`: what lies in the box of its voxels, and in the part. */
export function renderUncertainty(
  out: Uint32Array,
  geometry: PlaneGeometry,
  slice: number,
  { box, bits }: BoxVoxels,
  { add, keep }: Palette,
  part: Part = geometry.whole,
): void {
  const inBox = geometry.partOf(box, slice);
  if (!inBox) return;
  const steps = strides(regionShape(box));
  const { start, column, row } = geometry.walk(slice, steps);
  // The walk is through the whole image; its box begins further on.
  const before = [0, 1, 2].reduce((sum, axis) => sum + (box[axis] as number) * (steps[axis] as number), 0);
  const [left, right] = [Math.max(part.left, inBox.left), Math.min(part.right, inBox.right)];
  const [top, bottom] = [Math.max(part.top, inBox.top), Math.min(part.bottom, inBox.bottom)];
  for (let y = top; y < bottom; y++) {
    let from = start - before + y * row + left * column;
    let to = y * geometry.columns + left;
    for (let x = left; x < right; x++, to++, from += column) {
      const level = bits[from] as number;
      if (keep[level] !== 256) out[to] = mixed(out[to] as number, add[level] as number, keep[level] as number);
    }
  }
}

/** A pixel of the image with `keep` of 256 parts kept, and a label's share of colour added. */
function mixed(pixel: number, add: number, keep: number): number {
  const redBlue = (((pixel & 0xff00ff) * keep) >>> 8) & 0xff00ff;
  const green = (((pixel & 0xff00) * keep) >>> 8) & 0xff00;
  return 0xff000000 | ((redBlue | green) + add);
}
