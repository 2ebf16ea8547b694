// How a job that was begun in the labeler stands: a thin line under the picture while it runs.
import { useEffect, useState } from "preact/hooks";
import { duration, figures } from "../jobpanel/words";
import type { FollowedJob } from "../session/followed";
import { Button } from "./button";

interface JobLineProps {
  followed: FollowedJob;
  /** What cancelling it means, for the tooltip. */
  stops: string;
  action: string;
}

export function JobLine({ followed, stops, action }: JobLineProps) {
  const job = followed.job.value;
  const left = useTimeLeft(followed);
  if (!job || !followed.alive.value) return null;
  const percent = Math.round(job.progress * 100);
  const parts =
    job.state === "queued"
      ? ["waits for its turn"]
      : [figures(job) || `${percent} %`, left !== null && `${duration(left)} left`];
  const text = parts.filter(Boolean).join(" · ");
  return (
    <div class="jl-training" data-state={job.state} data-kind={job.kind}>
      <div
        class="jl-training-bar"
        role="progressbar"
        aria-label={job.title}
        aria-valuemin={0}
        aria-valuemax={100}
        aria-valuenow={percent}
      >
        <span style={{ width: `${percent}%` }} />
      </div>
      <span class="jl-training-text" title={`${job.title}: ${text}`}>
        <b>{job.title}</b> {text}
      </span>
      <Button
        icon="clear"
        label={followed.cancelling.value ? "Stopping" : "Cancel"}
        title={stops}
        action={action}
        disabled={followed.cancelling.value}
        onClick={() => followed.cancel()}
      />
    </div>
  );
}

/** Seconds left, counted down between what the kernel says. */
function useTimeLeft(followed: FollowedJob): number | null {
  const [, beat] = useState(0);
  const left = followed.alive.value ? (followed.job.value?.left ?? null) : null;
  const counts = left !== null;
  useEffect(() => {
    if (!counts) return;
    const timer = setInterval(() => beat((n) => n + 1), 1000);
    return () => clearInterval(timer);
  }, [counts]);
  return left === null ? null : Math.max(0, left - (Date.now() - followed.told) / 1000);
}
