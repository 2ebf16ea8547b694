import { expect, it } from "vitest";
import { ALL_PLANES } from "../../test/planes";
import type { Position, Region } from "../protocol";
import { PlaneGeometry } from "../volume/planeGeometry";
import { regionSize } from "../volume/region";
import { runsOf } from "./uncertainOverlay";

const SHAPE: Position = [7, 6, 5];
const BOX: Region = [2, 1, 1, 6, 4, 3];

/** Every third voxel of the box. */
const BITS = Uint8Array.from({ length: regionSize(BOX) }, (_, n) => (n % 3 === 0 ? 1 : 0));

function uncertain([x, y, z]: Position): boolean {
  const inside = x >= 2 && x < 6 && y >= 1 && y < 4 && z >= 1 && z < 3;
  return inside && BITS[x - 2 + 4 * (y - 1 + 3 * (z - 1))] === 1;
}

it.each(ALL_PLANES)("with $right to the right and $down downwards finds each voxel in its place", (p) => {
  const geometry = new PlaneGeometry(p, SHAPE, [1, 1, 1]);
  for (let slice = 0; slice < geometry.slices; slice++) {
    const runs = runsOf({ value: 1, box: BOX, bits: BITS }, geometry, slice);
    const found = new Set<string>();
    for (let at = 0; at < runs.length; at += 3)
      for (let x = runs[at] as number; x < (runs[at + 1] as number); x++) found.add(`${x} ${runs[at + 2]}`);
    for (let y = 0; y < geometry.rows; y++)
      for (let x = 0; x < geometry.columns; x++)
        expect(found.has(`${x} ${y}`)).toBe(uncertain(geometry.toVoxel([x, y], slice)));
  }
});

it("makes one run of voxels beside each other", () => {
  const geometry = new PlaneGeometry(ALL_PLANES[0] as (typeof ALL_PLANES)[0], SHAPE, [1, 1, 1]);
  const all = { value: 1, box: [0, 0, 0, ...SHAPE] as Region, bits: new Uint8Array(7 * 6 * 5).fill(1) };
  expect(runsOf(all, geometry, 0)).toHaveLength(3 * geometry.rows);
});
