import { Icon, type IconName } from "./icons";

export interface ButtonProps {
  icon: IconName;
  label: string;
  /** What it does and its key, for the tooltip: see `tooltip` in keymap.ts. */
  title: string;
  /** As `shortcuts` in keymap.ts says them. */
  keys?: string | undefined;
  onClick: () => void;
  action?: string;
  tool?: string;
  disabled?: boolean;
  pressed?: boolean;
  /** Shows the icon alone; the label is still its accessible name. */
  bare?: boolean;
  kind?: "plain" | "primary";
}

export function Button(props: ButtonProps) {
  const { icon, label, title, keys, onClick, action, tool, disabled, pressed, bare, kind = "plain" } = props;
  return (
    <button
      type="button"
      class={`jl-button jl-${kind}${bare ? " jl-bare" : ""}`}
      title={title}
      aria-label={label}
      aria-keyshortcuts={keys}
      aria-pressed={pressed}
      disabled={disabled}
      data-action={action}
      data-tool={tool}
      onClick={onClick}
    >
      <Icon name={icon} />
      {!bare && <span class="jl-text">{label}</span>}
    </button>
  );
}
