// One job as its page knows it; jlabel/widget/job_panel.py is the other side. All views of one panel share it.
import { type Signal, signal } from "@preact/signals";
import { ended } from "../job/jobState";
import type { JobInfo } from "../protocol";
import { type StaticData, updateStaticOutput } from "../text/staticOutput";

/** Metrics of an epoch by name. */
export type Row = { epoch: number } & Record<string, number | null>;

export type JobTell =
  | { type: "job"; job: JobInfo; rows: Row[]; whole: boolean }
  | { type: "log"; text: string }
  | { type: "error"; text: string }
  /** The job as readers without a kernel see it, by MIME type. */
  | { type: "still"; data: StaticData };
export type JobAsk = { type: "hello" | "cancel" | "resume" | "log" };

export interface JobModel {
  send(content: JobAsk): void;
  on(event: "msg:custom", handler: (message: JobTell) => void): void;
  off(event: "msg:custom", handler: (message: JobTell) => void): void;
  /** What the notebook program has for widgets; only looked at with care. */
  widget_manager?: unknown;
}

export class JobView {
  readonly job: Signal<JobInfo | null> = signal(null);
  /** In the order of their epochs. */
  readonly rows: Signal<readonly Row[]> = signal([]);
  readonly log: Signal<string | null> = signal(null);
  readonly error: Signal<string | null> = signal(null);
  /** Cancel was pressed, and the job has not ended yet. */
  readonly cancelling = signal(false);
  /** When `job` was told, in ms: the time left counts down from there. */
  told = 0;
  private readonly model: JobModel;

  constructor(model: JobModel) {
    this.model = model;
    model.on("msg:custom", this.take);
  }

  greet(): void {
    this.model.send({ type: "hello" });
  }

  ask(type: "cancel" | "resume" | "log"): void {
    if (type === "cancel") this.cancelling.value = true;
    if (type !== "log") this.error.value = null;
    this.model.send({ type });
  }

  close(): void {
    this.model.off("msg:custom", this.take);
  }

  private readonly take = (message: JobTell): void => {
    if (message.type === "log") this.log.value = message.text;
    else if (message.type === "error") {
      this.error.value = message.text;
      this.cancelling.value = false;
    } else if (message.type === "still") {
      const mark = `data-jlabel-job="${this.job.value?.id}"`;
      if (this.job.value) updateStaticOutput(this.model.widget_manager, mark, message.data);
    } else {
      this.told = Date.now();
      this.rows.value = merged(message.whole ? [] : this.rows.value, message.rows);
      this.job.value = message.job;
      if (ended(message.job)) this.cancelling.value = false;
    }
  };
}

/** A resumed job does an epoch again: what came last counts. */
export function merged(known: readonly Row[], fresh: readonly Row[]): readonly Row[] {
  if (fresh.length === 0) return known;
  const rows = new Map(known.map((row) => [row.epoch, row]));
  for (const row of fresh) rows.set(row.epoch, row);
  return [...rows.values()].sort((a, b) => a.epoch - b.epoch);
}
