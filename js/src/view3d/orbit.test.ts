import { describe, expect, it } from "vitest";
import { axesOf, dragged, FRONT, lettersOf, type Orbit, panned, rotated, type Vector, zoomed } from "./orbit";

const at = (azimuth: number, elevation: number): Orbit => ({ azimuth, elevation, zoom: 1, pan: [0, 0] });
const dot = (a: Vector, b: Vector) => a[0] * b[0] + a[1] * b[1] + a[2] * b[2];

describe("where one looks from", () => {
  it.each([
    [0, 0, ["R", "L", "S", "I"]],
    [90, 0, ["A", "P", "S", "I"]],
    [180, 0, ["L", "R", "S", "I"]],
    [-90, 0, ["P", "A", "S", "I"]],
    [0, 90, ["R", "L", "P", "A"]],
    [0, -90, ["R", "L", "A", "P"]],
    [45, 0, ["R", "L", "S", "I"]],
  ] as const)("azimuth %d, elevation %d has the letters %s", (azimuth, elevation, letters) => {
    expect(lettersOf(at(azimuth, elevation))).toEqual(letters);
  });

  it("has right-handed axes of length 1 from everywhere", () => {
    for (let azimuth = -180; azimuth <= 180; azimuth += 35)
      for (let elevation = -90; elevation <= 90; elevation += 30) {
        const { right, up, toward } = axesOf(at(azimuth, elevation));
        const cross: Vector = [
          right[1] * up[2] - right[2] * up[1],
          right[2] * up[0] - right[0] * up[2],
          right[0] * up[1] - right[1] * up[0],
        ];
        expect(dot(cross, toward)).toBeCloseTo(1);
        expect(dot(right, up)).toBeCloseTo(0);
      }
  });
});

describe("moving", () => {
  it("goes round as often as one likes, and not over the top", () => {
    expect(rotated(at(170, 80), 30, 30)).toMatchObject({ azimuth: -160, elevation: 90 });
    expect(rotated(at(-170, -80), -30, -30)).toMatchObject({ azimuth: 160, elevation: -90 });
  });

  it("takes the front with the pointer", () => {
    const before: Vector = [0, 1, 0];
    const { right, up } = axesOf(dragged(at(0, 0), 50, 25));
    expect(dot(before, right)).toBeGreaterThan(0);
    expect(dot(before, up)).toBeLessThan(0);
  });

  it("pans with the pointer and zooms around it", () => {
    expect(panned(FRONT, 20, 10, 2).pan).toEqual([-10, 5]);
    const { pan, zoom } = zoomed(at(0, 0), 2, 30, -8);
    expect(zoom).toBe(2);
    // What was 30 mm from the middle is 15 mm from it after the middle has moved by 15 mm, and as many pixels as before.
    expect(pan).toEqual([15, -4]);
    expect(zoomed(FRONT, 1e9).zoom).toBe(30);
  });
});
