// A name that is typed in place: Enter takes it, Escape or leaving the field does not.
import { useLayoutEffect, useRef } from "preact/hooks";

interface NameFieldProps {
  /** Its accessible name. */
  label: string;
  value: string;
  onGiven: (name: string) => void;
  onLeft: () => void;
  /** A selector: the field is not left for what lies in the same one of these. */
  staysIn?: string;
}

export function NameField({ label, value, onGiven, onLeft, staysIn }: NameFieldProps) {
  const field = useRef<HTMLInputElement>(null);
  useLayoutEffect(() => {
    field.current?.focus();
    field.current?.select();
  }, []);
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key !== "Enter" && event.key !== "Escape") return;
    event.preventDefault();
    event.stopPropagation();
    const name = field.current?.value.trim() ?? "";
    const root = field.current?.closest<HTMLElement>(".jlabel");
    if (event.key === "Enter" && name !== "" && name !== value) onGiven(name);
    else onLeft();
    root?.focus({ preventScroll: true });
  };
  return (
    <input
      ref={field}
      type="text"
      class="jl-text-field"
      aria-label={label}
      placeholder={label}
      maxLength={100}
      defaultValue={value}
      onKeyDown={onKeyDown}
      onBlur={(event) => {
        const around = staysIn === undefined ? null : event.currentTarget.closest(staysIn);
        if (around === null) onLeft();
      }}
    />
  );
}
