// The hot loops: one slice of voxels, and the labels over it, into packed pixels (one per voxel). Nothing is allocated here.
import type { Mask, MaskVoxels } from "../volume/mask";
import type { Volume } from "../volume/volume";
import type { Palette } from "./palette";
import type { PlaneGeometry } from "./plane";

export interface Shading {
  /** Integer types: pixel by the voxel's lower bits. Float: pixel by level, 0 to 255. */
  table: Uint32Array;
  black: number;
  white: number;
}

/** Draw slice `slice` of a plane into `out`, which holds columns × rows pixels, row by row. */
export function renderSlice(
  out: Uint32Array,
  geometry: PlaneGeometry,
  slice: number,
  volume: Volume,
  shading: Shading,
): void {
  const { columns, rows } = geometry;
  const { start, column, row } = geometry.walk(slice, volume.strides);
  const data = volume.data;
  if (volume.channels === 3) renderColors(out, columns, rows, data as Uint8Array, start, column, row);
  else if (data instanceof Float32Array) renderFloats(out, columns, rows, data, start, column, row, shading);
  else renderIntegers(out, columns, rows, data, start, column, row, shading.table);
}

function renderIntegers(
  out: Uint32Array,
  columns: number,
  rows: number,
  data: Uint8Array | Int16Array | Uint16Array,
  start: number,
  column: number,
  row: number,
  table: Uint32Array,
): void {
  const bits = table.length - 1;
  let to = 0;
  for (let y = 0; y < rows; y++) {
    let from = start + y * row;
    for (let x = 0; x < columns; x++, from += column) out[to++] = table[(data[from] as number) & bits] as number;
  }
}

function renderFloats(
  out: Uint32Array,
  columns: number,
  rows: number,
  data: Float32Array,
  start: number,
  column: number,
  row: number,
  { table, black, white }: Shading,
): void {
  const scale = 255 / Math.max(white - black, 1e-30);
  let to = 0;
  for (let y = 0; y < rows; y++) {
    let from = start + y * row;
    for (let x = 0; x < columns; x++, from += column) {
      const level = ((data[from] as number) - black) * scale + 0.5;
      out[to++] = table[level > 0 ? (level < 255 ? level | 0 : 255) : 0] as number;
    }
  }
}

function renderColors(
  out: Uint32Array,
  columns: number,
  rows: number,
  data: Uint8Array,
  start: number,
  column: number,
  row: number,
): void {
  let to = 0;
  for (let y = 0; y < rows; y++) {
    let from = (start + y * row) * 3;
    for (let x = 0; x < columns; x++, from += column * 3)
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
): void {
  if (!mask.used) return;
  const { start, column, row } = geometry.walk(slice, mask.strides);
  const paint = outline ? blendBorders : blend;
  paint(out, geometry.columns, geometry.rows, mask.data, start, column, row, palette);
}

function blend(
  out: Uint32Array,
  columns: number,
  rows: number,
  mask: MaskVoxels,
  start: number,
  column: number,
  row: number,
  { add, keep }: Palette,
): void {
  let to = 0;
  for (let y = 0; y < rows; y++) {
    let from = start + y * row;
    for (let x = 0; x < columns; x++, to++, from += column) {
      const value = mask[from] as number;
      if (value === 0) continue;
      out[to] = mixed(out[to] as number, add[value] as number, keep[value] as number);
    }
  }
}

/** As `blend`, for voxels that have another value beside them, or the edge of the picture. */
function blendBorders(
  out: Uint32Array,
  columns: number,
  rows: number,
  mask: MaskVoxels,
  start: number,
  column: number,
  row: number,
  { add, keep }: Palette,
): void {
  const [right, bottom] = [columns - 1, rows - 1];
  let to = 0;
  for (let y = 0; y < rows; y++) {
    let from = start + y * row;
    for (let x = 0; x < columns; x++, to++, from += column) {
      const value = mask[from] as number;
      if (value === 0) continue;
      const within =
        x > 0 &&
        x < right &&
        y > 0 &&
        y < bottom &&
        mask[from - column] === value &&
        mask[from + column] === value &&
        mask[from - row] === value &&
        mask[from + row] === value;
      if (!within) out[to] = mixed(out[to] as number, add[value] as number, keep[value] as number);
    }
  }
}

/** A pixel of the image with `keep` of 256 parts kept, and a label's share of colour added. */
function mixed(pixel: number, add: number, keep: number): number {
  const redBlue = (((pixel & 0xff00ff) * keep) >>> 8) & 0xff00ff;
  const green = (((pixel & 0xff00) * keep) >>> 8) & 0xff00;
  return 0xff000000 | ((redBlue | green) + add);
}
