// The labels: which there are, how they are shown, and the rules for painting.
import { type Signal, useSignal } from "@preact/signals";
import type { LabelInfo } from "../../protocol";
import type { ViewState } from "../../view/viewState";
import { ActionButton } from "../actions/actionButton";
import { tooltip } from "../actions/keymap";
import { Button } from "../controls/button";
import { BrushRange } from "../panels/brushRange";
import { AddLabel } from "./addLabel";
import { LabelRow } from "./labelRow";
import type { RowState } from "./rowState";

/** From so many labels on, the list can be searched. */
const MANY = 12;

export function Labels({ view }: { view: ViewState }) {
  const labels = view.store.labels.list.value;
  const filter = useSignal("");
  const adding = useSignal(false);
  const many = labels.length >= MANY;
  return (
    <section class="jl-section" aria-label="Labels">
      <Head view={view} adding={adding} />
      {many && <Filter filter={filter} />}
      <List view={view} filter={many ? filter.value : ""} />
      {adding.value && <AddLabel view={view} adding={adding} />}
      <Rules view={view} />
      <BrushRange view={view} />
      <Drawn view={view} />
    </section>
  );
}

function Head({ view, adding }: { view: ViewState; adding: Signal<boolean> }) {
  const { display, labels } = view.store;
  const hidden = labels.list.value.every(({ value }) => display.hidden.value.has(value));
  const text = hidden ? "Show all labels" : "Hide all labels";
  return (
    <div class="jl-head">
      <h3>Labels</h3>
      <div class="jl-group">
        <Button
          icon="add"
          label="Add label"
          title="Add a label"
          action="add-label"
          bare
          onClick={() => {
            adding.value = true;
          }}
        />
        <ActionButton view={view} id="hide-all" icon={hidden ? "eye-off" : "eye"} label={text} says={text} bare />
      </div>
    </div>
  );
}

function Filter({ filter }: { filter: Signal<string> }) {
  return (
    <input
      type="search"
      class="jl-text-field"
      aria-label="Find a label"
      placeholder="Find a label"
      value={filter.value}
      onInput={(event) => {
        filter.value = event.currentTarget.value;
      }}
    />
  );
}

function List({ view, filter }: { view: ViewState; filter: string }) {
  const rows: RowState = {
    open: useSignal(null),
    renaming: useSignal(null),
    removing: useSignal(null),
    focused: useSignal(null),
    dragged: useSignal(null),
  };
  const { store } = view;
  const labels = store.labels.list.value;
  const found = labels.filter(({ name }) => name.toLowerCase().includes(filter.trim().toLowerCase()));
  if (found.length === 0) return <p class="jl-hint">No label has this in its name.</p>;
  return (
    <ul class="jl-labels">
      {found.map((label) => (
        <LabelRow
          key={label.value}
          view={view}
          rows={rows}
          label={label}
          place={labels.indexOf(label)}
          reachable={label.value === reachable(found, rows.focused.value, store.choices.activeValue)}
        />
      ))}
    </ul>
  );
}

/** The row that the tab key leads to: the last one that had the focus, else the chosen one, else the first. */
function reachable(found: readonly LabelInfo[], focused: number | null, chosen: number | null): number | undefined {
  const there = (value: number | null) => found.some((label) => label.value === value);
  return (there(focused) ? focused : there(chosen) ? chosen : found[0]?.value) ?? undefined;
}

function Rules({ view }: { view: ViewState }) {
  const { paintSettings } = view.store;
  return (
    <label
      class="jl-switch"
      title={tooltip(view, "over-background", "Strokes and models leave other labels as they are")}
    >
      <input
        type="checkbox"
        data-rule="over-background"
        checked={paintSettings.rules.value.overBackground}
        onChange={(event) => paintSettings.paintOverBackground(event.currentTarget.checked)}
      />
      <span>Paint only over background</span>
    </label>
  );
}

function Drawn({ view }: { view: ViewState }) {
  const { display } = view.store;
  return (
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
      <ActionButton
        view={view}
        id="outline"
        icon="outline"
        label="Outline only"
        says="Draw the labels as outlines"
        bare
        pressed={display.outline.value}
      />
    </div>
  );
}
