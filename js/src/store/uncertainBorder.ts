// The voxels that the model's last answer is not sure of, as the kernel sends them.
import { type Signal, signal } from "@preact/signals";
import type { State, Tell } from "../protocol";
import { unpackMask } from "../volume/codec";
import { regionSize } from "../volume/region";
import { type BoxVoxels, putInBox } from "./boxVoxels";
import type { Kernel } from "./kernel";
import type { Handlers, Slice } from "./slice";
import { Switch } from "./switch";

/** Not 0 where the model is not sure. */
export interface UncertainVoxels extends BoxVoxels {
  /** Of the label that the model was asked for. */
  value: number;
}

export class UncertainBorder implements Slice {
  readonly shown: Switch;
  /** Grows when the border changes. */
  readonly version: Signal<number> = signal(0);
  readonly handlers: Handlers = {
    uncertain: (message, buffers) => this.take(message, buffers[0] as Uint8Array),
    no_uncertain: () => this.onClose(),
  };
  private border: UncertainVoxels | null = null;
  private number = 0;

  constructor(kernel: Pick<Kernel, "ask" | "state">) {
    this.shown = new Switch(kernel, "uncertain_border", (state) => state.uncertainBorder);
  }

  /** What is to be drawn; null for nothing. */
  get drawn(): UncertainVoxels | null {
    return this.shown.on.peek() ? this.border : null;
  }

  /** How many voxels are shown. */
  get count(): number {
    return this.drawn?.bits.reduce((sum, bit) => sum + (bit ? 1 : 0), 0) ?? 0;
  }

  onState(state: State): void {
    this.shown.onState(state);
  }

  onError(): void {
    this.shown.onError();
  }

  onClose(): void {
    if (this.border === null) return;
    this.border = null;
    this.version.value++;
  }

  private take({ number, value, box, region }: Extract<Tell, { type: "uncertain" }>, packed: Uint8Array): void {
    if (this.border === null || number !== this.number)
      this.border = { value, box, bits: new Uint8Array(regionSize(box)) };
    this.number = number;
    putInBox(this.border, region, unpackMask(packed, region, "uint8"));
    this.version.value++;
  }
}
