// Whether a job can still change.
import type { JobInfo } from "../protocol";

/** Nothing more happens to it by itself. */
export function ended({ state }: Pick<JobInfo, "state">): boolean {
  return state !== "queued" && state !== "running";
}
