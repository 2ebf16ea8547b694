// How a job that was begun in the labeler stands: a thin line under the picture while it runs.
import { useTimeLeft } from "../jobpanel/timeleft";
import { duration, figures } from "../jobpanel/words";
import type { FollowedJob } from "../session/followed";
import { Bar } from "./bar";
import { Button } from "./button";

interface JobLineProps {
  followed: FollowedJob;
  /** What cancelling it means, for the tooltip. */
  stops: string;
  action: string;
}

export function JobLine({ followed, stops, action }: JobLineProps) {
  const job = followed.job.value;
  const left = useTimeLeft(followed.alive.value ? (job?.left ?? null) : null, followed.told);
  if (!job || !followed.alive.value) return null;
  const percent = Math.round(job.progress * 100);
  const parts =
    job.state === "queued"
      ? ["waits for its turn"]
      : [figures(job) || `${percent} %`, left !== null && `${duration(left)} left`];
  const text = parts.filter(Boolean).join(" · ");
  return (
    <div class="jl-training" data-state={job.state} data-kind={job.kind}>
      <Bar class="jl-training-bar" fraction={job.progress} label={job.title} />
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
