// The training of these studies that was begun last, here or elsewhere.
import { computed, type ReadonlySignal, type Signal, signal } from "@preact/signals";
import { ended, type JobInfo } from "../jobpanel/job";
import type { Session } from "./session";

export class Training {
  readonly job: Signal<JobInfo | null> = signal(null);
  /** It runs or waits for its turn. */
  readonly alive: ReadonlySignal<boolean> = computed(() => this.job.value !== null && !ended(this.job.value));
  /** Cancel was pressed, and it has not ended yet. */
  readonly cancelling = signal(false);
  /** When `job` was told, in ms. */
  told = 0;
  private readonly session: Session;

  constructor(session: Session) {
    this.session = session;
    session.on("training", ({ job }) => {
      this.told = Date.now();
      if (this.job.value?.id !== job.id || ended(job)) this.cancelling.value = false;
      this.job.value = job;
    });
  }

  begin(): void {
    const name = this.session.state.value?.training.trainer;
    if (name && !this.alive.value) this.session.ask({ type: "train", name });
  }

  cancel(): void {
    this.cancelling.value = true;
    this.session.ask({ type: "cancel_training" });
  }

  automatically(on: boolean): void {
    this.session.ask({ type: "auto_train", on });
  }

  choose(name: string): void {
    this.session.ask({ type: "choose_trainer", name });
  }
}
