// A new label: its name is typed, or is one that the chosen model finds.
import type { Signal } from "@preact/signals";
import type { ViewState } from "../../view/viewState";
import { NameField } from "../controls/nameField";

export function AddLabel({ view, adding }: { view: ViewState; adding: Signal<boolean> }) {
  const { choices, labels } = view.store;
  const offered = labels.offered.value;
  const close = () => {
    adding.value = false;
  };
  return (
    <div
      class="jl-add-label"
      onFocusOut={(event) => {
        if (!event.currentTarget.contains(event.relatedTarget as Node | null)) close();
      }}
    >
      <NameField
        label="Name of the new label"
        value=""
        onGiven={(name) => {
          labels.add(name);
          close();
        }}
        onLeft={close}
        staysIn=".jl-add-label"
      />
      {offered.length > 0 && (
        <Offered
          model={choices.chosen("model") ?? ""}
          names={offered}
          onAdd={(names) => {
            labels.addAll(names);
            close();
          }}
          onLeft={close}
        />
      )}
    </div>
  );
}

interface OfferedProps {
  model: string;
  names: readonly string[];
  onAdd: (names: readonly string[]) => void;
  onLeft: () => void;
}

function Offered({ model, names, onAdd, onLeft }: OfferedProps) {
  const onKeyDown = (event: KeyboardEvent) => {
    // Enter and Space press the button that has the focus; no key here is one of the slices.
    event.stopPropagation();
    if (event.key === "Escape") onLeft();
  };
  return (
    <fieldset class="jl-offered" onKeyDown={onKeyDown} onMouseDown={(event) => event.preventDefault()}>
      <legend class="jl-hint">{model} also finds</legend>
      <div class="jl-offered-names">
        {names.map((name) => (
          <button type="button" class="jl-button jl-plain" key={name} data-offered={name} onClick={() => onAdd([name])}>
            {name}
          </button>
        ))}
      </div>
      {names.length > 1 && (
        <button type="button" class="jl-button jl-plain" data-offered-all onClick={() => onAdd(names)}>
          Add all {names.length}
        </button>
      )}
    </fieldset>
  );
}
