import { describe, expect, it } from "vitest";
import { dragWindow, gray, inverted, windowTable } from "./window";

describe("a window table", () => {
  it("is black below, white above and linear between", () => {
    const table = windowTable("int16", [-100, 155]);
    const at = (value: number) => table[value & 65535];
    expect(at(-32768)).toBe(gray(0));
    expect(at(-100)).toBe(gray(0));
    expect(at(0)).toBe(gray(100));
    expect(at(155)).toBe(gray(255));
    expect(at(32767)).toBe(gray(255));
  });

  it("reads the upper half of uint16 as bright", () => {
    expect(windowTable("uint16", [0, 1000])[60000]).toBe(gray(255));
  });

  it("can be turned over for pictures whose small values are bright", () => {
    const table = inverted(windowTable("uint8", [0, 255]));
    expect([table[0], table[17], table[255]]).toEqual([gray(255), gray(238), gray(0)]);
  });

  it("has 256 entries for bytes", () => {
    expect(windowTable("uint8", [0, 255])[17]).toBe(gray(17));
  });
});

describe("dragging", () => {
  it("to the right widens the window around its level", () => {
    const [black, white] = dragWindow([0, 100], 150, 0);
    expect([black, white]).toEqual([-50, 150]);
  });

  it("downwards brightens and keeps the width", () => {
    const [black, white] = dragWindow([0, 100], 0, 30);
    expect(white - black).toBeCloseTo(100);
    expect(black).toBeLessThan(0);
  });

  it("never closes the window", () => {
    const [black, white] = dragWindow([5, 6], -100000, 0);
    expect(white).toBeGreaterThan(black);
  });
});
