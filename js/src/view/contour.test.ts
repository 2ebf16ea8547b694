import { describe, expect, it } from "vitest";
import { ALL_PLANES } from "../../test/planes";
import { Mask } from "../volume/mask";
import { PlaneGeometry } from "../volume/planeGeometry";
import { contoursOf } from "./contour";

const SHAPE: [number, number, number] = [5, 4, 3];

function maskOf(value: (x: number, y: number, z: number) => number): Mask {
  const mask = new Mask(SHAPE, "uint8");
  for (let z = 0; z < 3; z++)
    for (let y = 0; y < 4; y++)
      for (let x = 0; x < 5; x++) mask.put([x, y, z, x + 1, y + 1, z + 1], Uint8Array.of(value(x, y, z)));
  return mask;
}

/** Every unit step of the lines, as text. */
function steps(lines: readonly number[]): string[] {
  const found: string[] = [];
  for (let at = 0; at < lines.length; at += 4) {
    const [x0, y0, x1, y1] = lines.slice(at, at + 4) as [number, number, number, number];
    const length = Math.abs(x1 - x0) + Math.abs(y1 - y0);
    expect(x0 === x1 || y0 === y1).toBe(true);
    for (let n = 0; n < length; n++) {
      const [dx, dy] = [Math.sign(x1 - x0), Math.sign(y1 - y0)];
      found.push(`${x0 + dx * n},${y0 + dy * n} ${dx ? "right" : "down"}`);
    }
  }
  return found.sort();
}

describe("outlines between voxels", () => {
  it("lie where a voxel of the label has a neighbour that is none, in every plane", () => {
    const mask = maskOf((x, y, z) => (x * 7 + y * 5 + z * 3) % 3);
    for (const plane of ALL_PLANES) {
      const geometry = new PlaneGeometry(plane, SHAPE, [1, 1, 1]);
      const at = (column: number, row: number) => mask.at(geometry.toVoxel([column, row], 1));
      for (const value of [1, 2]) {
        const expected: string[] = [];
        for (let row = 0; row <= geometry.rows; row++)
          for (let column = 0; column <= geometry.columns; column++) {
            const here = at(column, row) === value;
            if (column < geometry.columns && here !== (at(column, row - 1) === value))
              expected.push(`${column},${row} right`);
            if (row < geometry.rows && here !== (at(column - 1, row) === value)) expected.push(`${column},${row} down`);
          }
        expect(steps(contoursOf(mask, geometry, 1).get(value) ?? [])).toEqual(expected.sort());
      }
    }
  });

  it("of a block are four lines", () => {
    const mask = new Mask(SHAPE, "uint8");
    mask.put([1, 1, 1, 4, 3, 2], new Uint8Array(6).fill(5));
    const plane = ALL_PLANES.find(({ normal, right }) => normal === 2 && right[0] === 0 && right[1] === 1);
    const geometry = new PlaneGeometry(plane as (typeof ALL_PLANES)[number], SHAPE, [1, 1, 1]);
    expect(contoursOf(mask, geometry, 1).get(5)?.length).toBe(16);
    expect(contoursOf(mask, geometry, 0).size).toBe(0);
  });
});
