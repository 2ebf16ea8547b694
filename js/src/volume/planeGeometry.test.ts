import { describe, expect, it } from "vitest";
import { ALL_PLANES, plane } from "../../test/planes";
import type { Position } from "../protocol";
import { PlaneGeometry } from "./planeGeometry";
import { strides } from "./region";

const SHAPE: Position = [7, 5, 4];
const SPACING: Position = [1, 2, 3];

describe.each(ALL_PLANES)("plane with $right to the right and $down downwards", (p) => {
  const geometry = new PlaneGeometry(p, SHAPE, SPACING);

  it("takes a voxel to the screen and back", () => {
    for (const voxel of [
      [0, 0, 0],
      [6, 4, 3],
      [2, 1, 3],
    ] as Position[]) {
      const slice = voxel[p.normal] as number;
      expect(geometry.toVoxel(geometry.toPlane(voxel), slice)).toEqual(voxel);
    }
  });

  it("walks the array as toVoxel says", () => {
    const steps = strides(SHAPE);
    const { start, column, row } = geometry.walk(1, steps);
    for (let y = 0; y < geometry.rows; y++)
      for (let x = 0; x < geometry.columns; x++) {
        const [i, j, k] = geometry.toVoxel([x, y], 1);
        expect(start + x * column + y * row).toBe(i * steps[0] + j * steps[1] + k * steps[2]);
      }
  });
});

it("has the size of its voxels in millimetres", () => {
  const geometry = new PlaneGeometry(plane([1, -1], [2, 1]), SHAPE, SPACING);
  expect([geometry.columns, geometry.rows, geometry.slices]).toEqual([5, 4, 7]);
  expect(geometry.extent).toEqual([10, 12]);
});
