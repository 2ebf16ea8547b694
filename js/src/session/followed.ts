// The newest job of one kind on these studies, begun here or elsewhere.
import { computed, type ReadonlySignal, type Signal, signal } from "@preact/signals";
import { ended, type JobInfo } from "../jobpanel/job";
import type { Session } from "./session";

export class FollowedJob {
  readonly job: Signal<JobInfo | null> = signal(null);
  /** It runs or waits for its turn. */
  readonly alive: ReadonlySignal<boolean> = computed(() => this.job.value !== null && !ended(this.job.value));
  /** What came of it, or why it failed; empty while it is alive, or where there was none. */
  readonly lastWords: ReadonlySignal<string> = computed(() => {
    const job = this.job.value;
    if (!job || this.alive.value) return "";
    return job.error ? `Failed: ${job.error}` : job.outcome;
  });
  /** Cancel was pressed, and it has not ended yet. */
  readonly cancelling = signal(false);
  /** When `job` was told, in ms. */
  told = 0;
  protected readonly session: Session;
  private readonly stop: "cancel_training" | "cancel_first_masks";

  constructor(session: Session, message: "training" | "first_masks", stop: "cancel_training" | "cancel_first_masks") {
    this.session = session;
    this.stop = stop;
    session.on(message, ({ job }) => this.take(job));
  }

  cancel(): void {
    this.cancelling.value = true;
    this.session.ask({ type: this.stop });
  }

  protected take(job: JobInfo): void {
    this.told = Date.now();
    if (this.job.value?.id !== job.id || ended(job)) this.cancelling.value = false;
    this.job.value = job;
  }
}
