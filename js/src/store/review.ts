// Looking through finished labels: the most suspicious first, or those that wait for a verdict.
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

  /** Each label is to be accepted or sent back. */
  get judges(): boolean {
    return this.now.value?.order === "waiting";
  }

  /** The open label is one of those that are looked through. */
  get here(): boolean {
    return (this.now.value?.place ?? 0) > 0;
  }

  end(): void {
    if (this.now.value) this.kernel.ask({ type: "end_review" });
  }
}
