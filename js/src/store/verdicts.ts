// Verdicts on the saved label of the open image: what a reviewer said of it, and what is to be said.
import { computed, type ReadonlySignal, type Signal, signal } from "@preact/signals";
import type { Ask, Position, VerdictInfo } from "../protocol";
import type { Display } from "./display";
import type { Kernel } from "./kernel";
import type { OpenImage } from "./openImage";
import type { Slice } from "./slice";

export class Verdicts implements Slice {
  /** What was said of the saved label; null where nobody has judged it. */
  readonly verdict: ReadonlySignal<VerdictInfo | null>;
  /** What is to be corrected, as it is typed. */
  readonly comment: Signal<string> = signal("");
  /** The comment is about the voxel under the crosshair. */
  readonly here: Signal<boolean> = signal(true);
  private readonly image: Pick<OpenImage, "header">;
  private readonly display: Pick<Display, "cursor" | "moveCursor">;

  constructor(
    kernel: Pick<Kernel, "state">,
    image: Pick<OpenImage, "header">,
    display: Pick<Display, "cursor" | "moveCursor">,
  ) {
    this.image = image;
    this.display = display;
    this.verdict = computed(() => (image.header.value ? (kernel.state.value?.verdict ?? null) : null));
  }

  /** What sends the label back, with what was typed; null while there is nothing to say. */
  get sending(): Extract<Ask, { type: "send_label_back" }> | null {
    const comment = this.comment.value.trim();
    if (!comment || !this.image.header.value) return null;
    return {
      type: "send_label_back",
      comment,
      ...(this.here.value && { place: [...this.display.cursor.value] as unknown as Position }),
    };
  }

  /** Show the slices in which the voxel lies that the comment is about. */
  goToPlace(): void {
    const [place, header] = [this.verdict.value?.place, this.image.header.value];
    if (place && header) this.display.moveCursor(place, header.shape);
  }

  /** What is typed is about the image that goes. */
  onClose(): void {
    this.comment.value = "";
    this.here.value = true;
  }
}
