// Training from the labeler: the section in the side bar, and which versions of the models there are.
import type { ViewState } from "../view/viewstate";
import { ActionButton } from "./actionbutton";
import { FirstMasks, FirstMasksSection } from "./firstmasks";

export function TrainingSection({ view }: { view: ViewState }) {
  const { training, state } = view.session;
  const known = state.value?.training;
  if (!known || known.trainers.length === 0) return <FirstMasksSection view={view} />;
  const chosen = known.trainers.find(({ name }) => name === known.trainer);
  const last = training.lastWords.value;
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
        <ActionButton
          view={view}
          id="train"
          icon="train"
          label="Train"
          says="Learn from the saved labels, in the background"
          obstacle={training.alive.value ? "A training runs already" : null}
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
      <FirstMasks view={view} />
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
