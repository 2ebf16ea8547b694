import { expect, it } from "vitest";
import { scaleLength } from "../../view/overlay";
import { BRUSH_SCALE } from "../actions/commands";
import { millimetres } from "./status";

it("says where a voxel's centre lies in the patient", () => {
  const affine = [
    [-2, 0, 0, 90],
    [0, 2, 0, -126.5],
    [0, 0, 2, -72],
    [0, 0, 0, 1],
  ];
  expect(millimetres({ affine }, [45, 10, 36])).toBe("0.0, -106.5, 0.0");
});

it("draws a scale bar of a round length that fits", () => {
  expect(scaleLength(2, 400)).toBe(20);
  expect(scaleLength(0.013, 400)).toBe(5000);
});

it("spreads brush sizes evenly over the slider", () => {
  expect(BRUSH_SCALE.toSlider(BRUSH_SCALE.toRadius(0.3))).toBeCloseTo(0.3);
  expect(BRUSH_SCALE.toRadius(0)).toBeCloseTo(0.1);
});
