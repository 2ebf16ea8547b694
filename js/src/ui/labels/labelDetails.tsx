// What opens below a label: its colour, whether its objects are told apart, its place, merging and deleting it, and the question before it goes.
import { useLayoutEffect, useRef } from "preact/hooks";
import type { LabelInfo } from "../../protocol";
import { Button } from "../controls/button";
import { removalWarning } from "./labelText";
import { ObjectSwitches } from "./objectBar";
import { reveal } from "./rowKeys";
import type { Removing, RowProps } from "./rowState";

export function LabelDetails(props: RowProps) {
  const { rows, label } = props;
  const details = useRef<HTMLFieldSetElement>(null);
  const removing = rows.removing.value?.value === label.value ? rows.removing.value : null;
  useLayoutEffect(() => {
    reveal(details.current);
    if (rows.open.peek()?.byKey) details.current?.querySelector<HTMLElement>("[data-focus-first]")?.focus();
  }, [rows]);
  return (
    <fieldset class="jl-label-more" ref={details} aria-label={`More for ${label.name}`}>
      {removing ? (
        <Question {...props} removing={removing} />
      ) : (
        <>
          <Colors {...props} />
          <ObjectSwitches {...props} />
          <Place {...props} />
          <Removal {...props} />
        </>
      )}
    </fieldset>
  );
}

function Colors({ view, label }: RowProps) {
  const { store } = view;
  const palette = store.kernel.state.value?.palette ?? [];
  return (
    <div class="jl-colors">
      {palette.map((color, n) => (
        <button
          key={color}
          type="button"
          class="jl-color"
          style={{ backgroundColor: color }}
          title={color}
          aria-label={`Colour ${n + 1} of ${palette.length}, ${color}`}
          aria-pressed={color === label.color}
          data-focus-first={n === 0 ? "" : undefined}
          onClick={() => store.labels.recolor(label.value, color)}
        />
      ))}
      <input
        type="color"
        class="jl-color-own"
        title="Another colour"
        aria-label={`Another colour for ${label.name}`}
        value={label.color}
        onChange={(event) => store.labels.recolor(label.value, event.currentTarget.value)}
      />
    </div>
  );
}

function Place({ view, rows, label, place }: RowProps) {
  const { labels } = view.store;
  return (
    <div class="jl-row">
      <Button
        icon="rename"
        label="Rename"
        title="Rename (F2, or double-click the name)"
        onClick={() => {
          rows.open.value = null;
          rows.renaming.value = label.value;
        }}
      />
      <Button
        icon="up"
        label="Move up"
        title="Move up (Alt+↑)"
        bare
        disabled={place === 0}
        onClick={() => labels.move(label.value, place - 1)}
      />
      <Button
        icon="down"
        label="Move down"
        title="Move down (Alt+↓)"
        bare
        disabled={place === labels.list.value.length - 1}
        onClick={() => labels.move(label.value, place + 1)}
      />
    </div>
  );
}

function Removal({ view, rows, label }: RowProps) {
  const { paintSettings, labels } = view.store;
  const others = labels.list.value.filter(({ value }) => value !== label.value);
  const locked = paintSettings.isLocked(label.value);
  const ask = (into: number | null) => {
    rows.open.value = { value: label.value, byKey: true };
    rows.removing.value = { value: label.value, into };
  };
  return (
    <div class="jl-row">
      <select
        class="jl-select jl-merge"
        aria-label={`Merge ${label.name} into`}
        title={locked ? "It is locked" : "Make one label of two"}
        disabled={locked || others.length === 0}
        value=""
        onChange={(event) => ask(Number(event.currentTarget.value))}
      >
        <option value="">Merge into …</option>
        {others.map(({ name, value }) => (
          <option key={value} value={value} disabled={paintSettings.isLocked(value)}>
            {paintSettings.isLocked(value) ? `${name} (locked)` : name}
          </option>
        ))}
      </select>
      <Button
        icon="trash"
        label="Delete"
        title={locked ? "It is locked" : others.length === 0 ? "It is the only label" : "Delete (Delete)"}
        disabled={locked || others.length === 0}
        onClick={() => ask(null)}
      />
    </div>
  );
}

function Question({ view, rows, label, removing }: RowProps & { removing: Removing }) {
  const { store } = view;
  const into = store.labels.list.value.find(({ value }) => value === removing.into) ?? null;
  const confirm = useRef<HTMLButtonElement>(null);
  useLayoutEffect(() => confirm.current?.focus(), []);
  const close = () => {
    rows.removing.value = null;
    rows.open.value = null;
  };
  return (
    <div class="jl-label-question" role="alertdialog" aria-label={title(label, into)}>
      <p>{removalWarning(label, store.labels.sizes.value, store.kernel.state.value?.savedElsewhere ?? 0)}</p>
      <div class="jl-row">
        <button
          ref={confirm}
          type="button"
          class="jl-button jl-primary"
          data-answer={into ? "merge" : "delete"}
          onClick={() => {
            if (into) store.labels.merge(label.value, into.value);
            else store.labels.delete(label.value);
            close();
          }}
        >
          <span class="jl-name">{title(label, into)}</span>
        </button>
        <button type="button" class="jl-button jl-plain" data-answer="stay" onClick={close}>
          Cancel
        </button>
      </div>
    </div>
  );
}

function title(label: LabelInfo, into: LabelInfo | null): string {
  return into ? `Merge into ${into.name}` : `Delete ${label.name}`;
}
