import { describe, expect, it } from "vitest";
import type { Position } from "../protocol";
import { Mask } from "./mask";
import type { PaintRules } from "./paintRules";
import { DrawnStroke, halves, type Stroke } from "./stroke";
import { sweep, type Tip } from "./sweep";

const SHAPE: Position = [21, 15, 9];
const DISC: Tip = { normal: 2, radius: 4, ball: false };

function voxels(test: (v: Position) => boolean): Position[] {
  const found: Position[] = [];
  for (let k = 0; k < SHAPE[2]; k++)
    for (let j = 0; j < SHAPE[1]; j++) for (let i = 0; i < SHAPE[0]; i++) if (test([i, j, k])) found.push([i, j, k]);
  return found;
}

const painted = (mask: Mask) => voxels((v) => mask.at(v) !== 0);

function finished(stroke: DrawnStroke): Stroke {
  const found = stroke.finish();
  if (!found) throw new Error("the stroke touched nothing");
  return found;
}

/** Distance in mm of a voxel's centre from a line. */
function distance(v: Position, from: Position, to: Position, spacing: Position): number {
  const mm = (a: Position, b: Position) => a.map((n, axis) => (n - (b[axis] as number)) * (spacing[axis] as number));
  const dot = (a: number[], b: number[]) => a.reduce((sum, n, axis) => sum + n * (b[axis] as number), 0);
  const [way, off] = [mm(to, from), mm(v, from)];
  const along = dot(way, way) > 0 ? Math.min(1, Math.max(0, dot(off, way) / dot(way, way))) : 0;
  return Math.hypot(...off.map((n, axis) => n - along * (way[axis] as number)));
}

describe("the tip of a brush", () => {
  it("is a disc, round in millimetres where pixels are not square", () => {
    const mask = new Mask(SHAPE, "uint8");
    const centre: Position = [10, 7, 4];
    sweep(new DrawnStroke(mask, 5), [1, 2, 4], DISC, centre, centre);
    expect(painted(mask)).toEqual(voxels(([i, j, k]) => k === 4 && Math.hypot(i - 10, (j - 7) * 2) <= 4));
    expect(mask.at(centre)).toBe(5);
  });

  it("is a ball, round in millimetres along all three axes", () => {
    const mask = new Mask(SHAPE, "uint8");
    const centre: Position = [10, 7, 4];
    sweep(new DrawnStroke(mask, 5), [1, 2, 1.5], { ...DISC, ball: true }, centre, centre);
    expect(painted(mask)).toEqual(voxels(([i, j, k]) => Math.hypot(i - 10, (j - 7) * 2, (k - 4) * 1.5) <= 4));
  });

  it.each([0, 1, 2])("leaves a trail without gaps across axis %i", (normal) => {
    const spacing: Position = [0.9, 1.1, 1.7];
    for (const ball of [false, true])
      for (const [from, to] of [
        [
          [2.3, 3.1, 2.2],
          [17.4, 9.9, 6.8],
        ],
        [
          [15.2, 12.1, 3.3],
          [4.4, 12.1, 3.3],
        ],
        [
          [9.1, 1.2, 6.6],
          [9.1, 12.7, 1.5],
        ],
      ] as [Position, Position][]) {
        from[normal] = to[normal] = 5;
        const mask = new Mask(SHAPE, "uint8");
        sweep(new DrawnStroke(mask, 1), spacing, { normal, radius: 2.6, ball }, from, to);
        const near = voxels((v) => (ball || v[normal] === 5) && distance(v, from, to, spacing) <= 2.6);
        expect(painted(mask)).toEqual(near);
      }
  });

  it("marks the voxel under the pointer however small it is", () => {
    const mask = new Mask(SHAPE, "uint8");
    const tip = { normal: 2, radius: 0.01, ball: true };
    sweep(new DrawnStroke(mask, 1), [1, 1, 1], tip, [3.4, 2.6, 0], [3.4, 2.6, 0]);
    expect(painted(mask)).toEqual([[3, 3, 0]]);
  });

  it("is cut off at the image's edge", () => {
    const mask = new Mask(SHAPE, "uint8");
    const tip = { normal: 2, radius: 2, ball: false };
    sweep(new DrawnStroke(mask, 1), [1, 1, 1], tip, [-1, -1, 0], [-1, -1, 0]);
    expect(painted(mask)).toEqual([[0, 0, 0]]);
    const outside = new DrawnStroke(mask, 1);
    sweep(outside, [1, 1, 1], tip, [-9, 4, 0], [-9, 4, 0]);
    expect(outside.finish()).toBeNull();
  });
});

describe("a stroke", () => {
  const draw = (mask: Mask, options = {}) => {
    const stroke = new DrawnStroke(mask, 1, options);
    const tip = { normal: 2, radius: 2.5, ball: true };
    const way: Position[] = [
      [3, 3, 3],
      [8, 4, 3],
      [12, 11, 3],
      [19, 2, 3],
    ];
    for (const [n, to] of way.entries()) sweep(stroke, [1, 1, 1], tip, way[Math.max(0, n - 1)] as Position, to);
    return stroke;
  };

  it("says exactly which voxels it touched, in the smallest box", () => {
    const direct = new Mask(SHAPE, "uint8");
    const { region, bits, value } = finished(draw(direct));
    const told = new Mask(SHAPE, "uint8");
    told.paint(region, bits, value);
    expect(told.data).toEqual(direct.data);
    const found = painted(direct);
    const sides = [0, 1, 2].map((axis) => found.map((v) => v[axis] as number));
    expect(region).toEqual([...sides.map((s) => Math.min(...s)), ...sides.map((s) => Math.max(...s) + 1)]);
  });

  it("can be told in parts", () => {
    const whole = new Mask(SHAPE, "uint8");
    const told = new Mask(SHAPE, "uint8");
    const cut = (stroke: Stroke, times: number): Stroke[] =>
      times === 0 ? [stroke] : (halves(stroke) ?? [stroke]).flatMap((part) => cut(part, times - 1));
    for (const part of cut(finished(draw(whole)), 5)) told.paint(part.region, part.bits, part.value);
    expect(told.data).toEqual(whole.data);
  });

  it("obeys the rules, on this mask and on any other that it is painted over", () => {
    const rules: PaintRules = { locked: new Set([7]), overBackground: false };
    const filled = (v: number) => {
      const mask = new Mask(SHAPE, "uint8");
      mask.put([0, 0, 0, 8, 15, 9], new Uint8Array(8 * 15 * 9).fill(v));
      return mask;
    };
    const mask = filled(7);
    const { region, bits, value } = finished(draw(mask, { rules }));
    expect(painted(mask).every((v) => (v[0] < 8 ? mask.at(v) === 7 : mask.at(v) === 1))).toBe(true);
    const other = filled(3);
    other.paint(region, bits, value, rules);
    expect(other.at([3, 3, 3])).toBe(1);
    const over = filled(3);
    over.paint(region, bits, value, { locked: new Set(), overBackground: true });
    expect(over.at([3, 3, 3])).toBe(3);
    expect(over.at([12, 11, 3])).toBe(1);
  });

  it("leaves out what it may not touch at all", () => {
    const mask = new Mask(SHAPE, "uint8");
    const stroke = draw(mask, { accept: (at: number) => at % 2 === 0 });
    expect(painted(mask).every(([i, j, k]) => (i + j * 21 + k * 315) % 2 === 0)).toBe(true);
    const told = new Mask(SHAPE, "uint8");
    const { region, bits, value } = finished(stroke);
    told.paint(region, bits, value);
    expect(told.data).toEqual(mask.data);
  });

  it("is painted again over a mask that changed meanwhile", () => {
    const mask = new Mask(SHAPE, "uint8");
    const stroke = draw(mask);
    const wanted = Uint8Array.from(mask.data);
    mask.clear();
    stroke.repaint();
    expect(mask.data).toEqual(wanted);
  });
});
