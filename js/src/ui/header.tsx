// Which image is open and how far the set is; saving and going on.
import type { ViewState } from "../view/viewstate";
import { canSave, leave, save, toggleFilled, togglePanel } from "./actions";
import { Button } from "./button";
import { shortcuts, tooltip } from "./keymap";

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
      <Button
        icon="fullscreen"
        label="Full screen"
        title={tooltip(view, "full-screen")}
        keys={shortcuts(view, "full-screen")}
        action="full-screen"
        bare
        pressed={view.filled.value}
        onClick={() => toggleFilled(view)}
      />
      <Button
        icon="help"
        label="Help"
        title={tooltip(view, "help")}
        keys={shortcuts(view, "help")}
        action="help"
        bare
        pressed={view.panel.value === "help"}
        onClick={() => togglePanel(view, "help")}
      />
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
      onClick={() => {
        view.panel.value = view.panel.value === "notes" ? null : "notes";
      }}
    />
  );
}

function Actions({ view }: { view: ViewState }) {
  const state = view.session.state.value;
  const live = view.session.link.value === "live";
  return (
    <div class="jl-group jl-actions">
      <Button
        icon="images"
        label="Images"
        title={tooltip(view, "images")}
        keys={shortcuts(view, "images")}
        action="images"
        bare
        disabled={!live || !state}
        pressed={view.panel.value === "images"}
        onClick={() => togglePanel(view, "images")}
      />
      <Button
        icon="versions"
        label="Versions"
        title={tooltip(view, "versions")}
        keys={shortcuts(view, "versions")}
        action="versions"
        bare
        disabled={!live || !state?.imageId}
        pressed={view.panel.value === "versions"}
        onClick={() => togglePanel(view, "versions")}
      />
      <Button
        icon="compare"
        label="Compare"
        title={tooltip(view, "compare")}
        keys={shortcuts(view, "compare")}
        action="compare"
        bare
        disabled={!live || !state?.imageId}
        pressed={view.session.comparing.on}
        onClick={() => (view.session.comparing.on ? view.session.comparing.stop() : view.session.comparing.start())}
      />
      <Button
        icon="previous"
        label="Previous"
        title={tooltip(view, "previous")}
        keys={shortcuts(view, "previous")}
        action="previous"
        bare
        disabled={!live || !state?.canGoBack}
        onClick={() => leave(view, { type: "previous" })}
      />
      <Button
        icon="skip"
        label="Skip"
        title={tooltip(view, "skip")}
        keys={shortcuts(view, "skip")}
        action="skip"
        disabled={!live || !state?.imageId}
        onClick={() => leave(view, { type: "skip" })}
      />
      <Button
        icon="save"
        label="Save"
        title={tooltip(view, "save")}
        keys={shortcuts(view, "save")}
        action="save"
        kind={state?.dirty ? "primary" : "plain"}
        disabled={!live || !canSave(view)}
        onClick={() => save(view)}
      />
      <Button
        icon="next"
        label="Next"
        title={tooltip(view, "next")}
        keys={shortcuts(view, "next")}
        action="next"
        kind={state?.dirty ? "plain" : "primary"}
        disabled={!live || !state}
        onClick={() => leave(view, { type: "next" })}
      />
    </div>
  );
}
