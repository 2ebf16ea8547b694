// Which image comes next: the strategies, whether what they go by is there, and the review of finished labels.
import type { NamedInfo, ReadinessInfo } from "../../protocol";
import type { ViewState } from "../../view/viewState";
import { ActionButton } from "../actions/actionButton";
import { giveVerdicts } from "../actions/commands";
import { Button } from "../controls/button";
import { Picker } from "../controls/picker";
import { ProgressBar } from "../controls/progressBar";
import { ResumeButton } from "../training/jobLine";

export function NextImage({ view }: { view: ViewState }) {
  const { choices, kernel, scoring } = view.store;
  const strategies = kernel.state.value?.strategies ?? [];
  const chosen = strategies.find(({ name }) => name === choices.chosen("strategy"));
  if (strategies.length === 0) return null;
  return (
    <section class="jl-section" aria-label="Next image">
      <h3>Next image</h3>
      <Picker
        view={view}
        what="strategy"
        label="Strategy that chooses the next image"
        options={strategies}
        onLook={() => scoring.look()}
      />
      {chosen?.description && (
        <p class="jl-hint" title={chosen.description}>
          {chosen.description}
        </p>
      )}
      <Readiness view={view} known={scoring.readiness(chosen?.name ?? null)} />
      {strategies.length > 1 && <AllStrategies view={view} strategies={strategies} />}
      <Reviewing view={view} />
    </section>
  );
}

/** Whether the scores of the chosen strategy are there, and a way to them. */
function Readiness({ view, known }: { view: ViewState; known: ReadinessInfo | undefined }) {
  const { scoring } = view.store;
  if (scoring.active.value) return <Progress view={view} />;
  if (!known || (known.text === "" && known.method === "")) return null;
  const { text, method, obstacle } = known;
  const said = obstacle && !text.includes("train") ? `${text}. ${obstacle}` : text;
  const failed = scoring.job.value?.state === "failed" ? scoring.outcome.value : "";
  return (
    <>
      <div class="jl-readiness" data-part="readiness" role="status">
        <span class="jl-readiness-text" title={said}>
          {sentence(said)}
        </span>
        {method !== "" && (
          <Button
            icon="score"
            label="Score"
            title={obstacle || `Score the images by ${method}, in the background`}
            action="score"
            disabled={obstacle !== ""}
            onClick={() => scoring.begin(method)}
          />
        )}
        {scoring.resumable.value && <ResumeButton followed={scoring} />}
      </div>
      {failed && (
        <p class="jl-hint jl-warning" title={failed} data-part="scoring-failed">
          {failed}
        </p>
      )}
    </>
  );
}

function Progress({ view }: { view: ViewState }) {
  const job = view.store.scoring.job.value;
  if (!job) return null;
  const text = job.state === "queued" ? "waits for its turn" : `${Math.round(job.progress * 100)} %`;
  return (
    <div class="jl-readiness" data-part="readiness">
      <span class="jl-readiness-text" title={`${job.title}: ${text}`}>
        {job.title}: {text}
      </span>
      <ProgressBar class="jl-bar" fraction={job.state === "queued" ? null : job.progress} label={job.title} />
    </div>
  );
}

/** What each strategy does, and whether it is ready: to choose by that. */
function AllStrategies({ view, strategies }: { view: ViewState; strategies: readonly NamedInfo[] }) {
  const { choices, scoring } = view.store;
  const chosen = choices.chosen("strategy");
  return (
    <details class="jl-strategies" onToggle={() => scoring.look()}>
      <summary>What each strategy does</summary>
      <ul>
        {strategies.map(({ name, description }) => {
          const ready = scoring.readiness(name)?.text;
          return (
            <li key={name}>
              <button
                type="button"
                class="jl-button jl-plain"
                aria-pressed={name === chosen}
                data-strategy={name}
                onClick={() => choices.choose("strategy", name)}
              >
                <span class="jl-strategy-name">{name}</span>
                {description && <span class="jl-strategy-does">{description}</span>}
                {ready && <span class="jl-strategy-ready">{sentence(ready)}</span>}
              </button>
            </li>
          );
        })}
      </ul>
    </details>
  );
}

function Reviewing({ view }: { view: ViewState }) {
  const { kernel, review } = view.store;
  const on = review.now.value !== null;
  const labelled = kernel.state.value?.labelled ?? 0;
  return (
    <div class="jl-row">
      <ActionButton
        view={view}
        id="review"
        icon="review"
        label={on ? "End review" : "Review labels"}
        says={
          on ? "Next opens what the strategy chooses again" : "Look through finished labels, the most suspicious first"
        }
        pressed={on}
        disabled={!on && labelled === 0}
      />
      {!on && (
        <Button
          icon="check"
          label="Give verdicts"
          title="Accept finished labels that nobody has judged, or send them back to who made them"
          action="give-verdicts"
          disabled={labelled === 0}
          onClick={() => giveVerdicts(view)}
        />
      )}
      <ActionButton view={view} id="team" icon="team" label="Team" pressed={view.panel.value === "team"} />
    </div>
  );
}

function sentence(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
