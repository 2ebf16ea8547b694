import { describe, expect, it } from "vitest";
import { HEADER } from "../../test/fixtures";
import type { Header, Position, PromptInfo } from "../protocol";
import { PlaneGeometry } from "../volume/planeGeometry";
import { boxHandles, hitPrompt, inSlice, moved, placeOf, sliceOf } from "./promptHandles";
import { Frame, WHOLE } from "./viewport";

const SHAPE: Position = [40, 30, 20];
const header: Header = { ...HEADER, shape: SHAPE };
const SIZE = { width: 416, height: 316 };

// Ten CSS pixels a voxel in the axial plane, whose columns and rows run against the array.
function showing(slice = 5) {
  const geometry = PlaneGeometry.of(header, "axial");
  return { geometry, frame: new Frame(geometry, WHOLE, SIZE), slice };
}

const at = (position: number[], dx = 0, dy = 0): [number, number] => {
  const { geometry, frame } = showing();
  const [x, y] = frame.toScreen(geometry.toPlane(position));
  return [x + dx, y + dy];
};

const base = { id: "p", label: "organ", positive: true };
const click: PromptInfo = { ...base, kind: "click", position: [10, 10, 5] };
const box: PromptInfo = { id: "b", label: "organ", kind: "box", lower: [5, 5, 5], upper: [15, 12, 5] };
const lasso: PromptInfo = {
  ...base,
  kind: "lasso",
  plane: 2,
  points: [
    [5, 5, 5],
    [15, 5, 5],
    [15, 15, 5],
  ],
};
const scribble: PromptInfo = {
  ...base,
  kind: "scribble",
  positions: [
    [5, 5, 5],
    [6, 5, 5],
    [6, 6, 6],
  ],
};

describe("taking hold", () => {
  it("hits a click within nine pixels, in its own slice alone", () => {
    expect(hitPrompt([click], showing(), ...at([10, 10, 5], 6, 6))?.sides).toEqual([0, 0]);
    expect(hitPrompt([click], showing(), ...at([10, 10, 5], 7, 7))).toBeNull();
    expect(hitPrompt([click], showing(6), ...at([10, 10, 5]))).toBeNull();
  });

  it("takes the first of several, and none that the kernel does not know yet", () => {
    const other = { ...click, id: "q" };
    expect(hitPrompt([other, click], showing(), ...at([10, 10, 5]))?.prompt).toBe(other);
    expect(hitPrompt([{ ...click, id: undefined }], showing(), ...at([10, 10, 5]))).toBeNull();
  });

  it("tells a box's corners and the middles of its sides from its line and its inside", () => {
    const hit = (...place: [number, number]) => hitPrompt([box], showing(), ...place)?.sides ?? null;
    // The first array index is at the right of the screen, and the first row at the bottom.
    expect(hit(...at([5, 5, 5], 5, 5))).toEqual([1, 1]);
    expect(hit(...at([15, 12, 5], -5, -5))).toEqual([-1, -1]);
    expect(hit(...at([10, 5, 5], 0, 5))).toEqual([0, 1]);
    expect(hit(...at([13, 5, 5], 0, 5))).toEqual([0, 0]);
    expect(hit(...at([10, 8, 5]))).toBeNull();
    const small = { ...box, upper: [7, 7, 5] };
    expect(boxHandles(small, showing()).length).toBe(4);
  });

  it("hits a lasso and a scribble on their lines", () => {
    expect(hitPrompt([lasso], showing(), ...at([10, 5, 5], 0, 4))).not.toBeNull();
    expect(hitPrompt([lasso], showing(), ...at([10, 10, 5], 3, 0))).not.toBeNull();
    expect(hitPrompt([lasso], showing(), ...at([13, 8, 5]))).toBeNull();
    expect(hitPrompt([scribble], showing(), ...at([6, 5, 5], 0, 4))).not.toBeNull();
    expect(hitPrompt([scribble], showing(), ...at([6, 6, 5], 0, -4))).toBeNull();
  });

  it("knows in which slices a prompt lies", () => {
    const sagittal = { geometry: PlaneGeometry.of(header, "sagittal"), slice: 10 };
    expect(inSlice(click, sagittal)).toBe(true);
    expect(inSlice({ ...click, slice: [2, 5] }, sagittal)).toBe(false);
    expect(inSlice({ ...click, slice: [2, 5] }, showing())).toBe(true);
    expect(inSlice(box, sagittal)).toBe(true);
    expect(inSlice(lasso, sagittal)).toBe(false);
    expect(inSlice({ ...base, kind: "mask" }, showing())).toBe(false);
  });
});

describe("moving", () => {
  const { geometry } = showing();
  const to = (prompt: PromptInfo, by: Position, sides: [number, number] = [0, 0]) =>
    moved(prompt, sides, by, geometry, SHAPE);

  it("moves by whole voxels and stays inside of the image", () => {
    expect(to(click, [2.4, -3.6, 0]).position).toEqual([12, 6, 5]);
    expect(to(click, [99, -99, 0]).position).toEqual([39, 0, 5]);
    expect(to(box, [-9, 99, 0])).toMatchObject({ lower: [0, 22, 5], upper: [10, 29, 5] });
    expect(to(lasso, [1, 1, 0]).points).toEqual([
      [6, 6, 5],
      [16, 6, 5],
      [16, 16, 5],
    ]);
    expect(to(scribble, [-9, 0, 0]).positions).toEqual([
      [0, 5, 5],
      [1, 5, 5],
      [1, 6, 6],
    ]);
  });

  it("keeps two indices for a picture", () => {
    expect(to({ ...base, kind: "click", position: [4, 4] }, [1, 1, 0]).position).toEqual([5, 5]);
  });

  it("moves the sides that are held, and turns a box over when they pass the others", () => {
    expect(to(box, [-2, -1, 0], [1, 1])).toMatchObject({ lower: [3, 4, 5], upper: [15, 12, 5] });
    expect(to(box, [2, 9, 0], [-1, 0])).toMatchObject({ lower: [5, 5, 5], upper: [17, 12, 5] });
    expect(to(box, [20, 0, 0], [1, 0])).toMatchObject({ lower: [15, 5, 5], upper: [25, 12, 5] });
    expect(to(box, [-99, 0, 0], [1, 0])).toMatchObject({ lower: [0, 5, 5] });
  });

  it("stays an array of as many voxels for a long scribble", () => {
    const long = { ...scribble, positions: Array.from({ length: 200_000 }, (_, n) => [n % 40, 3, 5]) };
    expect(to(long, [0, 1, 0]).positions?.[199_999]).toEqual([39, 4, 5]);
  });
});

it("says where to look at a prompt, and in which slice it lies", () => {
  expect(placeOf(box)).toEqual([10, 8, 5]);
  expect(placeOf({ ...base, kind: "click", position: [4, 4] })).toEqual([4, 4, 0]);
  expect(placeOf({ ...base, kind: "mask" })).toBeNull();
  expect([sliceOf(click), sliceOf(box), sliceOf(lasso), sliceOf(scribble)]).toEqual([null, [2, 5], [2, 5], null]);
});
