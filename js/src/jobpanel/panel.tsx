// The panel of a job: what it is, how far it is, its curves, its log, and what can be done about it.
import { useEffect, useState } from "preact/hooks";
import { ended } from "../job/jobState";
import { duration, figures, number, STATES } from "../job/jobText";
import { useTimeLeft } from "../job/timeLeft";
import type { JobInfo } from "../protocol";
import { withLocalTimes } from "../text/localTimes";
import { metricName } from "../text/metricName";
import { ProgressBar } from "../ui/controls/progressBar";
import { Curves } from "./curves";
import type { JobView } from "./jobView";
import { columns } from "./metrics";

const LOG_MS = 2000;

/** What is longer than its place is scrolled with keys. */
const SCROLLED_BY_KEYS = { tabIndex: 0 };

export function JobPanel({ view }: { view: JobView }) {
  const job = view.job.value;
  if (!job) return <div class="jlj-panel jlj-empty">Waiting for the kernel …</div>;
  return (
    <section class="jlj-panel" aria-label={job.title} data-job={job.id} data-state={job.state}>
      <Head view={view} job={job} />
      <ProgressBar class="jlj-bar" fraction={job.progress} label={job.title} />
      <Line view={view} job={job} />
      <Said view={view} job={job} />
      {view.rows.value.length > 0 && <Curves rows={view.rows.value} score={job.scoreName} />}
      <div class="jlj-more">
        {view.rows.value.length > 0 && <Table view={view} />}
        <Log view={view} job={job} />
      </div>
    </section>
  );
}

function Head({ view, job }: { view: JobView; job: JobInfo }) {
  const waits = view.cancelling.value;
  return (
    <div class="jlj-head">
      <h3 title={job.id}>{job.title}</h3>
      <span class={`jlj-state jlj-${job.state}`} role="status">
        {waits ? "Stopping" : STATES[job.state]}
      </span>
      {!ended(job) && (
        <button
          type="button"
          data-action="cancel"
          disabled={waits}
          title="Stop it; what it has learnt is kept, and it can be resumed"
          onClick={() => view.ask("cancel")}
        >
          Cancel
        </button>
      )}
      {job.canResume && (
        <button
          type="button"
          data-action="resume"
          title="Go on from where it was kept last"
          onClick={() => view.ask("resume")}
        >
          Resume
        </button>
      )}
    </div>
  );
}

function Line({ view, job }: { view: JobView; job: JobInfo }) {
  const left = useTimeLeft(ended(job) ? null : job.left, view.told);
  const parts = [
    `${Math.round(job.progress * 100)} %`,
    left !== null && `${duration(left)} left`,
    figures(job),
    job.device !== "auto" && `on ${job.device}`,
  ];
  return <p class="jlj-line">{parts.filter(Boolean).join(" · ")}</p>;
}

function Said({ view, job }: { view: JobView; job: JobInfo }) {
  const said = view.error.value ?? (job.error || null);
  const problem = said === null ? null : withLocalTimes(said);
  return (
    <>
      {job.outcome && <p class="jlj-outcome">{withLocalTimes(job.outcome)}</p>}
      {problem !== null && (
        <pre class="jlj-error" role="alert">
          {problem}
        </pre>
      )}
      {job.notes.length > 0 && (
        <ul class="jlj-notes" aria-label="Notes">
          {job.notes.map((note) => (
            <li key={note}>{withLocalTimes(note)}</li>
          ))}
        </ul>
      )}
    </>
  );
}

function Table({ view }: { view: JobView }) {
  const [open, setOpen] = useState(false);
  const rows = view.rows.value;
  const names = columns(rows);
  return (
    <details class="jlj-details" onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>Table</summary>
      {open && (
        <section class="jlj-scroll" aria-label="Metrics of each epoch" {...SCROLLED_BY_KEYS}>
          <table>
            <thead>
              <tr>
                {names.map((name) => (
                  <th key={name} scope="col">
                    {metricName(name)}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {rows.map((row) => (
                <tr key={row.epoch}>
                  {names.map((name) => (
                    <td key={name}>{number(row[name])}</td>
                  ))}
                </tr>
              ))}
            </tbody>
          </table>
        </section>
      )}
    </details>
  );
}

function Log({ view, job }: { view: JobView; job: JobInfo }) {
  const [open, setOpen] = useState(false);
  const live = !ended(job);
  useEffect(() => {
    if (!open) return;
    view.ask("log");
    if (!live) return;
    const timer = setInterval(() => view.ask("log"), LOG_MS);
    return () => clearInterval(timer);
  }, [open, live, view]);
  return (
    <details class="jlj-details" data-part="log" onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>Log</summary>
      {open && (
        <section class="jlj-scroll" aria-label="Last lines of the log" {...SCROLLED_BY_KEYS}>
          <pre>{view.log.value === null ? "…" : view.log.value || "Nothing was printed yet."}</pre>
        </section>
      )}
    </details>
  );
}
