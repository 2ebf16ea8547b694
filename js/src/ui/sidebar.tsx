// Labels, model and strategy.
import type { ViewState } from "../view/viewstate";
import { Button } from "./button";
import { Compare } from "./compare";
import { Editing, FillSettings } from "./editing";
import { Count } from "./header";
import { Icon } from "./icons";
import { keymapOf, shortcuts, tooltip } from "./keymap";
import { shown } from "./keynames";
import { Models } from "./models";
import { Picker } from "./picker";

export function Sidebar({ view }: { view: ViewState }) {
  if (!view.session.state.value) return <div class="jl-sidebar" />;
  return (
    <div class="jl-sidebar">
      <Labels view={view} />
      <FillSettings view={view} />
      <Compare view={view} />
      <Models view={view} />
      <Editing view={view} />
      <Strategies view={view} />
    </div>
  );
}

function Labels({ view }: { view: ViewState }) {
  const { session } = view;
  const { display } = session;
  const labels = session.state.value?.labels ?? [];
  return (
    <section class="jl-section">
      <h3>Labels</h3>
      <ul class="jl-labels">
        {labels.map((label, place) => (
          <LabelRow key={label.value} view={view} place={place} />
        ))}
      </ul>
      {labels.length === 0 && <p class="jl-hint">The app declares no labels.</p>}
      <div class="jl-drawn">
        <label class="jl-slider">
          <span>Opacity</span>
          <input
            type="range"
            min="0"
            max="1"
            step="0.05"
            aria-label="Opacity of the labels"
            value={display.opacity.value}
            onInput={(event) => {
              display.opacity.value = Number(event.currentTarget.value);
            }}
          />
          <output>{Math.round(display.opacity.value * 100)} %</output>
        </label>
        <Button
          icon="outline"
          label="Outline only"
          title={tooltip(view, "outline", "Draw the labels as outlines")}
          keys={shortcuts(view, "outline")}
          action="outline"
          bare
          pressed={display.outline.value}
          onClick={() => display.toggleOutline()}
        />
      </div>
    </section>
  );
}

function LabelRow({ view, place }: { view: ViewState; place: number }) {
  const { session } = view;
  const label = session.state.value?.labels[place];
  if (!label) return null;
  const hidden = session.display.hidden.value.has(label.value);
  const key = keymapOf(view).keysOf(`label-${place + 1}`)[0];
  return (
    <li class="jl-label" data-label={label.name}>
      <button
        type="button"
        class="jl-label-name"
        title={tooltip(view, `label-${place + 1}`, label.name)}
        aria-keyshortcuts={shortcuts(view, `label-${place + 1}`)}
        aria-pressed={session.chosen("label") === label.name}
        onClick={() => session.choose("label", label.name)}
      >
        <span class="jl-swatch" style={{ backgroundColor: label.color }} />
        <span class="jl-name">{label.name}</span>
        {key !== undefined && <kbd>{shown(key)}</kbd>}
      </button>
      <button
        type="button"
        class="jl-button jl-plain jl-bare jl-eye"
        title={hidden ? "Show this label" : "Hide this label"}
        aria-label={`Show ${label.name}`}
        aria-pressed={!hidden}
        onClick={() => session.display.toggleHidden(label.value)}
      >
        <Icon name={hidden ? "eye-off" : "eye"} />
      </button>
    </li>
  );
}

function Strategies({ view }: { view: ViewState }) {
  const { session } = view;
  const strategies = session.state.value?.strategies ?? [];
  const chosen = strategies.find(({ name }) => name === session.chosen("strategy"));
  if (strategies.length === 0) return null;
  return (
    <section class="jl-section">
      <h3>
        Next image <Count view={view} />
      </h3>
      <Picker view={view} what="strategy" label="Strategy that chooses the next image" options={strategies} />
      {chosen?.description && (
        <p class="jl-hint" title={chosen.description}>
          {chosen.description}
        </p>
      )}
    </section>
  );
}
