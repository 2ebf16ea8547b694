// What is going on, in words under the picture: work in progress, errors, and the question before changes are lost.
import type { ViewState } from "../view/viewstate";
import { discardAndLeave, saveAndLeave } from "./actions";
import { Button } from "./button";
import { Icon } from "./icons";
import { JobLine } from "./jobline";

export function Messages({ view }: { view: ViewState }) {
  return (
    <div class="jl-messages">
      <Leaving view={view} />
      <LinkNote view={view} />
      <div aria-live="assertive">
        <ErrorNote view={view} />
      </div>
      <JobLine
        followed={view.session.training}
        stops="Stop the training; what it has learnt is kept with the job"
        action="cancel-training"
      />
      <JobLine
        followed={view.session.firstMasks}
        stops="Stop making first masks; those that are made stay"
        action="cancel-first-masks"
      />
    </div>
  );
}

function Leaving({ view }: { view: ViewState }) {
  if (!view.leaving.value) return null;
  return (
    <div class="jl-message jl-asking" role="alertdialog" aria-label="Unsaved changes">
      <Icon name="alert" />
      <p>This image has unsaved changes.</p>
      <div class="jl-row">
        <button
          type="button"
          class="jl-button jl-primary"
          data-answer="save"
          ref={focusOnce}
          onClick={() => saveAndLeave(view)}
        >
          Save and go on
        </button>
        <button type="button" class="jl-button jl-plain" data-answer="discard" onClick={() => discardAndLeave(view)}>
          Discard changes
        </button>
        <button
          type="button"
          class="jl-button jl-plain"
          data-answer="stay"
          onClick={() => {
            view.leaving.value = null;
          }}
        >
          Stay
        </button>
      </div>
    </div>
  );
}

function focusOnce(button: HTMLButtonElement | null): void {
  if (button && !button.parentElement?.contains(document.activeElement)) button.focus({ preventScroll: true });
}

function LinkNote({ view }: { view: ViewState }) {
  const text = {
    live: null,
    waiting: null,
    lost: lostText(view.session.unheard.value),
    dead: "The kernel was restarted and does not know this labeler any more. Run the cell again to go on.",
  }[view.session.link.value];
  return text ? <Warning text={text} /> : <WaitNote view={view} />;
}

function WaitNote({ view }: { view: ViewState }) {
  const { waiting, couldHear } = view.session.patience;
  if (!waiting.value) return null;
  const why = couldHear.value === false ? " With ipykernel 7 or newer it would not have to wait." : "";
  return <Warning text={`A cell is running; what you do here is done when it ends.${why}`} />;
}

function Warning({ text }: { text: string }) {
  return (
    <div class="jl-message jl-warning" role="status">
      <Icon name="alert" />
      <p>{text}</p>
    </div>
  );
}

function lostText(waiting: number): string {
  const kept = waiting > 0 ? ` So far: ${waiting}.` : "";
  return `The connection to the kernel is lost. What you do is kept in this page and arrives when it is back.${kept}`;
}

function ErrorNote({ view }: { view: ViewState }) {
  const { error } = view.session;
  if (error.value === null) return null;
  return (
    <div class="jl-message jl-error">
      <Icon name="alert" />
      <p>{error.value}</p>
      <Button
        icon="clear"
        label="Dismiss"
        title="Dismiss"
        bare
        onClick={() => {
          error.value = null;
        }}
      />
    </div>
  );
}
