// A progress bar: the labeler's, and the job panel's, which is a script of its own.

interface ProgressBarProps {
  /** 0 to 1; null where nobody knows how far it is. */
  fraction: number | null;
  /** Its accessible name. */
  label: string;
  /** How it looks. */
  class: string;
}

export function ProgressBar({ fraction, label, class: look }: ProgressBarProps) {
  const percent = fraction === null ? undefined : Math.round(fraction * 100);
  return (
    <div
      class={`${look}${fraction === null ? " jl-endless" : ""}`}
      role="progressbar"
      aria-label={label}
      aria-valuemin={0}
      aria-valuemax={100}
      aria-valuenow={percent}
    >
      <span style={percent === undefined ? undefined : { width: `${percent}%` }} />
    </div>
  );
}
