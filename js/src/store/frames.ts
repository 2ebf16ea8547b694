// The frames of a 4D image: the kernel reads the one that is asked for, and streams it into the same volume.
import { computed, type ReadonlySignal, type Signal, signal } from "@preact/signals";
import type { Header } from "../protocol";
import type { Draft } from "./draft";
import type { Kernel } from "./kernel";
import type { OpenImage } from "./openImage";
import type { Handlers, Slice } from "./slice";

type Image = Pick<OpenImage, "header" | "epoch" | "streamAnew">;

export class Frames implements Slice {
  /** The frame on the screen. */
  readonly frame = signal(0);
  /** The frame that the person wants. */
  readonly wanted: ReadonlySignal<number>;
  readonly count: ReadonlySignal<number>;
  readonly handlers: Handlers = { frame: ({ frame }) => this.take(frame) };
  private readonly asked: Signal<number | null> = signal(null);
  private readonly kernel: Pick<Kernel, "ask">;
  private readonly image: Image;
  private readonly draft: Pick<Draft, "drawing">;

  constructor(kernel: Pick<Kernel, "ask">, image: Image, draft: Pick<Draft, "drawing">) {
    this.kernel = kernel;
    this.image = image;
    this.draft = draft;
    this.count = computed(() => image.header.value?.frames ?? 1);
    this.wanted = computed(() => this.asked.value ?? this.frame.value);
  }

  show(frame: number): void {
    const to = Math.min(this.count.value - 1, Math.max(0, frame));
    // A stroke is drawn on what the person sees.
    if (to === this.wanted.value || this.draft.drawing) return;
    this.asked.value = to;
    this.kernel.ask({ type: "frame", epoch: this.image.epoch, frame: to });
  }

  onOpen({ frame = 0 }: Header): void {
    this.frame.value = frame;
    this.asked.value = null;
  }

  onReload({ frame = 0 }: Header): void {
    this.take(frame);
  }

  onError(): void {
    this.asked.value = null;
  }

  /** The kernel shows this frame: what is here belongs to another. */
  private take(frame: number): void {
    if (this.asked.value === frame) this.asked.value = null;
    if (frame === this.frame.value) return;
    this.frame.value = frame;
    this.image.streamAnew();
  }
}
