import { expect, it } from "vitest";
import type { Region } from "../protocol";
import { NO_RULES } from "../volume/paintRules";
import { packed } from "./pendingStrokes";

/** A thin stroke from one corner of a cube of `n` voxels a side to the other. */
function diagonal(n: number) {
  const bits = new Uint8Array(n ** 3);
  for (let i = 0; i < n; i++) bits[i * (1 + n + n * n)] = 1;
  return { region: [5, 6, 7, 5 + n, 6 + n, 7 + n] as Region, bits, value: 1, rules: NO_RULES };
}

it("sends a large stroke in boxes that the kernel takes in at once, less those that it did not touch", () => {
  const stroke = diagonal(160);
  const parts = packed(stroke);
  const touched: string[] = [];
  for (const { part } of parts) {
    const [x0, y0, z0, x1, y1, z1] = part.region;
    const [width, height] = [x1 - x0, y1 - y0];
    expect(part.bits.length).toBe(width * height * (z1 - z0));
    expect(part.bits.length).toBeLessThanOrEqual(1_000_000);
    expect(part.bits.includes(1)).toBe(true);
    for (let at = part.bits.indexOf(1); at >= 0; at = part.bits.indexOf(1, at + 1)) {
      const [x, y, z] = [at % width, Math.floor(at / width) % height, Math.floor(at / (width * height))];
      touched.push(`${x0 + x - 5} ${y0 + y - 6} ${z0 + z - 7}`);
    }
  }
  expect(touched).toEqual(Array.from({ length: 160 }, (_, i) => `${i} ${i} ${i}`));
});

it("leaves out what lies between the two ends of a stroke", () => {
  const bits = new Uint8Array(4_000_000);
  bits[0] = bits[bits.length - 1] = 1;
  const parts = packed({ region: [0, 0, 0, 100, 100, 400], bits, value: 1, rules: NO_RULES });
  expect(parts.map(({ part }) => [part.region[2], part.region[5]])).toEqual([
    [0, 100],
    [300, 400],
  ]);
});

it("sends a small stroke as it is", () => {
  const stroke = diagonal(20);
  expect(packed(stroke).map(({ part }) => part)).toEqual([stroke]);
});
