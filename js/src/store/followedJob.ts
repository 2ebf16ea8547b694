// The newest job of one kind on these studies, begun here or elsewhere.
import { computed, type ReadonlySignal, type Signal, signal } from "@preact/signals";
import { ended } from "../job/jobState";
import type { JobInfo } from "../protocol";
import { withLocalTimes } from "../text/localTimes";
import type { Kernel } from "./kernel";
import type { Handlers, Slice } from "./slice";

type Stop = "cancel_training" | "cancel_first_masks" | "cancel_scoring";
type GoOn = "resume_training" | "resume_first_masks" | "resume_scoring";

export class FollowedJob implements Slice {
  readonly job: Signal<JobInfo | null> = signal(null);
  /** It runs or waits for its turn. */
  readonly active: ReadonlySignal<boolean> = computed(() => this.job.value !== null && !ended(this.job.value));
  /** What came of it, or why it failed; empty while it is active, or where there was none. */
  readonly outcome: ReadonlySignal<string> = computed(() => {
    const job = this.job.value;
    if (!job || this.active.value) return "";
    return withLocalTimes(job.error ? `Failed: ${job.error}` : job.outcome);
  });
  /** It has ended before it was done, and can go on. */
  readonly resumable: ReadonlySignal<boolean> = computed(
    () => !this.active.value && (this.job.value?.canResume ?? false),
  );
  /** It was active while this page looked, so that its end is news. */
  readonly witnessed = signal(false);
  /** Cancel was pressed, and it has not ended yet. */
  readonly cancelling = signal(false);
  /** When `job` was told, in ms. */
  told = 0;
  readonly handlers: Handlers;
  protected readonly kernel: Pick<Kernel, "ask">;
  private readonly stop: Stop;
  private readonly goOn: GoOn;

  constructor(kernel: Pick<Kernel, "ask">, message: "training" | "first_masks" | "scoring", stop: Stop, goOn: GoOn) {
    this.kernel = kernel;
    this.stop = stop;
    this.goOn = goOn;
    this.handlers = { [message]: ({ job }: { job: JobInfo }) => this.take(job) };
  }

  cancel(): void {
    this.cancelling.value = true;
    this.kernel.ask({ type: this.stop });
  }

  /** Go on from where it ended. */
  resume(): void {
    if (this.resumable.value) this.kernel.ask({ type: this.goOn });
  }

  /** Its end was read. */
  dismiss(): void {
    this.witnessed.value = false;
  }

  protected take(job: JobInfo): void {
    this.told = Date.now();
    if (this.job.value?.id !== job.id || ended(job)) this.cancelling.value = false;
    if (!ended(job)) this.witnessed.value = true;
    else if (this.job.value?.id !== job.id) this.witnessed.value = false;
    this.job.value = job;
  }
}
