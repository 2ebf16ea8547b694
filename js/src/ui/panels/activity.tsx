// The right end of the status line: loading, the kernel's work, or what was done last.
import { withLocalTimes } from "../../text/localTimes";
import type { ViewState } from "../../view/viewState";
import { ActionButton } from "../actions/actionButton";
import { useDelayedText } from "../controls/delayedText";
import { Icon } from "../controls/icons";
import { ProgressBar } from "../controls/progressBar";

/** What is done sooner than this is not shown as under way: it would only flicker. */
const DELAY_MS = 150;

export function Activity({ view }: { view: ViewState }) {
  const { state } = view.store.kernel;
  const { header, loaded } = view.store.image;
  const { state: link } = view.store.connection;
  const busy = useDelayedText(state.value?.busy ?? null, DELAY_MS);
  const loading = useDelayedText(header.value && loaded.value < 1 ? "Loading" : null, DELAY_MS);
  const said = state.value?.notice ?? null;
  const notice = said === null ? null : withLocalTimes(said);
  return (
    <div class="jl-activity" role="status">
      {busy !== null ? (
        <Busy view={view} busy={busy} />
      ) : link.value === "waiting" ? (
        "Waiting for the kernel …"
      ) : loading !== null ? (
        <>
          <span aria-hidden="true">Loading {Math.floor(loaded.value * 100)} %</span>
          <ProgressBar class="jl-bar" fraction={loaded.value} label="Loading the image" />
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
  const { state, progress } = view.store.kernel;
  const { text, fraction } = progress.value ?? { text: busy, fraction: null };
  return (
    <>
      <span class="jl-name" title={text}>
        {text}
      </span>
      <ProgressBar class="jl-bar" fraction={fraction} label={text} />
      {state.value?.canCancel ? (
        <ActionButton view={view} id="cancel" icon="clear" label="Cancel" />
      ) : (
        <span title="It is decided, and done in a moment">almost done</span>
      )}
    </>
  );
}
