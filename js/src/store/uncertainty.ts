// How unsure a model is of the image that is open, as the kernel sends it; and the places where a person is needed.
import { type Signal, signal } from "@preact/signals";
import type { Region, State, Tell } from "../protocol";
import { unpackMask } from "../volume/codec";
import { regionSize } from "../volume/region";
import { type BoxVoxels, putInBox } from "./boxVoxels";
import type { Display } from "./display";
import type { Kernel } from "./kernel";
import { isNumber, Memory } from "./memory";
import type { OpenImage } from "./openImage";
import type { Handlers, Slice } from "./slice";
import { Switch } from "./switch";

const USUAL_OPACITY = 0.7;

export class Uncertainty implements Slice {
  readonly shown: Switch;
  /** How much of the least sure voxels hides what lies below, 0 to 1; this browser remembers it. */
  readonly opacity: Signal<number>;
  /** Grows when it changes. */
  readonly version: Signal<number> = signal(0);
  readonly handlers: Handlers = {
    uncertainty: (message, buffers) => this.take(message, buffers[0] as Uint8Array),
    no_uncertainty: () => this.onClose(),
    go_to: ({ position }) => {
      const { header } = this.image;
      if (header.value) this.display.moveCursor(position, header.value.shape);
    },
  };
  private readonly kernel: Pick<Kernel, "send" | "client" | "dismissError">;
  private readonly image: Pick<OpenImage, "header" | "epoch">;
  private readonly display: Pick<Display, "moveCursor">;
  private readonly remembered = new Memory("uncertainty-opacity", "localStorage", isNumber);
  private voxels: BoxVoxels | null = null;
  private number = 0;

  constructor(
    kernel: Pick<Kernel, "ask" | "send" | "state" | "client" | "dismissError">,
    image: Pick<OpenImage, "header" | "epoch">,
    display: Pick<Display, "moveCursor">,
  ) {
    this.kernel = kernel;
    this.image = image;
    this.display = display;
    this.shown = new Switch(kernel, "show_uncertainty", (state) => state.uncertainty.on);
    this.opacity = signal(Math.min(1, Math.max(0, this.remembered.value ?? USUAL_OPACITY)));
  }

  /** What is to be drawn; null for nothing. */
  get drawn(): BoxVoxels | null {
    return this.shown.on.peek() ? this.voxels : null;
  }

  setOpacity(opacity: number): void {
    this.opacity.value = this.remembered.value = opacity;
  }

  /** Move the crosshair to the next place where the model is least sure. */
  goOn(): void {
    if (!this.image.header.value) return;
    const { client } = this.kernel;
    this.kernel.dismissError();
    this.kernel.send({ type: "where_needed", client, epoch: this.image.epoch });
  }

  onState(state: State): void {
    this.shown.onState(state);
  }

  onError(): void {
    this.shown.onError();
  }

  onClose(): void {
    if (this.voxels === null) return;
    this.voxels = null;
    this.version.value++;
  }

  private take({ number, box, region }: Extract<Tell, { type: "uncertainty" }>, packed: Uint8Array): void {
    if (this.voxels === null || number !== this.number) this.voxels = { box, bits: new Uint8Array(regionSize(box)) };
    this.number = number;
    putInBox(this.voxels, region, unpackMask(packed, region as Region, "uint8"));
    this.version.value++;
  }
}
