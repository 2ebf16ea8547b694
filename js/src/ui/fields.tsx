// Small form controls.
import type { Signal } from "@preact/signals";

interface NumberFieldProps {
  value: Signal<number>;
  /** Its accessible name. */
  label: string;
  title: string;
  unit?: string;
  /** The smallest number that is taken; any if not given. */
  above?: number;
  disabled?: boolean;
}

/** A number that is taken when the field is left or Enter pressed; what is none is put back. */
export function NumberField({ value, label, title, unit, above, disabled }: NumberFieldProps) {
  return (
    <label class="jl-number" title={title}>
      <input
        type="number"
        step="any"
        aria-label={label}
        value={value.value}
        disabled={disabled}
        onChange={({ currentTarget: field }) => {
          const typed = field.value.trim() === "" ? Number.NaN : Number(field.value);
          if (Number.isFinite(typed) && (above === undefined || typed > above)) value.value = typed;
          field.value = String(value.value);
        }}
      />
      {unit && <span class="jl-unit">{unit}</span>}
    </label>
  );
}

interface ChoiceProps<T extends string> {
  value: Signal<T>;
  label: string;
  options: readonly { value: T; text: string; title: string }[];
}

/** One of a few, side by side. */
export function Choice<T extends string>({ value, label, options }: ChoiceProps<T>) {
  return (
    <fieldset class="jl-choice" aria-label={label}>
      {options.map((option) => (
        <button
          key={option.value}
          type="button"
          class="jl-button jl-plain"
          title={option.title}
          aria-pressed={value.value === option.value}
          data-option={option.value}
          onClick={() => {
            value.value = option.value;
          }}
        >
          {option.text}
        </button>
      ))}
    </fieldset>
  );
}

export function Check({ value, text, title }: { value: Signal<boolean>; text: string; title: string }) {
  return (
    <label class="jl-check" title={title}>
      <input
        type="checkbox"
        checked={value.value}
        onChange={(event) => {
          value.value = event.currentTarget.checked;
        }}
      />
      {text}
    </label>
  );
}
