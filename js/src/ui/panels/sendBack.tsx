// Sending the image back to who annotated it elsewhere, with a comment at the crosshair.
import { useRef } from "preact/hooks";
import type { ViewState } from "../../view/viewState";
import { Button } from "../controls/button";

const WHAT = "What should be changed?";

export function SendBack({ view }: { view: ViewState }) {
  const { sendBack } = view.store;
  const field = useRef<HTMLInputElement>(null);
  const origin = sendBack.origin.value;
  if (origin === null) return null;
  const leave = () => field.current?.closest<HTMLElement>(".jlabel")?.focus({ preventScroll: true });
  const send = () => {
    if (!sendBack.canSend) return;
    sendBack.send();
    // The button is about to be disabled, which would leave the keyboard nowhere.
    leave();
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.isComposing || (event.key !== "Enter" && event.key !== "Escape")) return;
    event.preventDefault();
    event.stopPropagation();
    if (event.key === "Enter") send();
    else leave();
  };
  return (
    <>
      <p class="jl-hint" data-part="origin">
        From {origin}. The comment is put at the crosshair.
      </p>
      <div class="jl-row jl-send-back">
        <input
          ref={field}
          type="text"
          class="jl-text-field"
          aria-label={WHAT}
          placeholder={WHAT}
          autocomplete="off"
          maxLength={500}
          value={sendBack.text.value}
          readOnly={sendBack.underWay.value}
          onInput={(event) => {
            sendBack.text.value = event.currentTarget.value;
          }}
          onKeyDown={onKeyDown}
        />
        <Button
          icon="send-back"
          label="Send back"
          title="Send the image back to who annotated it, with this comment at the crosshair"
          action="send-back"
          disabled={!sendBack.canSend}
          onClick={send}
        />
      </div>
    </>
  );
}
