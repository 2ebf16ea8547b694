// The saved labels of the image with all their versions.
import { type Signal, signal } from "@preact/signals";
import type { TagVersions } from "../protocol";
import type { Kernel } from "./kernel";
import type { OpenImage } from "./openImage";
import type { Handlers, Slice } from "./slice";

export class LabelVersions implements Slice {
  /** By tag, the newest version first; null until the kernel has said so. */
  readonly tags: Signal<readonly TagVersions[] | null> = signal(null);
  readonly handlers: Handlers = {
    versions: ({ tags }) => {
      this.tags.value = tags;
    },
  };
  private readonly kernel: Pick<Kernel, "ask" | "send" | "client">;
  private readonly image: Pick<OpenImage, "epoch">;

  constructor(kernel: Pick<Kernel, "ask" | "send" | "client">, image: Pick<OpenImage, "epoch">) {
    this.kernel = kernel;
    this.image = image;
  }

  request(): void {
    this.kernel.send({ type: "versions", client: this.kernel.client, epoch: this.image.epoch });
  }

  /** Put a version into the draft. */
  open(tag: string, version: number): void {
    this.kernel.ask({ type: "take_over", epoch: this.image.epoch, tag, version, value: null });
  }

  onClose(): void {
    this.tags.value = null;
  }
}
