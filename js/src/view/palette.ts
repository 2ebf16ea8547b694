// Label colours ready for blending: for each label value, what to add and what to keep of the image below.
import type { LabelInfo } from "../protocol";

export interface Palette {
  /** Colour × opacity, packed as the canvas stores pixels; 0 where the label is not drawn. */
  readonly add: Uint32Array;
  /** How much of the image stays, 0 to 256. */
  readonly keep: Uint16Array;
}

const VALUES = 65536;

/** Red, green and blue of `#rgb` or `#rrggbb`; gray for anything else. */
export function rgb(color: string): [number, number, number] {
  const hex = /^#([0-9a-f]{3}|[0-9a-f]{6})$/i.exec(color)?.[1];
  if (!hex) return [160, 160, 160];
  const full = hex.length === 3 ? [...hex].map((c) => c + c).join("") : hex;
  const value = Number.parseInt(full, 16);
  return [value >> 16, (value >> 8) & 255, value & 255];
}

/**
 * A colour for a value that has no label: hues far apart for neighbouring values. `object_color` in
 * jlabel/labels/object_values.py is the same for pictures that the kernel makes.
 */
export function spareColor(value: number): [number, number, number] {
  const hue = (value * 137.508) % 360;
  const channel = (shift: number) => {
    const k = (shift + hue / 30) % 12;
    return Math.round(255 * (0.6 - 0.35 * Math.max(-1, Math.min(k - 3, 9 - k, 1))));
  };
  return [channel(0), channel(8), channel(4)];
}

const SPARE = Array.from({ length: 256 }, (_, value) => spareColor(value));

export function makePalette(labels: readonly LabelInfo[], opacity: number, hidden: ReadonlySet<number>): Palette {
  const add = new Uint32Array(VALUES);
  const keep = new Uint16Array(VALUES).fill(Math.round(256 * (1 - opacity)));
  const blended = ([r, g, b]: [number, number, number]) =>
    (Math.round(r * opacity) | (Math.round(g * opacity) << 8) | (Math.round(b * opacity) << 16)) >>> 0;
  const spare = SPARE.map(blended);
  for (let value = 1; value < VALUES; value++) add[value] = spare[value & 255] as number;
  for (const { value, color } of labels) add[value] = blended(rgb(color));
  for (const value of withObjects(hidden, labels)) [add[value], keep[value]] = [0, 256];
  return { add, keep };
}

/** What is hidden, with the objects of a hidden label. */
export function* withObjects(hidden: ReadonlySet<number>, labels: readonly LabelInfo[]): Iterable<number> {
  yield* hidden;
  const objects = labels.find(({ instances }) => instances);
  if (!objects || !hidden.has(objects.value)) return;
  const others = new Set(labels.map(({ value }) => value));
  for (let value = objects.value + 1; value < VALUES; value++) if (!others.has(value)) yield value;
}

/** The colour of a value: its label's, or that of a value without one, as objects have. */
export function colorOf(value: number, labels: readonly LabelInfo[]): string {
  const label = labels.find((one) => one.value === value);
  return (
    label?.color ??
    `#${spareColor(value & 255)
      .map((channel) => channel.toString(16).padStart(2, "0"))
      .join("")}`
  );
}
