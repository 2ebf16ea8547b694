// A choice among models or strategies.
import type { ViewState } from "../../view/viewState";

interface PickerProps {
  view: ViewState;
  what: "model" | "strategy";
  label: string;
  options: readonly { name: string; description: string; valid?: boolean }[];
  /** The person is about to choose. */
  onLook?: () => void;
}

export function Picker({ view, what, label, options, onLook }: PickerProps) {
  const { store } = view;
  const chosen = store.choices.chosen(what);
  return (
    <select
      class="jl-select"
      aria-label={label}
      data-choose={what}
      value={chosen ?? ""}
      onFocus={onLook}
      onChange={(event) => store.choices.choose(what, event.currentTarget.value)}
    >
      {chosen === null && <option value="">–</option>}
      {options.map(({ name, description, valid }) => (
        <option key={name} value={name} title={description} disabled={valid === false} selected={name === chosen}>
          {valid === false ? `${name} (not available)` : name}
        </option>
      ))}
    </select>
  );
}
