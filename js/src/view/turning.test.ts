import { expect, it } from "vitest";
import { FRONT, type Orbit } from "../view3d/orbit";
import { solidOpacity } from "./solidcanvas";
import { keyed } from "./turning";

const orbit: Orbit = { azimuth: 0, elevation: 0, zoom: 2, pan: [3, 4] };

it("turns, pans, zooms and resets by keys", () => {
  expect(keyed(orbit, "ArrowRight", false, 1)?.azimuth).toBe(-15);
  expect(keyed(orbit, "ArrowUp", false, 1)?.elevation).toBe(-15);
  expect(keyed(orbit, "ArrowLeft", true, 2)?.pan).toEqual([18, 4]);
  expect(keyed(orbit, "+", false, 1)?.zoom).toBe(2.5);
  expect(keyed(orbit, "-", false, 1)?.zoom).toBeCloseTo(1.6);
  expect(keyed(orbit, "Home", false, 1)).toEqual(FRONT);
});

it("leaves other keys to the labeler", () => {
  for (const key of ["b", "1", "Escape", "PageUp", " "]) expect(keyed(orbit, key, false, 1)).toBeNull();
});

it("shows labels of the usual opacity as solid bodies", () => {
  expect([0, 0.2, 0.5, 1].map(solidOpacity)).toEqual([0, 0.4, 1, 1]);
});
