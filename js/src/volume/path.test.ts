import { expect, it } from "vitest";
import type { Position } from "../protocol";
import { clampInto, corners, lengthOf, lineOfVoxels } from "./path";

it("is as long as its parts, in mm", () => {
  expect(lengthOf([], [1, 1, 1])).toBe(0);
  expect(lengthOf([[1, 2, 3]], [1, 1, 1])).toBe(0);
  const way: Position[] = [
    [0, 0, 0],
    [3, 2, 0],
    [3, 2, 5],
  ];
  expect(lengthOf(way, [1, 2, 0.5])).toBeCloseTo(5 + 2.5);
});

it("walks from voxel to voxel without a gap", () => {
  expect(lineOfVoxels([1, 2, 3], [1, 2, 3])).toEqual([[1, 2, 3]]);
  expect(lineOfVoxels([5, 1, 0], [2, 1, 0]).map(([i]) => i)).toEqual([5, 4, 3, 2]);
  for (const end of [
    [9, 4, 7],
    [-3, 8, 7],
    [2, -6, 7],
    [0, 0, 7],
  ] as Position[]) {
    const line = lineOfVoxels([2, 3, 7], end);
    expect(line[0]).toEqual([2, 3, 7]);
    expect(line.at(-1)).toEqual(end);
    for (let n = 1; n < line.length; n++) {
      const jumps = line[n]?.map((v, axis) => Math.abs(v - (line[n - 1]?.[axis] as number))) as number[];
      expect(Math.max(...jumps)).toBe(1);
      expect(jumps[2]).toBe(0);
    }
  }
});

it("keeps the corners of an outline", () => {
  const outline: Position[] = [
    [0, 0, 5],
    [0, 3, 5],
    [0, 3, 5],
    [0, 9, 5],
    [4, 9, 5],
    [8, 9, 5],
    [2, 9, 5],
    [0, 0, 5],
  ];
  expect(corners(outline)).toEqual([
    [0, 0, 5],
    [0, 9, 5],
    [8, 9, 5],
    [2, 9, 5],
  ]);
  expect(corners([[1, 1, 1]])).toEqual([[1, 1, 1]]);
});

it("keeps what is drawn inside of the image", () => {
  expect(clampInto([-4, 3, 99], [8, 6, 4])).toEqual([0, 3, 3]);
});
