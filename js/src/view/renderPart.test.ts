import { expect, it } from "vitest";
import { HEADER } from "../../test/fixtures";
import type { PlaneName, Position, Region } from "../protocol";
import { Mask } from "../volume/mask";
import { PlaneGeometry } from "../volume/planeGeometry";
import { Volume } from "../volume/volume";
import { grays } from "../volume/window";
import { makePalette } from "./palette";
import { renderLabels, renderSlice } from "./render";

const SHAPE: Position = [8, 6, 4];
const PALETTE = makePalette([{ name: "organ", value: 1, color: "#ff0000" }], 0.5, new Set());
const SHADING = { table: grays(), black: 0, white: 255 };

function drawn(
  geometry: PlaneGeometry,
  slice: number,
  mask: Mask,
  outline: boolean,
  changed?: { region: Region; on: Uint32Array },
) {
  const volume = new Volume({ ...HEADER, shape: SHAPE });
  volume.data.forEach((_, at) => {
    volume.data[at] = (at * 7) % 256;
  });
  const out = changed ? changed.on.slice() : new Uint32Array(geometry.columns * geometry.rows);
  const part = changed ? geometry.partOf(changed.region, slice, 1) : geometry.whole;
  if (!part) return out;
  renderSlice(out, geometry, slice, volume, SHADING, part);
  renderLabels(out, geometry, slice, mask, PALETTE, outline, part);
  return out;
}

/** Whole numbers below `n`, the same in every run. */
function numbers(seed: number) {
  let state = seed;
  return (n: number) => {
    state = (state * 1103515245 + 12345) % 2147483648;
    return Math.floor((state / 2147483648) * n);
  };
}

function someRegion(below: (n: number) => number): Region {
  const low = SHAPE.map((n) => below(n));
  return [...low, ...SHAPE.map((n, axis) => (low[axis] as number) + 1 + below(n - (low[axis] as number)))] as Region;
}

it.each(["axial", "coronal", "sagittal"] as PlaneName[])(
  "draws the changed part of the %s plane as if it were the whole",
  (name) => {
    const geometry = PlaneGeometry.of({ ...HEADER, shape: SHAPE }, name);
    for (let seed = 1; seed <= 60; seed++) {
      const below = numbers(seed);
      const mask = new Mask(SHAPE, "uint8");
      mask.data.forEach((_, at) => {
        mask.data[at] = below(2);
      });
      mask.used = true;
      const [slice, outline, region] = [below(geometry.slices), below(2) === 1, someRegion(below)];
      const before = drawn(geometry, slice, mask, outline);
      const then = mask.changes.now;
      const size = (region[3] - region[0]) * (region[4] - region[1]) * (region[5] - region[2]);
      mask.paint(
        region,
        Uint8Array.from({ length: size }, () => below(2)),
        below(2),
      );
      const changed = mask.changes.since(then) as Region;
      expect(drawn(geometry, slice, mask, outline, { region: changed, on: before })).toEqual(
        drawn(geometry, slice, mask, outline),
      );
    }
  },
);
