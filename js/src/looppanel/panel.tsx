// The panel of a loop of active learning: what comes next, what can be done, the rounds, the model's curve, and problems.

import { withLocalTimes } from "../text/localTimes";
import { ProgressBar } from "../ui/controls/progressBar";
import { Curve } from "./curve";
import type { LoopStatus, WorkStatus } from "./loopStatus";
import { DOING, obstacle, sentence } from "./loopText";
import type { LoopAction, LoopView, Told } from "./loopView";
import { Problems } from "./problems";
import { Rounds } from "./rounds";
import { ServerLink } from "./serverLink";

interface Part {
  view: LoopView;
  told: Told;
}

export function LoopPanel({ view }: { view: LoopView }) {
  const told = view.told.value;
  if (!told) return <div class="jll-panel jll-soft">Waiting for the kernel …</div>;
  const { loop } = told;
  if (!loop)
    return (
      <section class="jll-panel" aria-label="Active learning">
        <Failed error={told.error} />
      </section>
    );
  return (
    <section
      class="jll-panel"
      aria-label={`Active learning: ${loop.project}`}
      data-running={loop.running}
      data-doing={told.doing?.action}
    >
      <Head view={view} told={told} loop={loop} />
      <Next loop={loop} />
      <Steps view={view} told={told} />
      <Failed error={told.error} />
      <Problems loop={loop} />
      <Counts loop={loop} />
      <Work title="Training" work={loop.training} />
      <Work title="Scoring" work={loop.scoring} />
      <Rounds loop={loop} />
      <Curve curve={loop.curve} />
    </section>
  );
}

function Head({ view, told, loop }: Part & { loop: LoopStatus }) {
  const doing = told.doing?.action ?? view.asked.value;
  const state = doing === "start" || doing === "stop" ? DOING[doing] : loop.running ? "Runs by itself" : "Stopped";
  const round = loop.round > 0 ? `Round ${loop.round}` : "No round yet";
  return (
    <>
      <div class="jll-head">
        <h3>
          <ServerLink
            link={loop.link}
            server={loop.server}
            label={`${loop.project}: open the project in CVAT, in a new tab`}
            otherwise={loop.project}
          >
            {loop.project}
          </ServerLink>
        </h3>
        <span class="jll-state" role="status">
          {state}
        </span>
        {loop.running ? (
          <Act
            view={view}
            told={told}
            action="stop"
            text="Stop"
            hint="Stop going on by itself; what is with the annotators stays there"
          />
        ) : (
          <Act
            view={view}
            told={told}
            action="start"
            text="Start"
            hint="Fetch labels, train and send rounds by itself from now on"
          />
        )}
      </div>
      <p class="jll-soft jll-about">
        {round} · {loop.server} · strategy {loop.strategy}
      </p>
    </>
  );
}

function Next({ loop }: { loop: LoopStatus }) {
  return (
    <p class="jll-next" role="status" aria-live="polite">
      <b>Next:</b> {sentence(withLocalTimes(loop.next_step))}
      {!loop.running && <span class="jll-soft"> The loop is stopped: Start lets it go on, or go step by step.</span>}
    </p>
  );
}

function Steps({ view, told }: Part) {
  const { doing, said } = told;
  const byHand = doing && (doing.action === "pull" || doing.action === "send") ? doing : null;
  return (
    <>
      <div class="jll-steps">
        <Act view={view} told={told} action="pull" text="Fetch now" hint="Save the labels of all jobs that are done" />
        <Act view={view} told={told} action="send" text="Send a round" hint="Choose images and send them to CVAT" />
        <span class="jll-said" role="status">
          {byHand ? `${byHand.cancelled ? "Cancelling" : DOING[byHand.action]} …` : withLocalTimes(said)}
        </span>
        {byHand && (
          <button
            type="button"
            data-action="cancel"
            disabled={byHand.cancelled}
            title="End it; the next time goes on from there"
            onClick={() => view.cancel()}
          >
            Cancel
          </button>
        )}
      </div>
      {byHand && byHand.progress !== null && (
        <ProgressBar class="jll-bar" fraction={byHand.progress} label={DOING[byHand.action]} />
      )}
    </>
  );
}

/** A button that stays in the order of the keys where it cannot be pressed, so that it can say why. */
function Act({ view, told, action, text, hint }: Part & { action: LoopAction; text: string; hint: string }) {
  const why = obstacle(action, told, view.asked.value);
  return (
    <button
      type="button"
      data-action={action}
      aria-disabled={why !== null}
      title={why ?? hint}
      onClick={() => why === null && view.ask(action)}
    >
      {text}
    </button>
  );
}

function Failed({ error }: { error: string }) {
  if (!error) return null;
  return (
    <pre class="jll-error" role="alert">
      {withLocalTimes(error)}
    </pre>
  );
}

function Counts({ loop }: { loop: LoopStatus }) {
  const counts = [
    ["labelled", "Labelled", loop.labelled],
    ["out", "With annotators", loop.out],
    ["waiting", "Waiting for a label", loop.waiting],
  ] as const;
  return (
    <dl class="jll-counts" aria-label="Images">
      {counts.map(([name, text, count]) => (
        <div key={name} data-count={name}>
          <dt>{text}</dt>
          <dd>{count}</dd>
        </div>
      ))}
    </dl>
  );
}

function Work({ title, work }: { title: string; work: WorkStatus | null }) {
  if (!work) return null;
  const label = `${title} ${work.name}`;
  return (
    <div class="jll-work" data-work={title.toLowerCase()}>
      <span>
        {label}
        {work.progress !== null && `: ${Math.round(work.progress * 100)} %`}
      </span>
      <ProgressBar class="jll-bar" fraction={work.progress} label={label} />
    </div>
  );
}
