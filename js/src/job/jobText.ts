// The state and the numbers of a job, as text.
import type { JobInfo, JobState } from "../protocol";

export const STATES: Record<JobState, string> = {
  queued: "Waits for its turn",
  running: "Running",
  done: "Done",
  failed: "Failed",
  cancelled: "Cancelled",
};

/** "12 s", "3 min", "1.5 h". */
export function duration(seconds: number): string {
  if (seconds < 90) return `${Math.max(0, Math.round(seconds))} s`;
  return seconds < 5400 ? `${Math.round(seconds / 60)} min` : `${(seconds / 3600).toFixed(1)} h`;
}

export function number(value: number | null | undefined): string {
  if (value === null || value === undefined) return "–";
  return Number.isInteger(value) ? String(value) : value.toPrecision(4);
}

/** What a line of the running job says: "epoch 3 · loss 0.41 · Dice 0.62". */
export function figures({ epoch, loss, score, scoreName }: JobInfo): string {
  const parts = [
    epoch !== null && `epoch ${epoch}`,
    loss !== null && `loss ${loss.toPrecision(3)}`,
    score !== null &&
      scoreName !== null &&
      `${scoreName.includes("dice") ? "Dice" : scoreName} ${score.toPrecision(3)}`,
  ];
  return parts.filter(Boolean).join(" · ");
}
