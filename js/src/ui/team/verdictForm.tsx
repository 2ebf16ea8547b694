// In a review for verdicts: the label is accepted, or sent back with what is to be corrected.
import { useEffect, useRef } from "preact/hooks";
import type { ViewState } from "../../view/viewState";
import { ActionButton } from "../actions/actionButton";
import { sendLabelBack } from "../actions/commands";

const WHAT = "What is to be corrected?";

export function VerdictForm({ view }: { view: ViewState }) {
  const { review, verdicts } = view.store;
  const field = useRef<HTMLInputElement>(null);
  const asked = view.judging.value;
  useEffect(() => {
    if (asked > 0) field.current?.focus({ preventScroll: true });
  }, [asked]);
  if (!review.judges) return null;
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.isComposing || (event.key !== "Enter" && event.key !== "Escape")) return;
    event.preventDefault();
    event.stopPropagation();
    if (event.key === "Enter") sendLabelBack(view);
    field.current?.closest<HTMLElement>(".jlabel")?.focus({ preventScroll: true });
  };
  return (
    <div class="jl-row jl-verdict" data-part="verdict">
      <input
        ref={field}
        type="text"
        class="jl-text-field"
        aria-label={WHAT}
        placeholder={WHAT}
        autocomplete="off"
        maxLength={500}
        value={review.here ? verdicts.comment.value : ""}
        disabled={!review.here}
        onInput={(event) => {
          verdicts.comment.value = event.currentTarget.value;
        }}
        onKeyDown={onKeyDown}
      />
      <label class="jl-check" title="Whoever corrects the label is shown this place">
        <input
          type="checkbox"
          checked={verdicts.here.value}
          disabled={!review.here}
          onChange={(event) => {
            verdicts.here.value = event.currentTarget.checked;
          }}
        />
        At the crosshair
      </label>
      <ActionButton
        view={view}
        id="send-label-back"
        icon="send-back"
        label="Send back"
        disabled={!review.here || verdicts.sending === null}
        obstacle={review.here && verdicts.sending === null ? "Say what is to be corrected first" : null}
      />
    </div>
  );
}
