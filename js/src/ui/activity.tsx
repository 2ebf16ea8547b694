// The right end of the status line: loading, the kernel's work, or what was done last.
import { useEffect, useState } from "preact/hooks";
import type { ViewState } from "../view/viewstate";
import { cancel } from "./actions";
import { Button } from "./button";
import { Icon } from "./icons";
import { shortcuts, tooltip } from "./keymap";

/** What is done sooner than this is not shown as under way: it would only flicker. */
const HELD_BACK_MS = 150;

export function Activity({ view }: { view: ViewState }) {
  const { state, header, loaded, link } = view.session;
  const busy = useHeldBack(state.value?.busy ?? null, HELD_BACK_MS);
  const loading = useHeldBack(header.value && loaded.value < 1 ? "Loading" : null, HELD_BACK_MS);
  const notice = state.value?.notice ?? null;
  return (
    <div class="jl-activity" role="status">
      {busy !== null ? (
        <Busy view={view} busy={busy} />
      ) : link.value === "waiting" ? (
        "Waiting for the kernel …"
      ) : loading !== null ? (
        <>
          <span aria-hidden="true">Loading {Math.floor(loaded.value * 100)} %</span>
          <Bar fraction={loaded.value} label="Loading the image" />
        </>
      ) : notice !== null ? (
        <>
          <Icon name="check" />
          <span class="jl-name" title={notice}>
            {notice}
          </span>
        </>
      ) : null}
    </div>
  );
}

function Busy({ view, busy }: { view: ViewState; busy: string }) {
  const { state, progress } = view.session;
  const { text, fraction } = progress.value ?? { text: busy, fraction: null };
  return (
    <>
      <span class="jl-name" title={text}>
        {text}
      </span>
      <Bar fraction={fraction} label={text} />
      {state.value?.canCancel ? (
        <Button
          icon="clear"
          label="Cancel"
          title={tooltip(view, "cancel")}
          keys={shortcuts(view, "cancel")}
          action="cancel"
          onClick={() => cancel(view)}
        />
      ) : (
        <span title="It is decided, and done in a moment">almost done</span>
      )}
    </>
  );
}

/** The text, once there has been one for a while; what follows it without a gap is shown at once. */
function useHeldBack(text: string | null, wait: number): string | null {
  const [due, setDue] = useState(false);
  const underWay = text !== null;
  useEffect(() => {
    if (!underWay) return;
    const timer = setTimeout(() => setDue(true), wait);
    return () => {
      clearTimeout(timer);
      setDue(false);
    };
  }, [underWay, wait]);
  return due ? text : null;
}

function Bar({ fraction, label }: { fraction: number | null; label: string }) {
  const percent = fraction === null ? undefined : Math.round(fraction * 100);
  return (
    <div
      class={`jl-bar${fraction === null ? " jl-endless" : ""}`}
      role="progressbar"
      aria-label={label}
      aria-valuemin={0}
      aria-valuemax={100}
      aria-valuenow={percent}
    >
      <span style={fraction === null ? undefined : { width: `${percent}%` }} />
    </div>
  );
}
