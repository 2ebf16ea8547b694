// The numbers of the model's curve: which versions are on it, and where its axes have ticks.
import type { ModelPoint } from "./loopStatus";

export type Scored = ModelPoint & { score: number };

/** From where to where an axis goes, and where its ticks are. */
export interface Axis {
  low: number;
  high: number;
  at: number[];
}

/** The versions that can be compared with the newest one that has a score, by the images that they learnt from. */
export function onCurve(curve: readonly ModelPoint[]): Scored[] {
  const scored = curve.filter((point): point is Scored => point.score !== null);
  const metric = scored.at(-1)?.metric;
  return scored.filter((point) => point.metric === metric).sort((a, b) => a.images - b.images || a.version - b.version);
}

/** A few round numbers, the first at most `low`, the last at least `high`. */
export function ticks(low: number, high: number, steps = 5, leastStep = 0): number[] {
  const rough = Math.max((high - low) / steps, leastStep, Number.EPSILON);
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = ([1, 2, 5, 10].find((factor) => factor * power >= rough * (1 - 1e-9)) as number) * power;
  const first = Math.floor(low / step + 1e-9);
  const count = Math.max(1, Math.ceil(high / step - 1e-9) - first);
  // Multiples of a step such as 0.05 are not quite what they are called.
  return Array.from({ length: count + 1 }, (_, place) => Number(((first + place) * step).toPrecision(12)));
}

/** The axis of the scores: those from 0 to 1 stay there. */
export function scoreAxis(points: readonly Scored[]): Axis {
  const { low, high } = range(points.map(({ score }) => score));
  const within = low >= 0 && high <= 1;
  const room = Math.max((high - low) * 0.1, within ? 0.05 : Math.abs(high) * 0.05, 1e-6);
  const at = within ? ticks(Math.max(0, low - room), Math.min(1, high + room)) : ticks(low - room, high + room);
  return { low: at[0] as number, high: at.at(-1) as number, at };
}

/** The axis of the numbers of images. */
export function imageAxis(points: readonly Scored[]): Axis {
  const { low: least, high: most } = range(points.map(({ images }) => images));
  const [low, high] = least === most ? [Math.max(0, least - 1), most + 1] : [least, most];
  return { low, high, at: ticks(low, high, 6, 1).filter((value) => value >= low && value <= high) };
}

function range(values: readonly number[]): { low: number; high: number } {
  return { low: Math.min(...values), high: Math.max(...values) };
}

/** The ticks with as many digits as they need. */
export function tickTexts(at: readonly number[]): string[] {
  const step = at.length > 1 ? (at[1] as number) - (at[0] as number) : 1;
  const digits = Math.min(6, Math.max(0, -Math.floor(Math.log10(step) + 1e-9)));
  return at.map((value) => value.toFixed(digits));
}
