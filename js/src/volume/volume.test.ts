import { describe, expect, it } from "vitest";
import type { Position } from "../protocol";
import { asVoxels, Ranges, Volume } from "./volume";

const SHAPE: Position = [4, 3, 5];

/** Voxel (i, j, k) holds 100 i + 10 j + k. */
function wholeVolume(): Int16Array {
  const [nx, ny, nz] = SHAPE;
  const voxels = new Int16Array(nx * ny * nz);
  for (let k = 0; k < nz; k++)
    for (let j = 0; j < ny; j++) for (let i = 0; i < nx; i++) voxels[i + nx * (j + ny * k)] = 100 * i + 10 * j + k;
  return voxels;
}

function empty(window: [number, number] = [-7, 100]): Volume {
  return new Volume({ shape: SHAPE, dtype: "int16", channels: 1, window });
}

describe("a volume that arrives in pieces", () => {
  it("is whole after all pieces, in whatever order", () => {
    const bytes = new Uint8Array(wholeVolume().buffer);
    const volume = empty();
    for (const offset of [64, 0, 96, 32]) volume.putPiece(offset, bytes.slice(offset, offset + 32));
    expect(volume.loaded).toBe(1);
    expect(volume.data).toEqual(wholeVolume());
  });

  it("knows which voxels are here, and shows the others black", () => {
    const bytes = new Uint8Array(wholeVolume().buffer);
    const volume = empty();
    volume.putPiece(0, bytes.slice(0, 60));
    expect(volume.loaded).toBe(0.5);
    expect(volume.at([1, 2, 0])).toEqual([120]);
    expect(volume.at([1, 2, 4])).toBeNull();
    expect(volume.data.at(-1)).toBe(-7);
  });

  it("refuses a piece that does not fit", () => {
    expect(() => empty().putPiece(100, new Uint8Array(21))).toThrow("does not fit");
  });
});

describe("slices ahead of the stream", () => {
  it.each([0, 1, 2])("lie where they belong across axis %i", (normal) => {
    const whole = wholeVolume();
    const [a, b] = [0, 1, 2].filter((axis) => axis !== normal) as [number, number];
    const index = 2;
    const slice: number[] = [];
    for (let y = 0; y < (SHAPE[b] as number); y++)
      for (let x = 0; x < (SHAPE[a] as number); x++) {
        const at: Position = [0, 0, 0];
        [at[normal], at[a], at[b]] = [index, x, y];
        slice.push(100 * at[0] + 10 * at[1] + at[2]);
      }
    const volume = empty();
    volume.putSlice(normal, index, new Uint8Array(Int16Array.from(slice).buffer));
    const inside: Position = [1, 1, 1];
    inside[normal] = index;
    expect(volume.at(inside)).toEqual([whole[inside[0] + 4 * (inside[1] + 3 * inside[2])]]);
    expect(volume.at([0, 0, 0])).toBeNull();
    expect(volume.loaded).toBe(0);
  });

  it("keep the three colours of a voxel together", () => {
    const volume = new Volume({ shape: [2, 2, 1], dtype: "uint8", channels: 3, window: [0, 255] });
    volume.putSlice(
      2,
      0,
      Uint8Array.from({ length: 12 }, (_, n) => n),
    );
    expect(volume.at([1, 1, 0])).toEqual([9, 10, 11]);
  });

  it("are refused where they do not fit", () => {
    expect(() => empty().putSlice(0, 4, new Uint8Array(30))).toThrow("does not fit");
    expect(() => empty().putSlice(0, 0, new Uint8Array(28))).toThrow("does not fit");
  });
});

it("reads voxels from bytes that lie between voxel boundaries", () => {
  const bytes = new Uint8Array(9);
  bytes.set(new Uint8Array(Float32Array.from([1.5, -2]).buffer), 1);
  expect([...asVoxels(bytes.subarray(1), "float32")]).toEqual([1.5, -2]);
});

it("merges byte ranges that touch or overlap", () => {
  const ranges = new Ranges();
  for (const [start, end] of [
    [20, 30],
    [0, 10],
    [10, 15],
    [12, 22],
  ] as const)
    ranges.add(start, end);
  expect(ranges.total).toBe(30);
  expect(ranges.has(29)).toBe(true);
  expect(ranges.has(30)).toBe(false);
});
