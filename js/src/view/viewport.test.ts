import { describe, expect, it } from "vitest";
import { ALL_PLANES, plane } from "../../test/planes";
import { PlaneGeometry } from "../volume/planeGeometry";
import { Frame, WHOLE } from "./viewport";

const SIZE = { width: 300, height: 216 };

describe.each(ALL_PLANES)("a pane with $right to the right and $down downwards", (p) => {
  const geometry = new PlaneGeometry(p, [7, 5, 4], [1, 2, 3]);
  const frame = new Frame(geometry, { zoom: 2.5, offset: [3, -1] }, SIZE);

  it("finds the voxel under a point of the screen, and the point of a voxel", () => {
    const [x, y] = frame.toScreen([1.25, 2]);
    const [column, row] = frame.toPlane(x, y);
    expect(column).toBeCloseTo(1.25);
    expect(row).toBeCloseTo(2);
  });
});

describe("a viewport", () => {
  const geometry = new PlaneGeometry(plane([0, 1], [1, 1]), [100, 50, 1], [1, 2, 1]);
  const frame = new Frame(geometry, WHOLE, SIZE);

  it("shows the whole plane in the middle, with square millimetres", () => {
    expect(frame.scale).toBe(2);
    expect(frame.voxel).toEqual([2, 4]);
    expect([frame.left, frame.top]).toEqual([50, 8]);
  });

  it("keeps the point under the pointer when it zooms", () => {
    const before = frame.toPlane(70, 160);
    const after = new Frame(geometry, frame.zoomed(3, 70, 160), SIZE).toPlane(70, 160);
    expect(after[0]).toBeCloseTo(before[0]);
    expect(after[1]).toBeCloseTo(before[1]);
  });

  it("follows the pointer when it pans", () => {
    const panned = new Frame(geometry, frame.panned(30, -12), SIZE);
    expect(panned.left).toBeCloseTo(frame.left + 30);
    expect(panned.top).toBeCloseTo(frame.top - 12);
  });

  it("never loses the picture", () => {
    const panned = new Frame(geometry, frame.panned(100000, 0), SIZE);
    expect(panned.left).toBeLessThan(SIZE.width);
  });
});
