// Looking through finished labels, the most suspicious first.
import { computed, type ReadonlySignal } from "@preact/signals";
import type { ReviewInfo } from "../protocol";
import type { Kernel } from "./kernel";

export class Review {
  /** How far it is; null while it is not done. */
  readonly now: ReadonlySignal<ReviewInfo | null>;
  private readonly kernel: Pick<Kernel, "ask">;

  constructor(kernel: Pick<Kernel, "ask" | "state">) {
    this.kernel = kernel;
    this.now = computed(() => kernel.state.value?.review ?? null);
  }

  /** The open label is one of those that are looked through. */
  get here(): boolean {
    return (this.now.value?.place ?? 0) > 0;
  }

  end(): void {
    if (this.now.value) this.kernel.ask({ type: "end_review" });
  }
}
