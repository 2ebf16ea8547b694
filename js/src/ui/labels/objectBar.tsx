// Below a label whose objects are told apart: which object strokes and prompts are for, and a new one.
import type { LabelInfo } from "../../protocol";
import { colorOf } from "../../view/palette";
import type { ViewState } from "../../view/viewState";
import { ActionButton } from "../actions/actionButton";

export function ObjectBar({ view, label }: { view: ViewState; label: LabelInfo }) {
  const { objects, labels, choices, kernel } = view.store;
  const value = objects.active.value;
  if (value === null || choices.chosen("label") !== label.name) return null;
  const there = labels.sizes.value?.objects.includes(value) ?? false;
  return (
    <div class="jl-objects" data-active-object={value}>
      <span class="jl-swatch" style={{ backgroundColor: colorOf(value, kernel.state.value?.labels ?? []) }} />
      <output
        class="jl-object-name"
        title="Strokes and prompts are for this object; click another one to go on with it"
      >
        {objects.beginning.value ? "New object …" : there ? `Object ${value}` : "New object"}
      </output>
      <ActionButton
        view={view}
        id="new-object"
        icon="add"
        label="New object"
        says="Begin a new object"
        disabled={!there}
      />
    </div>
  );
}

/** In a label's details: whether its objects are told apart, and where a new one begins. */
export function ObjectSwitches({ view, label }: { view: ViewState; label: LabelInfo }) {
  const { objects, labels } = view.store;
  const other = objects.label.value !== null && !label.instances ? objects.label.value.name : null;
  return (
    <>
      <label
        class="jl-switch"
        title={
          other ? `Those of ${other} are told apart; one label can have that` : "Each object has a value of its own"
        }
      >
        <input
          type="checkbox"
          data-switch="instances"
          checked={label.instances ?? false}
          disabled={other !== null}
          onChange={(event) => labels.tellApart(label.value, event.currentTarget.checked)}
        />
        <span>Tell its objects apart</span>
      </label>
      {label.instances && (
        <label class="jl-switch" title="Off: clicks go on with the active object until you begin a new one">
          <input
            type="checkbox"
            data-switch="object-each-prompt"
            checked={objects.eachPrompt.on.value}
            onChange={(event) => objects.eachPrompt.turn(event.currentTarget.checked)}
          />
          <span>Each click begins a new object</span>
        </label>
      )}
    </>
  );
}
