import { expect, it } from "vitest";
import { rgb } from "./palette";
import { STOPS, uncertaintyColor, uncertaintyColors } from "./uncertaintyColors";

/** The labels' colours: jlabel/labels/label.py has them too. */
const LABELS = ["#e69f00", "#56b4e9", "#009e73", "#f0e442", "#cc79a7", "#d55e00", "#8c6bff", "#b2df8a"];

/** CIE L*a*b* under D65: equal distances look equally large. */
function lab(color: readonly number[]): [number, number, number] {
  const [r, g, b] = color.map((v) => {
    const part = v / 255;
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  }) as [number, number, number];
  const f = (t: number) => (t > 216 / 24389 ? Math.cbrt(t) : (t * 24389) / 27 / 116 + 16 / 116);
  const x = f((0.4124564 * r + 0.3575761 * g + 0.1804375 * b) / 0.95047);
  const y = f(0.2126729 * r + 0.7151522 * g + 0.072175 * b);
  const z = f((0.0193339 * r + 0.119192 * g + 0.9503041 * b) / 1.08883);
  return [116 * y - 16, 500 * (x - y), 200 * (y - z)];
}

const apart = (a: readonly number[], b: readonly number[]) => Math.hypot(...a.map((v, n) => v - (b[n] as number)));

it("grows lighter in steps that look equally large", () => {
  const all = STOPS.map((stop) => lab(rgb(stop)));
  const steps = all.slice(1).map((one, n) => apart(one, all[n] as number[]));
  expect(Math.max(...steps) / Math.min(...steps)).toBeLessThan(1.25);
  for (let n = 1; n < all.length; n++) expect(all[n]?.[0]).toBeGreaterThan(all[n - 1]?.[0] as number);
});

it("is none of the labels' colours", () => {
  for (let at = 0; at <= 1; at += 0.05)
    for (const label of LABELS) expect(apart(lab(uncertaintyColor(at)), lab(rgb(label)))).toBeGreaterThan(16);
});

it("shows more of the picture where the model is surer, and all of it where it is sure", () => {
  const { add, keep } = uncertaintyColors(0.8);
  expect([add[0], keep[0], add[10], keep[10]]).toEqual([0, 256, 0, 256]);
  expect(keep[40]).toBeGreaterThan(keep[120] as number);
  expect(keep[255]).toBe(51);
  expect(uncertaintyColors(0).keep[255]).toBe(256);
});

it("goes from stop to stop", () => {
  expect(uncertaintyColor(0)).toEqual(rgb(STOPS[0]));
  expect(uncertaintyColor(1)).toEqual(rgb(STOPS[8]));
  expect(uncertaintyColor(7)).toEqual(rgb(STOPS[8]));
  expect(uncertaintyColor(0.0625)).toEqual([89, 46, 131]);
});
