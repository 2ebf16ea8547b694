// The frames of a 4D image: the kernel reads the one that is asked for, and streams it into the same volume.
import { computed, type ReadonlySignal, type Signal, signal } from "@preact/signals";
import type { Session } from "./session";

export class Frames {
  /** The frame on the screen. */
  readonly frame = signal(0);
  /** The frame that the person wants. */
  readonly wanted: ReadonlySignal<number>;
  readonly count: ReadonlySignal<number>;
  private readonly asked: Signal<number | null> = signal(null);
  private readonly session: Session;

  constructor(session: Session) {
    this.session = session;
    this.count = computed(() => session.header.value?.frames ?? 1);
    this.wanted = computed(() => this.asked.value ?? this.frame.value);
    session.on("frame", ({ frame }) => this.take(frame));
  }

  show(frame: number): void {
    const { session } = this;
    const to = Math.min(this.count.value - 1, Math.max(0, frame));
    // A stroke is drawn on what the person sees.
    if (to === this.wanted.value || session.drawing) return;
    this.asked.value = to;
    session.ask({ type: "frame", epoch: session.currentEpoch, frame: to });
  }

  /** Another image is open. */
  open(frame: number): void {
    this.frame.value = frame;
    this.asked.value = null;
  }

  /** What was asked did not happen. */
  forget(): void {
    this.asked.value = null;
  }

  /** The kernel shows this frame: what is here belongs to another. */
  take(frame: number): void {
    if (this.asked.value === frame) this.asked.value = null;
    if (frame === this.frame.value) return;
    this.frame.value = frame;
    this.session.streamAnew();
  }
}
