import { describe, expect, it } from "vitest";
import type { Position, Region } from "../protocol";
import { packBits, unpackBits, unpackMask } from "./codec";
import { Mask } from "./mask";

const SHAPE: Position = [4, 3, 2];

describe("a mask", () => {
  it("takes the values of a region and leaves the rest", () => {
    const mask = new Mask(SHAPE, "uint8");
    const region: Region = [1, 1, 0, 3, 3, 2];
    mask.put(region, Uint8Array.from([1, 2, 3, 4, 5, 6, 7, 8]));
    expect(mask.at([1, 1, 0])).toBe(1);
    expect(mask.at([2, 1, 0])).toBe(2);
    expect(mask.at([1, 2, 0])).toBe(3);
    expect(mask.at([2, 2, 1])).toBe(8);
    expect([...mask.data].reduce((sum, v) => sum + v, 0)).toBe(36);
  });

  it("paints only where a bit is set", () => {
    const mask = new Mask(SHAPE, "uint8");
    mask.put([0, 0, 0, 4, 1, 1], Uint8Array.from([9, 9, 9, 9]));
    mask.paint([0, 0, 0, 4, 1, 1], Uint8Array.from([0, 1, 1, 0]), 0);
    expect([...mask.data.subarray(0, 4)]).toEqual([9, 0, 0, 9]);
  });

  it("holds label values above 255 as soon as one comes", () => {
    const mask = new Mask(SHAPE, "uint8");
    mask.paint([0, 0, 0, 1, 1, 1], Uint8Array.of(1), 200);
    mask.paint([1, 0, 0, 2, 1, 1], Uint8Array.of(1), 3000);
    mask.put([2, 0, 0, 3, 1, 1], Uint16Array.of(65535));
    expect([...mask.data.subarray(0, 3)]).toEqual([200, 3000, 65535]);
  });

  it("is 0 outside, and refuses a region that does not fit", () => {
    const mask = new Mask(SHAPE, "uint8");
    expect(mask.at([-1, 0, 0])).toBe(0);
    expect(() => mask.put([0, 0, 0, 5, 1, 1], new Uint8Array(5))).toThrow("do not fit");
    expect(() => mask.put([0, 0, 0, 2, 1, 1], new Uint8Array(3))).toThrow("do not fit");
  });
});

describe("packed masks and strokes", () => {
  it("come out as they went in", () => {
    const region: Region = [0, 0, 0, 3, 2, 1];
    const bits = Uint8Array.from([1, 0, 1, 1, 0, 0]);
    expect(unpackBits(packBits(bits), region)).toEqual(bits);
    const values = Uint16Array.from([1, 300, 0, 65535, 2, 3]);
    const packed = packBits(new Uint8Array(values.buffer));
    expect(unpackMask(packed, region, "uint16")).toEqual(values);
  });
});
