import { expect, it } from "vitest";
import type { Position } from "../protocol";
import { Mask } from "./mask";
import { fillPolygon } from "./polygon";
import { DrawnStroke } from "./stroke";

const SHAPE: Position = [12, 10, 8];

function filled(normal: number, slice: number, points: Position[]): string[] {
  const mask = new Mask(SHAPE, "uint8");
  fillPolygon(new DrawnStroke(mask, 1), normal, slice, points);
  const found: string[] = [];
  for (let k = 0; k < SHAPE[2]; k++)
    for (let j = 0; j < SHAPE[1]; j++)
      for (let i = 0; i < SHAPE[0]; i++) if (mask.at([i, j, k]) === 1) found.push(`${i} ${j} ${k}`);
  return found;
}

function box(i: [number, number], j: [number, number], k: [number, number]): string[] {
  const found: string[] = [];
  for (let z = k[0]; z <= k[1]; z++)
    for (let y = j[0]; y <= j[1]; y++) for (let x = i[0]; x <= i[1]; x++) found.push(`${x} ${y} ${z}`);
  return found;
}

it("holds the voxels whose centre lies inside, in one slice across any axis", () => {
  const across = (normal: number, slice: number) =>
    [
      [2.5, 1.5],
      [6.4, 1.5],
      [6.4, 4.6],
      [2.5, 4.6],
    ].map(
      ([p = 0, q = 0]) => (normal === 0 ? [slice, p, q] : normal === 1 ? [p, slice, q] : [p, q, slice]) as Position,
    );
  expect(filled(2, 3, across(2, 3))).toEqual(box([3, 6], [2, 4], [3, 3]));
  expect(filled(1, 5, across(1, 5))).toEqual(box([3, 6], [5, 5], [2, 4]));
  expect(filled(0, 7, across(0, 7))).toEqual(box([7, 7], [3, 6], [2, 4]));
});

it("leaves out what an outline goes around twice, and is cut off at the image's edge", () => {
  const bow: Position[] = [
    [0.5, 0.5, 0],
    [8.5, 6.5, 0],
    [8.5, 0.5, 0],
    [0.5, 6.5, 0],
  ];
  const found = filled(2, 0, bow);
  expect(found).toContain("1 3 0");
  expect(found).toContain("8 3 0");
  expect(found).not.toContain("4 1 0");
  const large: Position[] = [
    [-50, -50, 2],
    [90, -50, 2],
    [90, 90, 2],
    [-50, 90, 2],
  ];
  expect(filled(2, 2, large)).toEqual(box([0, 11], [0, 9], [2, 2]));
  expect(
    filled(
      2,
      2,
      large.map(([x, y, z]) => [x + 200, y, z] as Position),
    ),
  ).toEqual([]);
});

it("gives every voxel of two polygons with a common edge to one of them", () => {
  const left: Position[] = [
    [0, 0, 0],
    [6, 0, 0],
    [3, 8, 0],
    [0, 8, 0],
  ];
  const right: Position[] = [
    [6, 0, 0],
    [9, 0, 0],
    [9, 8, 0],
    [3, 8, 0],
  ];
  const [one, other] = [filled(2, 0, left), filled(2, 0, right)];
  expect(one.filter((v) => other.includes(v))).toEqual([]);
  expect([...one, ...other].sort()).toEqual(box([0, 8], [0, 7], [0, 0]).sort());
});
