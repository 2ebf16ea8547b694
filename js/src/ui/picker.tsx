// A choice among models or strategies.
import type { ViewState } from "../view/viewstate";

interface PickerProps {
  view: ViewState;
  what: "model" | "strategy";
  label: string;
  options: readonly { name: string; description: string; valid?: boolean }[];
}

export function Picker({ view, what, label, options }: PickerProps) {
  const { session } = view;
  const chosen = session.chosen(what);
  return (
    <select
      class="jl-select"
      aria-label={label}
      data-choose={what}
      value={chosen ?? ""}
      onChange={(event) => session.choose(what, event.currentTarget.value)}
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
