// The colours of uncertainty: from violet (nearly sure) to pink (all equally likely). Equal steps look equally large, and
// no colour is one of the labels': uncertaintyColors.test.ts measures both.
import { rgb } from "./palette";

/** Equally far apart, the surest first. */
export const STOPS = [
  "#4a2a76",
  "#67318f",
  "#8735a7",
  "#aa37be",
  "#d035d2",
  "#e74fd5",
  "#fc68d9",
  "#ff81de",
  "#ff9ae5",
] as const;

/** What is surer than this is not drawn. */
const SURE = 0.06;

/** For each of 256 levels, what to add to a pixel and how much of it to keep, as in palette.ts. */
export interface UncertaintyColors {
  readonly add: Uint32Array;
  readonly keep: Uint16Array;
}

/** The colour at a place of the scale, 0 to 1. */
export function uncertaintyColor(at: number): [number, number, number] {
  const place = Math.min(1, Math.max(0, at)) * (STOPS.length - 1);
  const below = Math.min(STOPS.length - 2, Math.floor(place));
  const [from, to] = [rgb(STOPS[below] as string), rgb(STOPS[below + 1] as string)];
  const mixed = from.map((channel, n) => Math.round(channel + ((to[n] as number) - channel) * (place - below)));
  return mixed as [number, number, number];
}

/** The surer, the more is seen of what lies below. */
export function uncertaintyColors(opacity: number): UncertaintyColors {
  const add = new Uint32Array(256);
  const keep = new Uint16Array(256).fill(256);
  for (let level = 0; level < 256; level++) {
    const at = level / 255;
    if (at < SURE) continue;
    const share = opacity * Math.min(1, 0.25 + 1.25 * at);
    const [r, g, b] = uncertaintyColor(at).map((channel) => Math.round(channel * share)) as [number, number, number];
    add[level] = (r | (g << 8) | (b << 16)) >>> 0;
    keep[level] = Math.floor(256 * (1 - share));
  }
  return { add, keep };
}

/** For the legend. */
export const GRADIENT = `linear-gradient(to right, ${STOPS.join(", ")})`;
