// Which image is open and how far the set is; saving and going on.
import type { ViewState } from "../view/viewstate";
import { ActionButton } from "./actionbutton";
import { canSave, togglePanel } from "./actions";
import { Button } from "./button";

export function Header({ view }: { view: ViewState }) {
  const { state, header } = view.session;
  const id = header.value?.id ?? state.value?.imageId ?? null;
  return (
    <div class="jl-header">
      <div class="jl-image">
        <strong class="jl-name" title={id ?? ""}>
          {id ?? "No image"}
        </strong>
        {state.value?.dirty && <span class="jl-chip">Unsaved</span>}
        <Notes view={view} />
        <Count view={view} />
      </div>
      <Actions view={view} />
      <Room view={view} />
    </div>
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
  const state = view.session.state.value;
  if (!state) return null;
  return (
    <span class="jl-count" title="Labelled images of all images">
      {state.labelled} of {state.images} labelled
    </span>
  );
}

function Notes({ view }: { view: ViewState }) {
  const count = Object.keys(view.session.header.value?.notes ?? {}).length;
  if (count === 0) return null;
  return (
    <Button
      icon="info"
      label="Notes about this file"
      title="Notes about this file"
      bare
      pressed={view.panel.value === "notes"}
      onClick={() => togglePanel(view, "notes")}
    />
  );
}

function Actions({ view }: { view: ViewState }) {
  const { comparing, link, state: told } = view.session;
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
        pressed={comparing.on}
      />
      <ActionButton
        view={view}
        id="previous"
        icon="previous"
        label="Previous"
        bare
        disabled={!here || !state.canGoBack}
      />
      <ActionButton view={view} id="skip" icon="skip" label="Skip" disabled={!open} />
      <ActionButton view={view} id="save" icon="save" label="Save" kind={saving} disabled={!here || !canSave(view)} />
      <ActionButton view={view} id="next" icon="next" label="Next" kind={going} disabled={!here} />
    </div>
  );
}
