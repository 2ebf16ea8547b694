// One label in the list: its colour, name, size and key; shown or hidden, locked or not; and what else can be done with it.
import { useEffect, useRef } from "preact/hooks";
import type { LabelInfo } from "../../protocol";
import { keymapOf, shortcuts, tooltip } from "../actions/keymap";
import { keyText } from "../actions/keyNames";
import { Icon } from "../controls/icons";
import { NameField } from "../controls/nameField";
import { LabelDetails } from "./labelDetails";
import { longSize, sizeText } from "./labelText";
import { ObjectBar } from "./objectBar";
import { dropSide, onRowPress } from "./rowDrag";
import { onRowKey, reveal } from "./rowKeys";
import type { RowProps, RowState } from "./rowState";

export function LabelRow(props: RowProps) {
  const { view, rows, label } = props;
  const open = rows.open.value?.value === label.value;
  const side = dropSide(props);
  const looks = [
    open && "jl-open",
    rows.dragged.value?.value === label.value && "jl-dragged",
    side && `jl-drop-${side}`,
  ];
  return (
    <li
      class={["jl-label", ...looks].filter(Boolean).join(" ")}
      data-label={label.name}
      data-value={label.value}
      onKeyDown={(event) => onRowKey(props, event)}
      onPointerDown={(event) => onRowPress(props, event)}
    >
      <div class="jl-label-line">
        {view.store.labels.list.value.length > 1 && (
          <span class="jl-grip" title="Drag to another place; Alt+↑ and Alt+↓ move it too">
            <Icon name="grip" />
          </span>
        )}
        <Swatch {...props} />
        {rows.renaming.value === label.value ? <Rename {...props} /> : <Name {...props} />}
        <Tools {...props} />
      </div>
      {label.instances && <ObjectBar view={view} label={label} />}
      {open && <LabelDetails {...props} />}
    </li>
  );
}

function Swatch({ rows, label, reachable }: RowProps) {
  return (
    <button
      type="button"
      class="jl-swatch"
      style={{ backgroundColor: label.color }}
      title="Change the colour"
      aria-label={`Colour of ${label.name}`}
      tabIndex={reachable ? 0 : -1}
      onClick={({ detail }) => toggle(rows, label, detail === 0)}
    />
  );
}

function Name({ view, rows, label, place, reachable }: RowProps) {
  const { store } = view;
  const key = keymapOf(view).keysOf(`label-${place + 1}`)[0];
  const { sizes } = store.labels;
  const name = useRef<HTMLButtonElement>(null);
  const chosen = store.choices.chosen("label") === label.name;
  useEffect(() => {
    if (chosen) reveal(name.current);
  }, [chosen]);
  const size = sizes.value ? `: ${longSize(label.value, sizes.value)}` : "";
  return (
    <button
      ref={name}
      type="button"
      class="jl-label-name"
      title={`${tooltip(view, `label-${place + 1}`, label.name)}${size}`}
      aria-keyshortcuts={shortcuts(view, `label-${place + 1}`)}
      aria-pressed={chosen}
      tabIndex={reachable ? 0 : -1}
      onClick={() => store.choices.choose("label", label.name)}
      onDblClick={() => {
        rows.renaming.value = label.value;
      }}
      onFocus={() => {
        rows.focused.value = label.value;
      }}
    >
      <span class="jl-label-text">
        <span class="jl-name">{label.name}</span>
        <span class="jl-size">{sizeText(label, sizes.value)}</span>
      </span>
      {store.paintSettings.isLocked(label.value) && (
        <span class="jl-locked">
          <Icon name="lock" />
        </span>
      )}
      {key !== undefined && <kbd>{keyText(key)}</kbd>}
    </button>
  );
}

function Rename({ view, rows, label }: RowProps) {
  const close = () => {
    rows.renaming.value = null;
  };
  return (
    <NameField
      label={`New name of ${label.name}`}
      value={label.name}
      onGiven={(name) => {
        view.store.labels.rename(label.value, name);
        close();
      }}
      onLeft={close}
    />
  );
}

function Tools({ view, rows, label, reachable }: RowProps) {
  const { display, paintSettings } = view.store;
  const hidden = display.hidden.value.has(label.value);
  const locked = paintSettings.isLocked(label.value);
  const open = rows.open.value?.value === label.value;
  const tabIndex = reachable ? 0 : -1;
  return (
    <>
      <div class="jl-label-tools">
        <button
          type="button"
          class="jl-button jl-plain jl-bare jl-lock"
          title={locked ? "Unlock: it can be changed again" : "Lock: its voxels stay as they are"}
          aria-label={`Lock ${label.name}`}
          aria-pressed={locked}
          tabIndex={tabIndex}
          onClick={() => paintSettings.lock(label.value, !locked)}
        >
          <Icon name={locked ? "lock" : "unlock"} />
        </button>
        <button
          type="button"
          class="jl-button jl-plain jl-bare jl-more"
          title="Colour, order, objects, merge, delete"
          aria-label={`More for ${label.name}`}
          aria-expanded={open}
          tabIndex={tabIndex}
          onClick={({ detail }) => toggle(rows, label, detail === 0)}
        >
          <Icon name="more" />
        </button>
      </div>
      <button
        type="button"
        class="jl-button jl-plain jl-bare jl-eye"
        title={hidden ? "Show this label" : "Hide this label"}
        aria-label={`Show ${label.name}`}
        aria-pressed={!hidden}
        tabIndex={tabIndex}
        onClick={() => display.toggleHidden(label.value)}
      >
        <Icon name={hidden ? "eye-off" : "eye"} />
      </button>
    </>
  );
}

function toggle(rows: RowState, { value }: LabelInfo, byKey: boolean): void {
  rows.removing.value = null;
  rows.open.value = rows.open.value?.value === value ? null : { value, byKey };
}
