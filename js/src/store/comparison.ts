// Another label of the image beside the draft, as the kernel sends it, and how well the two agree.
import { type Signal, signal } from "@preact/signals";
import type { AgreementRow, State, Tell } from "../protocol";
import { unpackMask } from "../volume/codec";
import { Mask } from "../volume/mask";
import type { Kernel } from "./kernel";
import type { OpenImage } from "./openImage";
import type { Handlers, Slice } from "./slice";

export interface Agreement {
  /** Of a voxel; null for pictures. */
  millilitres: number | null;
  rows: AgreementRow[];
}

export type CompareBy = "outline" | "sides";

export class LabelComparison implements Slice {
  /** How the other label is shown. */
  readonly by: Signal<CompareBy> = signal("outline");
  /** Grows when the other label changes. */
  readonly version = signal(0);
  readonly agreement: Signal<Agreement | null> = signal(null);
  /** The other label; null where there is none, or nothing labelled in it. */
  mask: Mask | null = null;
  readonly handlers: Handlers = {
    other: (message, buffers) => this.take(message, buffers[0] as Uint8Array),
    agreement: (message) => {
      if (message.number === this.wanted) this.agreement.value = message;
    },
  };
  private readonly kernel: Pick<Kernel, "ask" | "state">;
  private readonly image: Pick<OpenImage, "header" | "epoch">;
  private number = 0;

  constructor(kernel: Pick<Kernel, "ask" | "state">, image: Pick<OpenImage, "header" | "epoch">) {
    this.kernel = kernel;
    this.image = image;
  }

  get on(): boolean {
    return this.kernel.state.value?.comparing != null && this.image.header.value !== null;
  }

  /** Show a saved label; without a tag the kernel chooses. */
  start(tag: string | null = null, version: number | null = null): void {
    this.kernel.ask({ type: "compare", epoch: this.image.epoch, tag, version });
  }

  stop(): void {
    this.kernel.ask({ type: "stop_comparing" });
  }

  /** Put it in the place of the draft: all of it, or one label. */
  takeOver(value: number | null): void {
    const shown = this.kernel.state.value?.comparing;
    if (!shown) return;
    const { tag, version } = shown;
    this.kernel.ask({ type: "take_over", epoch: this.image.epoch, tag, version, value });
  }

  onState(state: State): void {
    if (state.comparing?.number !== this.number) this.onClose();
  }

  /** The image goes, or nothing is compared any more. */
  onClose(): void {
    if (this.mask === null && this.agreement.value === null) return;
    this.mask = null;
    this.agreement.value = null;
    this.version.value++;
  }

  private get wanted(): number | null {
    return this.kernel.state.value?.comparing?.number ?? null;
  }

  private take({ number, region, dtype }: Extract<Tell, { type: "other" }>, packed: Uint8Array): void {
    const header = this.image.header.value;
    if (!header || number !== this.wanted) return;
    if (number !== this.number) this.onClose();
    this.number = number;
    this.mask ??= new Mask(header.shape, dtype);
    this.mask.put(region, unpackMask(packed, region, dtype));
    this.version.value++;
  }
}
