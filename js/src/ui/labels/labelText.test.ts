import { expect, it } from "vitest";
import { longSize, removalWarning, shortSize, sizeText } from "./labelText";

const sizes = (voxels: number, voxelMl: number | null = 0.001, objects: number[] = []) => ({
  counts: new Map([[1, voxels]]),
  objects,
  voxelMl,
});
const liver = { name: "liver", value: 1, color: "#ff0000" };

it("writes a volume as exactly as it can be read at a glance", () => {
  const short = (voxels: number) => shortSize(1, sizes(voxels));
  expect([4, 312, 8_214, 82_140, 1_234_567].map(short)).toEqual([
    "0.004 ml",
    "0.31 ml",
    "8.21 ml",
    "82.1 ml",
    "1,235 ml",
  ]);
  expect(shortSize(1, sizes(1234, null))).toBe("1,234 px");
  expect(shortSize(2, sizes(5))).toBe("");
  expect(shortSize(1, null)).toBe("");
});

it("says voxels or pixels, one or many", () => {
  expect(longSize(1, sizes(12_345))).toBe("12,345 voxels (12.3 ml)");
  expect(longSize(1, sizes(1))).toBe("1 voxel (0.001 ml)");
  expect(longSize(1, sizes(7, null))).toBe("7 pixels");
  expect(longSize(2, sizes(7))).toBe("0 voxels");
});

it("says what goes and what stays before a label is removed", () => {
  expect(removalWarning(liver, sizes(8_200), 3)).toBe(
    "liver has 8,200 voxels (8.20 ml) in this image. Labels saved for 3 other images keep theirs.",
  );
  expect(removalWarning(liver, sizes(0), 0)).toBe("liver has 0 voxels in this image.");
  expect(removalWarning(liver, null, 1)).toBe("Labels saved for 1 other image keep theirs.");
});

it("counts the objects of a label that tells them apart", () => {
  const nucleus = { name: "nucleus", value: 1, color: "#e69f00", instances: true };
  expect(sizeText(nucleus, sizes(1_234, null, [1, 2, 7]))).toBe("3 objects · 1,234 px");
  expect(sizeText(nucleus, sizes(40, null, [1]))).toBe("1 object · 40 px");
  expect(sizeText(nucleus, sizes(0, null))).toBe("");
  expect(sizeText(liver, sizes(40, null))).toBe("40 px");
  expect(removalWarning(nucleus, sizes(9, null, [1, 2]), 0)).toBe("nucleus has 2 objects, 9 pixels in this image.");
});
