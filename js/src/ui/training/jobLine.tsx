// How a job that was begun in the labeler stands: a thin line under the picture while it runs, and after it where it can
// go on.

import { duration, figures } from "../../job/jobText";
import { useTimeLeft } from "../../job/timeLeft";
import type { JobInfo } from "../../protocol";
import type { FollowedJob } from "../../store/followedJob";
import { Button } from "../controls/button";
import { ProgressBar } from "../controls/progressBar";

interface JobLineProps {
  followed: FollowedJob;
  /** What cancelling it means, for the tooltip. */
  stops: string;
  action: string;
  /** What came of it is said elsewhere. */
  whileActive?: boolean;
}

export function JobLine({ followed, stops, action, whileActive = false }: JobLineProps) {
  const job = followed.job.value;
  const left = useTimeLeft(followed.active.value ? (job?.left ?? null) : null, followed.told);
  if (job && !whileActive && followed.resumable.value && followed.witnessed.value)
    return <EndedLine followed={followed} job={job} />;
  if (!job || !followed.active.value) return null;
  const percent = Math.round(job.progress * 100);
  const parts =
    job.state === "queued"
      ? ["waits for its turn"]
      : [figures(job) || `${percent} %`, left !== null && `${duration(left)} left`];
  const text = parts.filter(Boolean).join(" · ");
  return (
    <div class="jl-training" data-state={job.state} data-kind={job.kind}>
      <ProgressBar class="jl-training-bar" fraction={job.progress} label={job.title} />
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

/** It was cancelled, or has failed, while the person looked. */
function EndedLine({ followed, job }: { followed: FollowedJob; job: JobInfo }) {
  const said = followed.outcome.value;
  return (
    <div class="jl-training" data-state={job.state} data-kind={job.kind}>
      <span class="jl-training-text" title={`${job.title}: ${said}`} role="status">
        <b>{job.title}</b> {said}
      </span>
      <ResumeButton followed={followed} />
      <Button
        icon="clear"
        label="Close"
        title="Read: close this line"
        action="dismiss"
        onClick={() => followed.dismiss()}
      />
    </div>
  );
}

const RESUMED: Readonly<Record<string, string>> = { infer: "first-masks", score: "scoring" };

export function ResumeButton({ followed }: { followed: FollowedJob }) {
  const { job } = followed;
  return (
    <Button
      icon="run"
      label="Resume"
      title="Go on from where it was kept last"
      action={`resume-${RESUMED[job.value?.kind ?? ""] ?? "training"}`}
      onClick={() => followed.resume()}
    />
  );
}
