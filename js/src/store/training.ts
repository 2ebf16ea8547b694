// Training from the labeler, and the training of these studies that was begun last.
import { computed, type ReadonlySignal } from "@preact/signals";
import type { TrainerInfo } from "../protocol";
import { FollowedJob } from "./followedJob";
import type { Kernel } from "./kernel";

export class Training extends FollowedJob {
  /** The trainer that is chosen. */
  readonly chosen: ReadonlySignal<TrainerInfo | undefined> = computed(() => {
    const known = this.state.value?.training;
    return known?.trainers.find(({ name }) => name === known.trainer);
  });
  private readonly state: Kernel["state"];

  constructor(kernel: Pick<Kernel, "ask" | "state">) {
    super(kernel, "training", "cancel_training", "resume_training");
    this.state = kernel.state;
  }

  begin(): void {
    const name = this.state.value?.training.trainer;
    if (name && !this.active.value && !this.chosen.value?.obstacle) this.kernel.ask({ type: "train", name });
  }

  automatically(on: boolean): void {
    this.kernel.ask({ type: "auto_train", on });
  }

  choose(name: string): void {
    this.kernel.ask({ type: "choose_trainer", name });
  }
}
