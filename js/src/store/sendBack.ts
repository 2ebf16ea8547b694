// The open image sent back to who annotated it elsewhere, with a comment at the crosshair.
import { computed, type ReadonlySignal, type Signal, signal } from "@preact/signals";
import type { State } from "../protocol";
import type { Display } from "./display";
import type { Kernel } from "./kernel";
import type { OpenImage } from "./openImage";
import type { Slice } from "./slice";

export class SendBack implements Slice {
  /** What is to be changed, as it is typed. */
  readonly text: Signal<string> = signal("");
  /** Where the image was annotated and by whom; null where it cannot be sent back. */
  readonly origin: ReadonlySignal<string | null>;
  /** A comment is on its way, from here or from another page. */
  readonly underWay: ReadonlySignal<boolean>;
  /** The number of what was asked here and is not known to be heard. */
  private readonly asked: Signal<number | null> = signal(null);
  private readonly kernel: Pick<Kernel, "ask" | "state">;
  private readonly image: Pick<OpenImage, "header" | "epoch">;
  private readonly display: Pick<Display, "cursor">;
  /** The text that was sent from here, until the kernel says that it has arrived. */
  private given: string | null = null;
  private sent = 0;

  constructor(
    kernel: Pick<Kernel, "ask" | "state">,
    image: Pick<OpenImage, "header" | "epoch">,
    display: Pick<Display, "cursor">,
  ) {
    this.kernel = kernel;
    this.image = image;
    this.display = display;
    this.origin = computed(() => kernel.state.value?.sendBack?.origin ?? null);
    this.underWay = computed(() => this.asked.value !== null || kernel.state.value?.sendBack?.sending === true);
  }

  get canSend(): boolean {
    return this.origin.value !== null && this.text.value.trim() !== "" && !this.underWay.value;
  }

  send(): void {
    if (!this.canSend || !this.image.header.value) return;
    const [message, position] = [this.text.value.trim(), this.display.cursor.value];
    this.given = message;
    this.asked.value = this.kernel.ask({ type: "send_back", epoch: this.image.epoch, position, message });
  }

  onState({ sendBack }: State): void {
    const sent = sendBack?.sent ?? 0;
    const arrived = sent > this.sent;
    if (sendBack === null || (arrived && this.text.value.trim() === this.given)) this.text.value = "";
    if (arrived) this.given = null;
    this.sent = sent;
  }

  onAck(seq: number): void {
    if (this.asked.value !== null && seq >= this.asked.value) this.asked.value = null;
  }

  /** What is typed is about the image that goes. */
  onClose(): void {
    this.text.value = "";
    this.given = null;
    this.sent = 0;
    this.asked.value = null;
  }
}
