// Window and level: which intensities are black and white.
import type { Dtype } from "../protocol";

/** [black, white] in intensities; white is above black. */
export type Window = [number, number];

const OPAQUE = 0xff000000;

export function gray(level: number): number {
  return (OPAQUE | (level << 16) | (level << 8) | level) >>> 0;
}

/** 256 opaque grays as the canvas stores them. */
export function grays(): Uint32Array {
  return Uint32Array.from({ length: 256 }, (_, level) => gray(level));
}

/** The gray of each possible voxel of an integer type, at the voxel's lower 16 bits. */
export function windowTable(dtype: Exclude<Dtype, "float32">, [black, white]: Window): Uint32Array {
  const table = new Uint32Array(dtype === "uint8" ? 256 : 65536);
  const scale = 255 / Math.max(white - black, 1e-9);
  for (let index = 0; index < table.length; index++) {
    const value = dtype === "int16" ? (index << 16) >> 16 : index;
    const level = Math.min(255, Math.max(0, Math.round((value - black) * scale)));
    table[index] = (OPAQUE | (level * 0x010101)) >>> 0;
  }
  return table;
}

/** The same table with black and white changed over. */
export function inverted(table: Uint32Array): Uint32Array {
  return table.map((color) => (color ^ 0x00ffffff) >>> 0);
}

/**
 * The window after a drag of (dx, dy) pixels: to the right widens it, downwards raises brightness. It never gets so
 * narrow that nothing can be told apart.
 */
export function dragWindow([black, white]: Window, dx: number, dy: number): Window {
  const before = white > black ? white - black : 1;
  const least = Math.max(Math.abs(black), Math.abs(white)) * 1e-6;
  const width = Math.max(before * 2 ** (dx / 150), least);
  const level = (black + white) / 2 - (before * dy) / 300;
  return [level - width / 2, level + width / 2];
}
