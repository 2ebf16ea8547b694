// What is going on, in words under the picture: work in progress, errors, and the question before changes are lost.
import type { ComponentChildren } from "preact";
import { withLocalTimes } from "../../text/localTimes";
import type { ViewState } from "../../view/viewState";
import { discardAndLeave, saveAllTheSame, saveAndLeave } from "../actions/commands";
import { Button } from "../controls/button";
import { Icon } from "../controls/icons";
import { TeamMessages } from "../team/messages";
import { JobLine } from "../training/jobLine";

export function Messages({ view }: { view: ViewState }) {
  return (
    <div class="jl-messages">
      <Leaving view={view} />
      <SavingOver view={view} />
      <UnshownLabel view={view} />
      <CutOff view={view} />
      <TeamMessages view={view} />
      <NotOnDisk view={view} />
      <ConnectionNote view={view} />
      <RepeatedNote view={view} />
      <div aria-live="assertive">
        <ErrorNote view={view} />
      </div>
      <JobLine
        followed={view.store.training}
        stops="Stop the training; what it has learnt is kept with the job"
        action="cancel-training"
      />
      <JobLine
        followed={view.store.preAnnotation}
        stops="Stop making first masks; those that are made stay"
        action="cancel-first-masks"
      />
      <JobLine
        followed={view.store.scoring}
        stops="Stop scoring; the scores that are there stay"
        action="cancel-scoring"
        whileActive
      />
    </div>
  );
}

function Leaving({ view }: { view: ViewState }) {
  if (!view.leaving.value) return null;
  const stay = () => {
    view.leaving.value = null;
  };
  return (
    <Question name="Unsaved changes" text="This image has unsaved changes.">
      <Answer id="save" text="Save and go on" act={() => saveAndLeave(view)} kind="primary" focused />
      <Answer id="discard" text="Discard changes" act={() => discardAndLeave(view)} />
      <Answer id="stay" text="Stay" act={stay} />
    </Question>
  );
}

const SAVING_OVER = {
  unshown: {
    name: "Replace the saved label",
    text: "The saved label could not be shown, so this draft does not hold it. Save the draft as the newest version?",
  },
  others: {
    name: "Somebody else works on this image",
    text: "Somebody else works on this image. Save your draft all the same? Both versions are kept.",
  },
} as const;

/** Saving would put the draft in the place of a label that could not be shown, or beside somebody's work. */
function SavingOver({ view }: { view: ViewState }) {
  const asked = view.savingOver.value;
  if (!asked) return null;
  const stay = () => {
    view.savingOver.value = null;
  };
  return (
    <Question {...SAVING_OVER[asked.why]}>
      <Answer id="stay" text="Stay" act={stay} focused />
      <Answer id={asked.why === "unshown" ? "replace" : "anyway"} text="Save anyway" act={() => saveAllTheSame(view)} />
    </Question>
  );
}

function UnshownLabel({ view }: { view: ViewState }) {
  const { kernel } = view.store;
  const unshown = kernel.state.value?.unshownLabel;
  if (!unshown) return null;
  const what = "Crop, pad or resample it to the voxels of this image; it can be undone";
  return (
    <Warning id="unshown-label" role="alert" text={withLocalTimes(sentence(unshown.problem))}>
      {unshown.fits && (
        <Answers>
          <Answer id="fit" text="Show it fitted" title={what} act={() => kernel.ask({ type: "fit_label" })} />
        </Answers>
      )}
    </Warning>
  );
}

/** As long as a killed kernel would lose what was painted. */
function NotOnDisk({ view }: { view: ViewState }) {
  const why = view.store.kernel.state.value?.notOnDisk;
  return why ? <Warning id="not-on-disk" role="alert" text={withLocalTimes(why)} /> : null;
}

/** The mask has straight faces: the model stopped looking there. */
function CutOff({ view }: { view: ViewState }) {
  const { kernel } = view.store;
  const label = kernel.state.value?.cutOff;
  if (!label) return null;
  const text = (
    <>
      <strong>{label}</strong> ends where the model stopped looking, and may go on beyond it.
    </>
  );
  const what = "Look for it again in a region twice as long";
  return (
    <Warning id="cut-off" text={text}>
      <Answers>
        <Answer id="continue" text="Continue" title={what} act={() => kernel.ask({ type: "look_further" })} />
      </Answers>
    </Warning>
  );
}

function sentence(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

interface QuestionProps {
  /** For those who hear it. */
  name: string;
  text: string;
  children: ComponentChildren;
}

function Question({ name, text, children }: QuestionProps) {
  return (
    <div class="jl-message jl-asking" role="alertdialog" aria-label={name}>
      <Icon name="alert" />
      <p>{text}</p>
      <Answers>{children}</Answers>
    </div>
  );
}

function Answers({ children }: { children: ComponentChildren }) {
  return <div class="jl-row">{children}</div>;
}

interface AnswerProps {
  id: string;
  text: string;
  act: () => void;
  title?: string;
  kind?: "plain" | "primary";
  /** It has the focus as it appears. */
  focused?: boolean;
}

function Answer({ id, text, act, title, kind = "plain", focused = false }: AnswerProps) {
  return (
    <button
      type="button"
      class={`jl-button jl-${kind}`}
      data-answer={id}
      title={title}
      ref={focused ? focusOnce : null}
      onClick={act}
    >
      {text}
    </button>
  );
}

function focusOnce(button: HTMLButtonElement | null): void {
  if (button && !button.parentElement?.contains(document.activeElement)) button.focus({ preventScroll: true });
}

function ConnectionNote({ view }: { view: ViewState }) {
  const text = {
    live: null,
    waiting: null,
    lost: lostText(view.store.connection.unacked.value),
    dead: null,
  }[view.store.connection.state.value];
  return text ? <Warning text={text} /> : <WaitNote view={view} />;
}

function RepeatedNote({ view }: { view: ViewState }) {
  const { repeated } = view.store.unheardStrokes;
  if (repeated.value === 0) return null;
  const what = repeated.value === 1 ? "The last stroke" : `The last ${repeated.value} strokes`;
  const dismiss = () => {
    repeated.value = 0;
  };
  return (
    <Warning text={`${what} had not been heard by the kernel that ended: painted again here. Undo takes them back.`}>
      <Dismiss act={dismiss} />
    </Warning>
  );
}

function WaitNote({ view }: { view: ViewState }) {
  const { waiting, hearsDuringCells } = view.store.connection.cellWait;
  if (!waiting.value) return null;
  const why = hearsDuringCells.value === false ? " With ipykernel 7 or newer it would not have to wait." : "";
  return <Warning text={`A cell is running; what you do here is done when it ends.${why}`} />;
}

interface WarningProps {
  text: ComponentChildren;
  /** What it is about, as an attribute of the page. */
  id?: string;
  role?: "status" | "alert";
  children?: ComponentChildren;
}

function Warning({ text, id, role = "status", children }: WarningProps) {
  return (
    <div class="jl-message jl-warning" role={role} {...(id && { [`data-${id}`]: true })}>
      <Icon name="alert" />
      <p>{text}</p>
      {children}
    </div>
  );
}

function Dismiss({ act }: { act: () => void }) {
  return <Button icon="clear" label="Dismiss" title="Dismiss" bare onClick={act} />;
}

function lostText(waiting: number): string {
  const kept = waiting > 0 ? ` So far: ${waiting}.` : "";
  return `The connection to the kernel is lost. What you do is kept in this page and arrives when it is back.${kept}`;
}

function ErrorNote({ view }: { view: ViewState }) {
  const { error } = view.store.kernel;
  if (error.value === null) return null;
  return (
    <div class="jl-message jl-error">
      <Icon name="alert" />
      <p>{withLocalTimes(error.value)}</p>
      <Dismiss act={() => view.store.kernel.dismissError()} />
    </div>
  );
}
