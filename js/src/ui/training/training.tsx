// Training from the labeler: the section in the side bar, and which versions of the models there are.
import type { TrainingInfo } from "../../protocol";
import type { ViewState } from "../../view/viewState";
import { ActionButton } from "../actions/actionButton";
import { ResumeButton } from "./jobLine";
import { PreAnnotation, PreAnnotationSection } from "./preAnnotation";

export function TrainingSection({ view }: { view: ViewState }) {
  const { training } = view.store;
  const { state } = view.store.kernel;
  const known = state.value?.training;
  if (!known || known.trainers.length === 0) return <PreAnnotationSection view={view} />;
  const chosen = training.chosen.value;
  const obstacle = training.active.value ? "A training runs already" : chosen?.obstacle || null;
  const last = training.outcome.value;
  return (
    <section class="jl-section">
      <h3>Training</h3>
      <TrainerSelect view={view} known={known} />
      {chosen?.description && (
        <p class="jl-hint" title={chosen.description}>
          {chosen.description}
        </p>
      )}
      <div class="jl-row">
        <ActionButton
          view={view}
          id="train"
          icon="train"
          label="Train"
          says="Learn from the saved labels, in the background"
          obstacle={obstacle}
        />
        {training.resumable.value && <ResumeButton followed={training} />}
      </div>
      {!training.active.value && chosen?.obstacle && (
        <p class="jl-hint" title={chosen.obstacle} data-part="obstacle">
          {chosen.obstacle}
        </p>
      )}
      <AutomaticTraining view={view} known={known} />
      {last && (
        <p class="jl-hint" title={last} data-part="last-training">
          {last}
        </p>
      )}
      <PreAnnotation view={view} />
    </section>
  );
}

interface KnownProps {
  view: ViewState;
  known: TrainingInfo;
}

function TrainerSelect({ view, known }: KnownProps) {
  const { training } = view.store;
  return (
    <select
      class="jl-select"
      aria-label="What to train"
      data-choose="trainer"
      value={known.trainer}
      onChange={(event) => training.choose(event.currentTarget.value)}
    >
      {known.trainers.map(({ name, description, obstacle, suits }) => (
        <option
          key={name}
          value={name}
          title={suits ? description : obstacle}
          selected={name === known.trainer}
          disabled={!suits}
        >
          {name}
        </option>
      ))}
    </select>
  );
}

/** Whether trainings begin by themselves, and when the next one does. */
function AutomaticTraining({ view, known }: KnownProps) {
  const { training } = view.store;
  const chosen = training.chosen.value;
  const labelled = view.store.kernel.state.value?.labelled ?? 0;
  return (
    <>
      <label
        class="jl-check"
        title={
          chosen?.suits === false
            ? chosen.obstacle
            : "With 5 saved labels, then with 8, 12, 18, 27 and so on; never two at once"
        }
      >
        <input
          type="checkbox"
          data-action="auto-train"
          checked={known.auto}
          disabled={chosen?.suits === false && !known.auto}
          onChange={(event) => training.automatically(event.currentTarget.checked)}
        />
        <span>Train automatically</span>
      </label>
      {known.auto && known.dueAt !== null && !training.active.value && (
        <p class="jl-hint">
          Next with {known.dueAt} saved labels; there {labelled === 1 ? "is" : "are"} {labelled}.
        </p>
      )}
    </>
  );
}

/** Which version the chosen model would take, and which models made what is in the picture. */
export function ModelVersions({ view }: { view: ViewState }) {
  const { state } = view.store.kernel;
  const known = state.value?.training;
  const model = view.store.choices.chosen("model") ?? "";
  const version = known?.versions[model];
  const dice = known?.dice[model];
  const made = state.value?.madeBy ?? [];
  return (
    <>
      {version !== undefined && (
        <p class="jl-hint" data-part="version">
          Version {version} is in use{dice !== undefined && `, Dice ${dice.toFixed(2)}`}
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
