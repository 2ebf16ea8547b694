// The model, when it runs, and the prompts that it has.
import type { ModelInfo } from "../../protocol";
import type { Switch } from "../../store/switch";
import type { ViewState } from "../../view/viewState";
import { ActionButton } from "../actions/actionButton";
import { clearPrompts } from "../actions/commands";
import { shortcuts, tooltip } from "../actions/keymap";
import { Button } from "../controls/button";
import { Picker } from "../controls/picker";
import { ModelVersions } from "../training/training";
import { PromptList } from "./promptList";
import { Result } from "./result";

export function Models({ view }: { view: ViewState }) {
  const { store } = view;
  const models = store.kernel.state.value?.models ?? [];
  const model = models.find(({ name }) => name === store.choices.chosen("model"));
  return (
    <section class="jl-section">
      <h3>Model</h3>
      {models.length > 0 ? (
        <Picker view={view} what="model" label="Model" options={models} />
      ) : (
        <p class="jl-hint">The app has no models.</p>
      )}
      {model?.description && (
        <p class="jl-hint" title={model.description}>
          {model.description}
        </p>
      )}
      <ModelVersions view={view} />
      {model?.interactive && <Switches view={view} />}
      <div class="jl-row">
        <Run view={view} model={model} />
        {model?.interactive && <StartFromMask view={view} model={model} />}
      </div>
      <Result view={view} />
      <PromptList view={view} />
      <Clear view={view} />
    </section>
  );
}

function Switches({ view }: { view: ViewState }) {
  const { prompts, othersAsBackground, uncertainBorder } = view.store;
  return (
    <>
      <Check
        view={view}
        id="auto-run"
        label="Run after each prompt"
        says="Off: place several prompts, then press Run"
        of={prompts.autoRun}
      />
      <Check
        view={view}
        id="others-as-background"
        label="Other labels are background"
        says="Models that can are told which voxels hold another label, and leave them"
        of={othersAsBackground}
      />
      <Check
        view={view}
        id="uncertain-border"
        label="Show uncertain border"
        says="Hatched: voxels of the last answer with a probability from 0.2 to 0.8"
        of={uncertainBorder.shown}
      />
    </>
  );
}

interface CheckProps {
  view: ViewState;
  /** The action that does the same. */
  id: string;
  label: string;
  says: string;
  of: Switch;
}

function Check({ view, id, label, says, of }: CheckProps) {
  return (
    <label class="jl-check" title={tooltip(view, id, says)}>
      <input
        type="checkbox"
        data-action={id}
        checked={of.on.value}
        aria-keyshortcuts={shortcuts(view, id)}
        onChange={(event) => of.turn(event.currentTarget.checked)}
      />
      <span>{label}</span>
    </label>
  );
}

function Run({ view, model }: { view: ViewState; model: ModelInfo | undefined }) {
  const { store } = view;
  const { known, waiting, autoRun } = store.prompts;
  const held = !autoRun.on.value && waiting.value > 0;
  const text = !model?.interactive
    ? "Run the model on this image"
    : held
      ? "Run the model with the prompts that wait"
      : "Run the model again with these prompts";
  return (
    <ActionButton
      view={view}
      id="run"
      icon="run"
      label={held ? `Run ${waiting.value} waiting` : "Run"}
      says={text}
      kind={held ? "primary" : "plain"}
      disabled={!model?.valid || !store.image.header.value || (model.interactive && known.value.length === 0)}
    />
  );
}

function StartFromMask({ view, model }: { view: ViewState; model: ModelInfo }) {
  const label = view.store.choices.chosen("label");
  const reason = model.takesMask ? null : `${model.name} cannot start from a mask`;
  const text = `Start from the present mask of ${label ?? "the label"}; former prompts of the label end`;
  return (
    <ActionButton
      view={view}
      id="prompt-mask"
      icon="from-mask"
      label="From mask"
      says={text}
      obstacle={reason}
      disabled={!view.store.image.header.value || label === null}
    />
  );
}

function Clear({ view }: { view: ViewState }) {
  const count = view.store.prompts.known.value.length;
  if (count === 0) return null;
  return (
    <div class="jl-row">
      <Button
        icon="clear"
        label={`Clear ${count} ${count === 1 ? "prompt" : "prompts"}`}
        title="Remove all clicks and other prompts; the labels stay"
        action="clear"
        onClick={() => clearPrompts(view)}
      />
    </div>
  );
}
