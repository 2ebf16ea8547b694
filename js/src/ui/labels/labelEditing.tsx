// The side bar's section for editing a whole label, and the settings of the fill tool.
import type { ComponentChildren } from "preact";
import type { ViewState } from "../../view/viewState";
import { shortcuts, tooltip } from "../actions/keymap";
import * as operate from "../actions/labelOperations";
import { Check, Choice, NumberField } from "../controls/fields";

export function LabelEditing({ view }: { view: ViewState }) {
  const { store } = view;
  const { header } = store.image;
  if (!header.value) return null;
  const { operations } = store;
  const volume = !header.value.flat;
  const obstacle = operations.obstacle;
  return (
    <details class="jl-section jl-edit" open={view.editing.value} onToggle={(event) => remember(view, event)}>
      <summary>
        <h3>Edit {store.choices.activeTitle ?? "label"}</h3>
      </summary>
      {obstacle !== null && <p class="jl-hint">{obstacle}.</p>}
      {volume && (
        <Choice
          label="Where the operations work"
          value={operations.extent}
          options={[
            { value: "slice", text: "Slice", title: "In the slice that the active plane shows" },
            { value: "slices", text: "Each slice", title: "In every slice of the active plane, each on its own" },
            { value: "volume", text: "3D", title: "In the whole volume" },
          ]}
        />
      )}
      <Border view={view} />
      <Parts view={view} />
      {volume && <Slices view={view} />}
      {header.value.channels === 1 && <Range view={view} />}
    </details>
  );
}

function remember(view: ViewState, { currentTarget }: { currentTarget: HTMLDetailsElement }): void {
  view.editing.value = currentTarget.open;
}

interface OperationProps {
  view: ViewState;
  /** The action in the registry that the button does. */
  id: string;
  children: ComponentChildren;
  run: (view: ViewState) => void;
  /** Instead of the registry's text. */
  text?: string;
  /** Whether it works on all labels, of which some may be locked. */
  all?: boolean;
}

function Operation({ view, id, run, text, all, children }: OperationProps) {
  const obstacle = all ? null : view.store.operations.obstacle;
  return (
    <button
      type="button"
      class="jl-button jl-plain"
      title={obstacle ?? tooltip(view, id, text)}
      aria-keyshortcuts={shortcuts(view, id)}
      disabled={obstacle !== null}
      data-action={id}
      onClick={() => run(view)}
    >
      {children}
    </button>
  );
}

/** What moves the border: by a distance. */
function Border({ view }: { view: ViewState }) {
  const { operations } = view.store;
  const { header } = view.store.image;
  const unit = header.value?.oriented === false ? "px" : "mm";
  return (
    <div class="jl-row">
      <NumberField
        value={operations.radius}
        label={`Size in ${unit}`}
        title={`How far to grow or shrink, and the size of the bumps to smooth, in ${unit}`}
        unit={unit}
        above={0}
      />
      <Operation view={view} id="grow-label" run={operate.grow}>
        Grow
      </Operation>
      <Operation view={view} id="shrink-label" run={operate.shrink}>
        Shrink
      </Operation>
      <Operation view={view} id="smooth-label" run={operate.smooth}>
        Smooth
      </Operation>
    </div>
  );
}

function Parts({ view }: { view: ViewState }) {
  const { operations } = view.store;
  const { header } = view.store.image;
  const length = header.value?.oriented === false ? "px" : "mm";
  const unit = operate.smallestPart(view) === operations.smallestVolume ? `${length}³` : `${length}²`;
  return (
    <>
      <div class="jl-row">
        <Operation view={view} id="fill-holes" run={operate.fillHoles}>
          Fill holes
        </Operation>
        <Operation view={view} id="keep-largest" run={operate.keepLargest}>
          Keep largest
        </Operation>
        <Operation view={view} id="erase-label" run={operate.eraseLabel}>
          Erase
        </Operation>
      </div>
      <div class="jl-row">
        <span>Parts below</span>
        <NumberField
          value={operate.smallestPart(view)}
          label={`Smallest part that stays, in ${unit}`}
          title={`The size of the smallest part that stays, in ${unit}`}
          unit={unit}
          above={0}
        />
        <Operation view={view} id="remove-islands" run={operate.removeIslands}>
          Remove
        </Operation>
      </div>
    </>
  );
}

function Slices({ view }: { view: ViewState }) {
  const { operations } = view.store;
  const [above, below] = operate.neighbours(view);
  const all = operations.copyAll.value;
  const what = all ? "all labels" : "the label";
  const text = (where: string) => `Make ${what} in this slice as in the ${where} slice`;
  return (
    <>
      <div class="jl-row">
        <Operation view={view} id="interpolate" run={operate.interpolate}>
          Interpolate between slices
        </Operation>
      </div>
      <div class="jl-row">
        <span>Copy from</span>
        <Operation view={view} id="copy-from-above" text={text(above)} all={all} run={(v) => operate.copyFrom(v, 1)}>
          {above}
        </Operation>
        <Operation view={view} id="copy-from-below" text={text(below)} all={all} run={(v) => operate.copyFrom(v, -1)}>
          {below}
        </Operation>
        <Check value={operations.copyAll} text="all" title="Copy all labels of the slice, not only this one" />
      </div>
    </>
  );
}

function Range({ view }: { view: ViewState }) {
  const { low, high } = view.store.operations;
  return (
    <div class="jl-row">
      <NumberField value={low} label="Lowest intensity" title="Lowest intensity to paint, in the image's units" />
      <span>to</span>
      <NumberField value={high} label="Highest intensity" title="Highest intensity to paint, in the image's units" />
      <Operation view={view} id="paint-range" run={operate.paintRange}>
        Threshold
      </Operation>
    </div>
  );
}

/** What the fill tool fills; there while the tool is chosen. */
export function FillSettings({ view }: { view: ViewState }) {
  const { operations, display } = view.store;
  const { header } = view.store.image;
  if (!header.value || display.tool.value !== "fill") return null;
  const unit = header.value.oriented === false ? "px" : "mm";
  return (
    <section class="jl-section jl-fill">
      <h3>Fill</h3>
      <Choice
        label="What a click fills"
        value={operations.fillBy}
        options={[
          { value: "label", text: "Same label", title: "A hole, or a connected part of another label" },
          {
            value: "intensity",
            text: "Similar intensity",
            title: "What is connected and about as bright as the voxel",
          },
        ]}
      />
      {operations.fillBy.value === "intensity" && (
        <div class="jl-row">
          <span>±</span>
          <NumberField
            value={operations.tolerance}
            label="Tolerance"
            title="How much brighter or darker than the voxel that you click, in the image's units"
            above={0}
          />
          <span>within</span>
          <NumberField
            value={operations.reach}
            label={`Reach in ${unit}`}
            title={`How far from the click at most, in ${unit}`}
            unit={unit}
            above={0}
          />
        </div>
      )}
      {!header.value.flat && (
        <Check
          value={operations.fillIn3d}
          text="In 3D"
          title="Fill through the slices, not only in the one you click"
        />
      )}
    </section>
  );
}
