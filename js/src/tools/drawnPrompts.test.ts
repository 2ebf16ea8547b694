import { expect, it } from "vitest";
import type { Position } from "../protocol";
import { drawBox, drawLasso, drawScribble } from "./drawnPrompts";

const start = (voxel: Position, shape: Position = [8, 6, 4]) => ({
  voxel,
  shape,
  normal: 2,
  label: "organ",
  positive: true,
});

it("draws a box from any corner to any other, inside of the image", () => {
  const box = drawBox(start([5, 4, 1]));
  expect(box.fault()).not.toBeNull();
  box.to([-3, 99, 1]);
  expect(box.fault()).toBeNull();
  expect(box.prompt()).toEqual({ kind: "box", lower: [0, 4, 1], upper: [5, 5, 1], label: "organ" });
});

it("counts a scribble's voxels once, leaves out what is outside, and stops at a size that can be sent", () => {
  const scribble = drawScribble(start([6, 2, 1]));
  for (const i of [9, 6]) scribble.to([i, 2, 1]);
  expect(scribble.prompt().positions).toEqual([
    [6, 2, 1],
    [7, 2, 1],
  ]);
  const outside = drawScribble(start([-5, 2, 1]));
  outside.to([-2, 2, 1]);
  expect(outside.fault()).not.toBeNull();
  const long = drawScribble(start([0, 0, 0], [300, 300, 1]));
  for (let j = 0; j < 300; j++) long.to([j % 2 ? 0 : 299, j, 0]);
  expect(long.prompt().positions?.length).toBe(10_000);
});

it("needs three corners for a lasso", () => {
  const lasso = drawLasso(start([1, 1, 1]));
  for (const voxel of [
    [1, 1, 1],
    [5, 1, 1],
    [3, 1, 1],
  ] as Position[])
    lasso.to(voxel);
  lasso.to([3, 1, 1]);
  lasso.to([1, 1, 1]);
  expect(lasso.fault()).not.toBeNull();
  lasso.to([5, 4, 1]);
  expect(lasso.fault()).toBeNull();
  expect(lasso.prompt()).toMatchObject({ kind: "lasso", plane: 2, positive: true });
});
