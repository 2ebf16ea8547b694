// Operations on whole labels: with what numbers, and the messages that ask the kernel for them.
import { effect, type Signal, signal } from "@preact/signals";
import type { Extent, Header, OperationName, Position } from "../protocol";
import type { PlaneGeometry } from "../view/plane";
import type { Session } from "./session";

export type FillBy = "label" | "intensity";

export class Operations {
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
  private readonly session: Session;
  private sizedFor: string | null = null;

  constructor(session: Session) {
    this.session = session;
    effect(() => {
      if (session.header.value) this.open(session.header.value);
    });
  }

  /** Why the chosen label cannot be edited now; null where it can. */
  get obstacle(): string | null {
    const { session } = this;
    const value = session.activeValue;
    if (!session.header.value) return "No image is open";
    if (value === null) return "There is no label to edit";
    return session.rules.isLocked(value) ? `${session.chosen("label")} is locked; unlock it to edit it` : null;
  }

  /** The extent as the image has it: a picture has one slice, which is all of it. */
  extentOf(header: Header): Extent {
    return header.flat ? "volume" : this.extent.value;
  }

  /** Ask for an operation on the chosen label, in the plane of a geometry. */
  ask(name: OperationName, geometry: PlaneGeometry, slice: number, parameters: Record<string, unknown> = {}): void {
    const { session } = this;
    const value = session.activeValue;
    // With every label at once, the kernel leaves those that are locked.
    const obstacle = parameters.all === true && session.header.value ? null : this.obstacle;
    if (obstacle !== null) return session.fail(`${obstacle}.`);
    if (session.drawing || value === null) return;
    session.display.show(value);
    session.ask({
      type: "operate",
      epoch: session.currentEpoch,
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
  private open({ shape, spacing, window: [black, white], dtype }: Header): void {
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
