// What the brush is like besides its radius: disc or ball, and the intensities that it keeps to.
import { signal } from "@preact/signals";
import type { Header, Position } from "../protocol";
import type { Accept } from "../volume/stroke";
import type { Kernel } from "./kernel";
import type { OpenImage } from "./openImage";

export class Brush {
  /** A ball that reaches into the slices beside the one that is painted in; else a disc in it. */
  readonly ball = signal(false);
  /** Only voxels whose intensity lies between `low` and `high`, both included, are painted. */
  readonly limited = signal(false);
  readonly low = signal(0);
  readonly high = signal(0);
  /** How far to either side of an intensity that was picked the range goes. */
  readonly tolerance = signal(0);
  private readonly kernel: Pick<Kernel, "fail">;
  private readonly image: Pick<OpenImage, "header" | "volume">;
  private suits: string | null = null;

  constructor(kernel: Pick<Kernel, "fail">, image: Pick<OpenImage, "header" | "volume">) {
    this.kernel = kernel;
    this.image = image;
  }

  /** Whether there are intensities to keep to: a colour image has none. */
  get canLimit(): boolean {
    return this.image.header.value?.channels === 1;
  }

  toggleBall(): void {
    this.ball.value = !this.ball.value;
  }

  toggleLimited(): void {
    const header = this.image.header.peek();
    if (!header) return;
    if (header.channels !== 1) return this.kernel.fail("A colour image has no single intensity to keep to.");
    this.suit(header);
    this.limited.value = !this.limited.value;
  }

  /** Keep to intensities near the one of a voxel. */
  pick(voxel: Position): void {
    const found = this.image.volume?.at(voxel);
    if (!found) return this.kernel.fail("This voxel has not arrived yet, or lies outside of the image.");
    const value = found[0] as number;
    const reach = Math.abs(this.tolerance.value);
    this.low.value = plain(value - reach);
    this.high.value = plain(value + reach);
    this.limited.value = true;
  }

  /** What the range says of a voxel; null where every voxel may be painted. */
  get accept(): Accept | null {
    const { volume } = this.image;
    if (!this.limited.peek() || !volume || volume.channels !== 1) return null;
    const [low, high] = [this.low.peek(), this.high.peek()].sort((a, b) => a - b) as [number, number];
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
    [this.low.value, this.high.value] = [plain(black), plain(white)];
    this.tolerance.value = plain(Math.abs(white - black) / 20);
  }
}

/** Without the digits that arithmetic adds. */
function plain(value: number): number {
  return Number(value.toPrecision(6));
}
