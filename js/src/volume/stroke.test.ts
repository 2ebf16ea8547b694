import { describe, expect, it } from "vitest";
import type { Position } from "../protocol";
import { Mask } from "./mask";
import { halves, SliceStroke } from "./stroke";

const SHAPE: Position = [21, 15, 9];

function painted(mask: Mask): Position[] {
  const found: Position[] = [];
  for (let k = 0; k < SHAPE[2]; k++)
    for (let j = 0; j < SHAPE[1]; j++)
      for (let i = 0; i < SHAPE[0]; i++) if (mask.at([i, j, k]) !== 0) found.push([i, j, k]);
  return found;
}

describe("a disc", () => {
  it("is round in millimetres where pixels are not square", () => {
    const spacing: Position = [1, 2, 4];
    const centre: Position = [10, 7, 4];
    const mask = new Mask(SHAPE, "uint8");
    new SliceStroke(SHAPE, spacing, 2, 4, 5).sweep(mask, centre, centre, 4);
    const voxels = painted(mask);
    const far = (axis: number) =>
      Math.max(...voxels.map((v) => Math.abs((v[axis] as number) - (centre[axis] as number))));
    expect([far(0), far(1), far(2)]).toEqual([4, 2, 0]);
    for (let i = 0; i < 21; i++)
      for (let j = 0; j < 15; j++) expect(mask.at([i, j, 4]) === 5).toBe(Math.hypot(i - 10, (j - 7) * 2) <= 4);
  });

  it.each([0, 1, 2])("lies in the one slice across axis %i", (normal) => {
    const mask = new Mask(SHAPE, "uint8");
    new SliceStroke(SHAPE, [1, 1, 1], normal, 3, 1).sweep(mask, [6, 6, 6], [6, 6, 6], 2);
    const voxels = painted(mask);
    expect(voxels.length).toBe(13);
    expect(new Set(voxels.map((v) => v[normal]))).toEqual(new Set([3]));
  });

  it("marks the voxel under the pointer however small it is", () => {
    const mask = new Mask(SHAPE, "uint8");
    new SliceStroke(SHAPE, [1, 1, 1], 2, 0, 1).sweep(mask, [3.4, 2.6, 0], [3.4, 2.6, 0], 0.01);
    expect(painted(mask)).toEqual([[3, 3, 0]]);
  });

  it("is cut off at the image's edge", () => {
    const mask = new Mask(SHAPE, "uint8");
    const stroke = new SliceStroke(SHAPE, [1, 1, 1], 2, 0, 1);
    stroke.sweep(mask, [-1, -1, 0], [-1, -1, 0], 2);
    expect(painted(mask)).toEqual([[0, 0, 0]]);
    const outside = new SliceStroke(SHAPE, [1, 1, 1], 2, 0, 1);
    outside.sweep(mask, [-9, 4, 0], [-9, 4, 0], 2);
    expect(outside.finish()).toBeNull();
  });
});

describe("a stroke", () => {
  it("has no gaps between two places of a fast pointer", () => {
    const mask = new Mask(SHAPE, "uint8");
    new SliceStroke(SHAPE, [1, 1, 1], 2, 0, 1).sweep(mask, [2, 2, 0], [18, 12, 0], 1);
    for (let t = 0; t <= 1; t += 0.05) expect(mask.at([Math.round(2 + 16 * t), Math.round(2 + 10 * t), 0])).toBe(1);
  });

  it("says exactly which voxels it touched", () => {
    const direct = new Mask(SHAPE, "uint8");
    const stroke = new SliceStroke(SHAPE, [1, 1, 2], 1, 5, 7);
    stroke.sweep(direct, [4, 5, 2], [15, 5, 6], 3);
    const finished = stroke.finish();
    if (!finished) throw new Error("the stroke touched nothing");
    expect(finished.region.slice(1, 2).concat(finished.region.slice(4, 5))).toEqual([5, 6]);
    const told = new Mask(SHAPE, "uint8");
    told.paint(finished.region, finished.bits, finished.value);
    expect(told.data).toEqual(direct.data);
  });

  it("can be told in two halves", () => {
    const stroke = new SliceStroke(SHAPE, [1, 1, 1], 2, 3, 1);
    const whole = new Mask(SHAPE, "uint8");
    stroke.sweep(whole, [3, 3, 3], [12, 11, 3], 2);
    const finished = stroke.finish();
    const parts = finished && halves(finished);
    if (!parts) throw new Error("the stroke could not be cut");
    const told = new Mask(SHAPE, "uint8");
    for (const part of parts) told.paint(part.region, part.bits, part.value);
    expect(told.data).toEqual(whole.data);
  });
});
