// Operations on whole labels: with what numbers, and the messages that ask the kernel for them.
import { type Signal, signal } from "@preact/signals";
import type { Header, OperationName, Position } from "../protocol";
import type { PlaneGeometry } from "../volume/planeGeometry";
import type { Choices } from "./choices";
import type { Display } from "./display";
import type { Draft } from "./draft";
import type { Kernel } from "./kernel";
import type { OpenImage } from "./openImage";
import type { PaintSettings } from "./paintSettings";
import type { Slice } from "./slice";

/** One slice, each slice on its own, or all in 3D. */
export type Extent = "slice" | "slices" | "volume";

export type FillBy = "label" | "intensity";

/** What they need to know of the rest. */
interface Context {
  image: Pick<OpenImage, "header" | "epoch">;
  draft: Pick<Draft, "drawing">;
  display: Pick<Display, "show">;
  choices: Pick<Choices, "chosen" | "activeLabel" | "activeValue">;
  paintSettings: Pick<PaintSettings, "isLocked">;
}

export class LabelOperations implements Slice {
  /** Where the operations of the side bar work. */
  readonly extent: Signal<Extent> = signal("volume");
  /** How far to grow and shrink, and the size of bumps to smooth, in mm. */
  readonly radius = signal(2);
  /** The smallest part that stays, in mm³. */
  readonly smallestVolume = signal(100);
  /** The smallest part that stays in a slice, in mm². */
  readonly smallestArea = signal(10);
  /** The slices above and below are copied with all their labels. */
  readonly copyAll = signal(false);
  /** The range of intensities to paint. */
  readonly low = signal(0);
  readonly high = signal(1);
  readonly fillBy: Signal<FillBy> = signal("label");
  readonly fillIn3d = signal(false);
  /** How much brighter or darker than the voxel that was clicked, in the image's units. */
  readonly tolerance = signal(10);
  /** How far from the click at most, in mm. */
  readonly reach = signal(50);
  private readonly kernel: Pick<Kernel, "ask" | "fail">;
  private readonly context: Context;
  private sizedFor: string | null = null;

  constructor(kernel: Pick<Kernel, "ask" | "fail">, context: Context) {
    this.kernel = kernel;
    this.context = context;
  }

  /** Why the chosen label cannot be edited now; null where it can. */
  get obstacle(): string | null {
    const { image, choices, paintSettings } = this.context;
    const value = choices.activeValue;
    if (!image.header.value) return "No image is open";
    if (value === null) return "There is no label to edit";
    return paintSettings.isLocked(value) ? `${choices.chosen("label")} is locked; unlock it to edit it` : null;
  }

  /** The extent as the image has it: a picture has one slice, which is all of it. */
  extentOf(header: Header): Extent {
    return header.flat ? "volume" : this.extent.value;
  }

  /** Ask for an operation on the chosen label, in the plane of a geometry. */
  ask(name: OperationName, geometry: PlaneGeometry, slice: number, parameters: Record<string, unknown> = {}): void {
    const { image, draft, display, choices } = this.context;
    const value = choices.activeValue;
    // With every label at once, the kernel leaves those that are locked.
    const obstacle = parameters.all === true && image.header.value ? null : this.obstacle;
    if (obstacle !== null) return this.kernel.fail(`${obstacle}.`);
    if (draft.drawing || value === null) return;
    display.show(choices.activeLabel?.value ?? value);
    this.kernel.ask({
      type: "operate",
      epoch: image.epoch,
      operation: name,
      parameters,
      axis: geometry.normal,
      slice,
      value,
    });
  }

  fill(seed: Position, geometry: PlaneGeometry): void {
    const alike = { tolerance: this.tolerance.value, radius: this.reach.value };
    this.ask("fill", geometry, seed[geometry.normal] as number, {
      seed: [...seed],
      extent: this.fillIn3d.value ? "volume" : "slice",
      ...(this.fillBy.value === "intensity" ? alike : {}),
    });
  }

  /** Numbers that suit the image; what a person has typed stays for images of the same kind. */
  onOpen({ shape, spacing, window: [black, white], dtype }: Header): void {
    const kind = `${shape} ${spacing} ${black} ${white}`;
    if (this.sizedFor === kind) return;
    this.sizedFor = kind;
    const whole = dtype !== "float32";
    const rounded = (intensity: number) => (whole ? Math.round(intensity) : Number(intensity.toPrecision(3)));
    this.radius.value = Number((1.5 * Math.min(...spacing)).toPrecision(2));
    this.low.value = rounded((black + white) / 2);
    this.high.value = rounded(white);
    this.tolerance.value = rounded(Math.max((white - black) / 10, whole ? 1 : 0));
  }
}
