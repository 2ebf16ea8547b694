// What the brush is like besides its radius: disc or ball, and the intensities that it keeps to.
import { type Signal, signal } from "@preact/signals";
import type { Header, Position } from "../protocol";
import type { Accept } from "../volume/stroke";
import type { Session } from "./session";

export class Brush {
  /** A ball that reaches into the slices beside the one that is painted in; else a disc in it. */
  readonly ball = signal(false);
  /** Only voxels whose intensity lies in `range` are painted. */
  readonly limited = signal(false);
  /** Lowest and highest intensity, both included. */
  readonly range: Signal<readonly [number, number]> = signal([0, 0]);
  /** How far to either side of an intensity that was picked the range goes. */
  readonly tolerance = signal(0);
  private readonly session: Session;
  private suits: string | null = null;

  constructor(session: Session) {
    this.session = session;
  }

  /** Whether there are intensities to keep to: a colour image has none. */
  get canLimit(): boolean {
    return this.session.header.value?.channels === 1;
  }

  toggleBall(): void {
    this.ball.value = !this.ball.value;
  }

  toggleLimited(): void {
    const header = this.session.header.peek();
    if (!header) return;
    if (header.channels !== 1) return this.session.fail("A colour image has no single intensity to keep to.");
    this.suit(header);
    this.limited.value = !this.limited.value;
  }

  /** From one intensity to another, whichever is the lower. */
  setRange(one: number, other: number): void {
    if (Number.isFinite(one) && Number.isFinite(other)) this.range.value = [Math.min(one, other), Math.max(one, other)];
  }

  setTolerance(tolerance: number): void {
    if (Number.isFinite(tolerance)) this.tolerance.value = Math.abs(tolerance);
  }

  /** Keep to intensities near the one of a voxel. */
  pick(voxel: Position): void {
    const found = this.session.volume?.at(voxel);
    if (!found) return this.session.fail("This voxel has not arrived yet, or lies outside of the image.");
    const value = found[0] as number;
    this.setRange(plain(value - this.tolerance.value), plain(value + this.tolerance.value));
    this.limited.value = true;
  }

  /** What the range says of a voxel; null where every voxel may be painted. */
  get accept(): Accept | null {
    const { volume } = this.session;
    if (!this.limited.peek() || !volume || volume.channels !== 1) return null;
    const [low, high] = this.range.peek();
    const { data } = volume;
    return (at) => {
      const value = data[at] as number;
      return value >= low && value <= high;
    };
  }

  /** Start from what is seen: the window's intensities, and a twentieth of them to either side of a picked one. */
  private suit({ window: [black, white], dtype, spacing, shape }: Header): void {
    const kind = `${dtype} ${black} ${white} ${spacing} ${shape}`;
    if (this.suits === kind) return;
    this.suits = kind;
    this.setRange(plain(black), plain(white));
    this.tolerance.value = plain((white - black) / 20) || plain(Math.abs(white - black) / 20);
  }
}

/** Without the digits that arithmetic adds. */
function plain(value: number): number {
  return Number(value.toPrecision(6));
}
