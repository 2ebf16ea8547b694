// Hands the kernel's messages to the slices of a store, those for this page and for the image that is open.
import { batch } from "@preact/signals";
import type { State, Tell } from "../protocol";
import type { Kernel } from "./kernel";
import type { OpenImage } from "./openImage";
import type { Slice } from "./slice";

export class Dispatcher {
  private readonly slices: readonly Slice[];
  private readonly image: Pick<OpenImage, "epoch" | "header">;
  private readonly kernel: Pick<Kernel, "client" | "fail" | "state">;
  private readonly handlers: ReadonlyMap<string, (message: never, buffers: Uint8Array[]) => void>;

  /** The slices in the order in which they hear of what concerns all of them. */
  constructor(
    slices: readonly Slice[],
    image: Pick<OpenImage, "epoch" | "header">,
    kernel: Pick<Kernel, "client" | "fail" | "state">,
  ) {
    this.slices = slices;
    this.image = image;
    this.kernel = kernel;
    this.handlers = new Map(slices.flatMap(({ handlers }) => Object.entries(handlers ?? {})));
  }

  take(message: Tell, buffers: Uint8Array[]): void {
    if (!this.concerns(message)) return;
    try {
      batch(() => this.handle(message, buffers));
    } catch (error) {
      this.kernel.fail(`The browser could not take a "${message.type}" message: ${(error as Error).message}`);
    }
  }

  private concerns(message: Tell): boolean {
    const { client } = this.kernel;
    if (message.type === "image") return message.client === undefined || message.client === client;
    if ("epoch" in message && message.epoch !== this.image.epoch) return false;
    return message.type === "edited" || !("client" in message) || message.client === client;
  }

  private handle(message: Tell, buffers: Uint8Array[]): void {
    if (message.type === "state") this.takeState(message.state);
    else if (message.type === "changed") this.takeChange(message.state);
    else if (message.type === "image") this.takeImage(message);
    else if (message.type === "ack") for (const slice of this.slices) slice.onAck?.(message.seq);
    else if (message.type === "error") for (const slice of this.slices) slice.onError?.(message.text);
    else this.handlers.get(message.type)?.(message as never, buffers);
  }

  /** What is another now; before the kernel has said everything, that means nothing. */
  private takeChange(changed: Partial<State>): void {
    const known = this.kernel.state.peek();
    if (known) this.takeState({ ...known, ...changed });
  }

  private takeState(state: State): void {
    if (state.imageId === null) this.closeImage();
    for (const slice of this.slices) slice.onState?.(state);
  }

  private takeImage({ epoch, header, client }: Extract<Tell, { type: "image" }>): void {
    const { image } = this;
    if (epoch < image.epoch) return;
    if (epoch === image.epoch && image.header.value?.id === header.id) {
      // Without this page's name it is not the answer to its hello: another page has opened the same image.
      if (client !== undefined) for (const slice of this.slices) slice.onReload?.(header);
      return;
    }
    this.closeImage();
    for (const slice of this.slices) slice.onOpen?.(header, epoch);
  }

  private closeImage(): void {
    for (const slice of this.slices) slice.onClose?.();
  }
}
