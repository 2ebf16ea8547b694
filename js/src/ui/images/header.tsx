// Which image is open and how far the set is; saving and going on.
import { localTime } from "../../text/localTimes";
import type { ViewState } from "../../view/viewState";
import { ActionButton } from "../actions/actionButton";
import { canSave } from "../actions/commands";
import { ImageTags } from "./imageTags";
import { Reason } from "./reason";

export function Header({ view }: { view: ViewState }) {
  const { state } = view.store.kernel;
  const { header } = view.store.image;
  const id = header.value?.id ?? state.value?.imageId ?? null;
  return (
    <div class="jl-header">
      <div class="jl-image">
        <strong class="jl-name" title={id ?? ""}>
          {id ?? "No image"}
        </strong>
        {state.value?.dirty && <span class="jl-chip">Unsaved</span>}
        <WorkChips view={view} />
        <Notes view={view} />
        <ChosenLabel view={view} />
        <Count view={view} />
      </div>
      <Actions view={view} />
      <Room view={view} />
      <ImageTags view={view} />
      <Reason view={view} />
    </div>
  );
}

/** What is painted, where the list of labels lies below the picture and may be out of view. */
function ChosenLabel({ view }: { view: ViewState }) {
  const name = view.store.choices.chosen("label");
  const label = view.store.kernel.state.value?.labels.find((one) => one.name === name);
  if (!label) return null;
  return (
    <span class="jl-chosen" title={`The chosen label: ${label.name}`} data-chosen-label={label.name}>
      <span class="jl-swatch" style={{ backgroundColor: label.color }} />
      <span class="jl-name">{label.name}</span>
    </span>
  );
}

/** How much room the labeler has, and help. */
function Room({ view }: { view: ViewState }) {
  return (
    <div class="jl-group">
      <ActionButton
        view={view}
        id="full-screen"
        icon="fullscreen"
        label="Full screen"
        bare
        pressed={view.filled.value}
      />
      <ActionButton view={view} id="help" icon="help" label="Help" bare pressed={view.panel.value === "help"} />
    </div>
  );
}

export function Count({ view }: { view: ViewState }) {
  const state = view.store.kernel.state.value;
  if (!state) return null;
  return (
    <span class="jl-count" title="Labelled images of all images">
      {state.labelled} of {state.images} labelled
    </span>
  );
}

/** Notes on the image and its file, and how many there are. */
function Notes({ view }: { view: ViewState }) {
  const { image, teamwork } = view.store;
  if (!image.header.value) return null;
  const count = Object.keys(image.header.value.notes).length + teamwork.notes.value.length;
  const says = count === 0 ? "Notes: none yet" : count === 1 ? "1 note" : `${count} notes`;
  return (
    <ActionButton
      view={view}
      id="notes"
      icon={count === 0 ? "note" : "info"}
      label={says}
      says={says}
      bare
      pressed={view.panel.value === "notes"}
    />
  );
}

/** What a reviewer said of the label, and whether several people read the image. */
function WorkChips({ view }: { view: ViewState }) {
  const { teamwork, verdicts } = view.store;
  const verdict = verdicts.verdict.value;
  const reading = teamwork.reading.value;
  return (
    <>
      {verdict && (
        <span
          class={`jl-chip jl-work-${verdict.verdict}`}
          title={`${verdict.reviewer || "A reviewer"}, ${localTime(verdict.time)}${verdict.comment ? `: ${verdict.comment}` : ""}`}
          data-part="verdict-chip"
        >
          {verdict.verdict === "accepted" ? "Accepted" : "Sent back"}
        </span>
      )}
      {reading && (
        <span
          class="jl-chip"
          title="Several people read this image, each by themselves: nobody sees another's label until all have saved theirs"
          data-part="reading"
        >
          Reading {reading.place}
        </span>
      )}
    </>
  );
}

function Actions({ view }: { view: ViewState }) {
  const { comparison } = view.store;
  const { state: link } = view.store.connection;
  const { state: told } = view.store.kernel;
  const state = told.value;
  const here = link.value === "live" && state !== null;
  const open = here && state.imageId !== null;
  const [saving, going] = state?.dirty ? (["primary", "plain"] as const) : (["plain", "primary"] as const);
  const shown = view.panel.value;
  return (
    <div class="jl-group jl-actions">
      <ActionButton
        view={view}
        id="images"
        icon="images"
        label="Images"
        bare
        disabled={!here}
        pressed={shown === "images"}
      />
      <ActionButton
        view={view}
        id="versions"
        icon="versions"
        label="Versions"
        bare
        disabled={!open}
        pressed={shown === "versions"}
      />
      <ActionButton
        view={view}
        id="compare"
        icon="compare"
        label="Compare"
        bare
        disabled={!open}
        pressed={comparison.on}
      />
      <ActionButton
        view={view}
        id="previous"
        icon="previous"
        label="Previous"
        bare
        disabled={!here || !state.canGoBack}
      />
      <ActionButton view={view} id="skip" icon="skip" label="Skip" disabled={!open || state.review !== null} />
      <ActionButton view={view} id="save" icon="save" label="Save" kind={saving} disabled={!here || !canSave(view)} />
      <ActionButton view={view} id="next" icon="next" label="Next" kind={going} disabled={!here} />
    </div>
  );
}
