// The right end of the status line: loading, the kernel's work, or what was done last.
import type { ViewState } from "../view/viewstate";
import { ActionButton } from "./actionbutton";
import { Bar } from "./bar";
import { useHeldBack } from "./heldback";
import { Icon } from "./icons";

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
          <Bar class="jl-bar" fraction={loaded.value} label="Loading the image" />
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
      <Bar class="jl-bar" fraction={fraction} label={text} />
      {state.value?.canCancel ? (
        <ActionButton view={view} id="cancel" icon="clear" label="Cancel" />
      ) : (
        <span title="It is decided, and done in a moment">almost done</span>
      )}
    </>
  );
}
