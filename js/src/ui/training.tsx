// Training from the labeler: the section in the side bar, and a thin line under the picture while a training runs.
import { useEffect, useState } from "preact/hooks";
import { duration, figures } from "../jobpanel/words";
import type { ViewState } from "../view/viewstate";
import { Button } from "./button";
import { shortcuts, tooltip } from "./keymap";

export function TrainingSection({ view }: { view: ViewState }) {
  const { training, state } = view.session;
  const known = state.value?.training;
  if (!known || known.trainers.length === 0) return null;
  const chosen = known.trainers.find(({ name }) => name === known.trainer);
  const job = training.job.value;
  const last = job && !training.alive.value ? (job.error ? `Failed: ${job.error}` : job.outcome) : "";
  return (
    <section class="jl-section">
      <h3>Training</h3>
      <select
        class="jl-select"
        aria-label="What to train"
        data-choose="trainer"
        value={known.trainer}
        onChange={(event) => training.choose(event.currentTarget.value)}
      >
        {known.trainers.map(({ name, description }) => (
          <option key={name} value={name} title={description} selected={name === known.trainer}>
            {name}
          </option>
        ))}
      </select>
      {chosen?.description && (
        <p class="jl-hint" title={chosen.description}>
          {chosen.description}
        </p>
      )}
      <div class="jl-row">
        <Button
          icon="train"
          label="Train"
          title={
            training.alive.value
              ? "A training runs already"
              : tooltip(view, "train", "Learn from the saved labels, in the background")
          }
          keys={shortcuts(view, "train")}
          action="train"
          disabled={training.alive.value}
          onClick={() => training.begin()}
        />
      </div>
      <label class="jl-check" title="With 5 saved labels, then with 8, 12, 18, 27 and so on; never two at once">
        <input
          type="checkbox"
          data-action="auto-train"
          checked={known.auto}
          onChange={(event) => training.automatically(event.currentTarget.checked)}
        />
        <span>Train automatically</span>
      </label>
      {known.auto && known.dueAt !== null && !training.alive.value && (
        <p class="jl-hint">
          Next with {known.dueAt} saved labels; there {state.value?.labelled === 1 ? "is" : "are"}{" "}
          {state.value?.labelled ?? 0}.
        </p>
      )}
      {last && (
        <p class="jl-hint" title={last} data-part="last-training">
          {last}
        </p>
      )}
    </section>
  );
}

/** Which version the chosen model would take, and which models made what is in the picture. */
export function ModelVersions({ view }: { view: ViewState }) {
  const { state } = view.session;
  const known = state.value?.training;
  const version = known?.versions[view.session.chosen("model") ?? ""];
  const made = known?.madeBy ?? [];
  return (
    <>
      {version !== undefined && (
        <p class="jl-hint" data-part="version">
          Version {version} is in use
        </p>
      )}
      {made.length > 0 && (
        <p class="jl-hint" data-part="made-by" title={made.join(", ")}>
          This label: {made.join(", ")}
        </p>
      )}
    </>
  );
}

/** How the training stands, in one line. */
export function TrainingLine({ view }: { view: ViewState }) {
  const { training } = view.session;
  const job = training.job.value;
  const left = useTimeLeft(view);
  if (!job || !training.alive.value) return null;
  const percent = Math.round(job.progress * 100);
  const parts =
    job.state === "queued" ? ["waits for its turn"] : [figures(job), left !== null && `${duration(left)} left`];
  const text = parts.filter(Boolean).join(" · ");
  return (
    <div class="jl-training" data-state={job.state}>
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
        label={training.cancelling.value ? "Stopping" : "Cancel"}
        title="Stop the training; what it has learnt is kept with the job"
        action="cancel-training"
        disabled={training.cancelling.value}
        onClick={() => training.cancel()}
      />
    </div>
  );
}

/** Seconds left, counted down between what the kernel says. */
function useTimeLeft(view: ViewState): number | null {
  const { training } = view.session;
  const [, beat] = useState(0);
  const left = training.alive.value ? (training.job.value?.left ?? null) : null;
  const counts = left !== null;
  useEffect(() => {
    if (!counts) return;
    const timer = setInterval(() => beat((n) => n + 1), 1000);
    return () => clearInterval(timer);
  }, [counts]);
  return left === null ? null : Math.max(0, left - (Date.now() - training.told) / 1000);
}
