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

/**
 * A number that is taken when the field is left or Enter pressed; what is none is put back. A field of text: those for
 * numbers drop the comma of `2,5` without a word where the browser's own language writes a point.
 */
export function NumberField({ value, label, title, unit, above, disabled }: NumberFieldProps) {
  const take = (field: HTMLInputElement, typed: number) => {
    if (Number.isFinite(typed) && (above === undefined || typed > above)) value.value = typed;
    field.value = String(value.value);
  };
  return (
    <label class="jl-number" title={title}>
      <input
        type="text"
        inputMode="decimal"
        autocomplete="off"
        aria-label={label}
        value={value.value}
        disabled={disabled}
        onChange={({ currentTarget: field }) => take(field, numberIn(field.value))}
        onKeyDown={(event) => {
          const step = { ArrowUp: 1, ArrowDown: -1 }[event.key];
          if (step === undefined) return;
          event.preventDefault();
          take(event.currentTarget, Number((numberIn(event.currentTarget.value) + step).toPrecision(12)));
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

/** What a person means by `2.5`, `2,5` or `−3`; NaN for what is no number, and for `1,000`, which means two things. */
export function numberIn(text: string): number {
  const plain = text.trim().replace("\u2212", "-");
  if (plain === "" || /^[+-]?[1-9]\d{0,2}(,\d{3})+$/.test(plain)) return Number.NaN;
  return Number(plain.replace(",", "."));
}
