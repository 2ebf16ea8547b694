import { describe, expect, it } from "vitest";
import { ALL_PLANES, plane } from "../../test/planes";
import type { Dtype, Position, Region } from "../protocol";
import { Mask } from "../volume/mask";
import { PlaneGeometry } from "../volume/planeGeometry";
import { Volume } from "../volume/volume";
import { gray, grays, windowTable } from "../volume/window";
import { colorOf, makePalette } from "./palette";
import { renderLabels, renderSlice, renderUncertainty } from "./render";
import { uncertaintyColors } from "./uncertaintyColors";

const SHAPE: Position = [4, 3, 2];
const LABELS = [{ name: "organ", value: 2, color: "#ff8000" }];

function volumeOf(dtype: Dtype): Volume {
  const volume = new Volume({ shape: SHAPE, dtype, channels: 1, window: [0, 255] });
  for (let n = 0; n < volume.data.length; n++) volume.data[n] = n;
  return volume;
}

function shading(dtype: Dtype, window: [number, number] = [0, 255]) {
  const table = dtype === "float32" ? grays() : windowTable(dtype, window);
  return { table, black: window[0], white: window[1] };
}

describe.each(["uint8", "int16", "uint16", "float32"] as const)("a slice of %s", (dtype) => {
  it.each(ALL_PLANES)("with $right to the right and $down downwards shows each voxel in its place", (p) => {
    const geometry = new PlaneGeometry(p, SHAPE, [1, 1, 1]);
    const out = new Uint32Array(geometry.columns * geometry.rows);
    renderSlice(out, geometry, 1, volumeOf(dtype), shading(dtype));
    for (let y = 0; y < geometry.rows; y++)
      for (let x = 0; x < geometry.columns; x++) {
        const [i, j, k] = geometry.toVoxel([x, y], 1);
        expect(out[x + y * geometry.columns]).toBe(gray(i + 4 * (j + 3 * k)));
      }
  });
});

it("shows colours as they are", () => {
  const volume = new Volume({ shape: [2, 1, 1], dtype: "uint8", channels: 3, window: [0, 255] });
  volume.data.set([255, 1, 2, 3, 4, 5]);
  const out = new Uint32Array(2);
  renderSlice(out, new PlaneGeometry(plane([0, -1], [1, 1]), [2, 1, 1], [1, 1, 1]), 0, volume, shading("uint8"));
  expect([...out]).toEqual([0xff050403, 0xff0201ff]);
});

it("clamps floats that lie outside of the window or are not numbers", () => {
  const volume = volumeOf("float32");
  volume.data.set([-1e30, Number.NaN, 1e30, 0.5]);
  const out = new Uint32Array(12);
  renderSlice(out, new PlaneGeometry(plane([0, 1], [1, 1]), SHAPE, [1, 1, 1]), 0, volume, shading("float32", [0, 1]));
  expect([...out.subarray(0, 4)]).toEqual([gray(0), gray(0), gray(255), gray(128)]);
});

describe("labels", () => {
  const geometry = new PlaneGeometry(plane([0, 1], [1, 1]), SHAPE, [1, 1, 1]);
  const mask = new Mask(SHAPE, "uint8");
  mask.put([0, 0, 0, 2, 1, 1], Uint8Array.from([2, 9]));

  function blended(opacity: number, hidden: number[] = []): Uint32Array {
    const out = new Uint32Array(12).fill(gray(100));
    renderLabels(out, geometry, 0, mask, makePalette(LABELS, opacity, new Set(hidden)));
    return out;
  }

  it("lie over the image with their opacity, and leave the rest plain", () => {
    const out = blended(0.5);
    expect(out[0]).toBe(0xff000000 + (50 << 16) + ((50 + 64) << 8) + 50 + 128);
    expect(out[2]).toBe(gray(100));
  });

  it("hide the image when opaque", () => {
    expect(blended(1)[0]).toBe(0xff0080ff);
  });

  it("are not drawn when hidden or wholly transparent", () => {
    expect(blended(0.5, [2])[0]).toBe(gray(100));
    expect(blended(0)[0]).toBe(gray(100));
  });

  it("have a colour even where the value has no label", () => {
    expect(blended(0.5)[1]).not.toBe(gray(100));
  });

  it("of objects are hidden with the label that they are of, and no others", () => {
    const labels = [
      { name: "nucleus", value: 2, color: "#e69f00", instances: true },
      { name: "stroma", value: 5, color: "#56b4e9" },
    ];
    const { keep } = makePalette(labels, 0.5, new Set([2]));
    expect([1, 2, 3, 5, 9, 40_000].map((value) => keep[value])).toEqual([128, 256, 256, 128, 256, 256]);
    expect([2, 7, 8].map((value) => colorOf(value, labels))).toEqual(["#e69f00", "#4740f2", "#f27b40"]);
  });

  it.each(ALL_PLANES)("with $right to the right and $down downwards have an outline of one voxel", (p) => {
    const geometry = new PlaneGeometry(p, [6, 7, 8], [1, 1, 1]);
    const mask = new Mask([6, 7, 8], "uint8");
    mask.put([0, 1, 1, 5, 6, 6], new Uint8Array(125).fill(2));
    mask.put([2, 3, 3, 3, 4, 4], Uint8Array.from([9]));
    const out = new Uint32Array(geometry.columns * geometry.rows).fill(gray(100));
    renderLabels(out, geometry, 3, mask, makePalette(LABELS, 1, new Set()), true);
    for (let y = 0; y < geometry.rows; y++)
      for (let x = 0; x < geometry.columns; x++) {
        const [value, ...beside] = (
          [
            [x, y],
            [x - 1, y],
            [x + 1, y],
            [x, y - 1],
            [x, y + 1],
          ] as [number, number][]
        ).map((point) => {
          const inside = point[0] >= 0 && point[0] < geometry.columns && point[1] >= 0 && point[1] < geometry.rows;
          return inside ? mask.at(geometry.toVoxel(point, 3)) : -1;
        });
        const drawn = value !== 0 && beside.some((other) => other !== value);
        expect(out[x + y * geometry.columns] !== gray(100)).toBe(drawn);
      }
  });
});

describe("uncertainty", () => {
  const box: Region = [1, 1, 0, 4, 3, 1];
  const bits = Uint8Array.from([0, 255, 100, 5, 255, 0]);
  const colors = uncertaintyColors(1);

  it.each(ALL_PLANES)("with $right to the right and $down downwards lies where the voxels of its box do", (p) => {
    const geometry = new PlaneGeometry(p, SHAPE, [1, 1, 1]);
    for (let slice = 0; slice < geometry.slices; slice++) {
      const out = new Uint32Array(geometry.columns * geometry.rows).fill(gray(0));
      renderUncertainty(out, geometry, slice, { box, bits }, colors);
      for (let y = 0; y < geometry.rows; y++)
        for (let x = 0; x < geometry.columns; x++) {
          const [i, j, k] = geometry.toVoxel([x, y], slice);
          const inside = i >= 1 && j >= 1 && k === 0;
          const level = inside ? (bits[i - 1 + 3 * (j - 1)] as number) : 0;
          const expected = 0xff000000 + (colors.add[level] as number);
          expect(out[x + y * geometry.columns]).toBe(expected);
        }
    }
  });

  it("leaves what lies outside of the part as it is", () => {
    const geometry = new PlaneGeometry(plane([0, 1], [1, 1]), SHAPE, [1, 1, 1]);
    const out = new Uint32Array(12).fill(gray(9));
    renderUncertainty(out, geometry, 0, { box, bits }, colors, { left: 3, top: 0, right: 4, bottom: 2 });
    const changed = [...out].flatMap((pixel, at) => (pixel === gray(9) ? [] : [at]));
    expect(changed).toEqual([7]);
  });
});
