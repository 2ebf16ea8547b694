// Tools, undo and redo, the brush's size, and how the picture is laid out.
import { TOOL_GROUPS, toolNamed } from "../../tools";
import type { ViewState } from "../../view/viewState";
import { presetOf, presetsFor } from "../../volume/windowPresets";
import { ActionButton } from "../actions/actionButton";
import { BRUSH_SCALE } from "../actions/commands";
import { keymapOf, shortcuts, tooltip } from "../actions/keymap";
import { keyText } from "../actions/keyNames";
import { Button } from "../controls/button";
import { LayoutButtons } from "../panes/layouts";
import { BrushOptions } from "./brushOptions";

export function Toolbar({ view }: { view: ViewState }) {
  return (
    <div class="jl-toolbar" role="toolbar" aria-label="Tools">
      <ToolButtons view={view} />
      <UndoButtons view={view} />
      <BrushSize view={view} />
      <BrushOptions view={view} />
      <ViewButtons view={view} />
    </div>
  );
}

function ViewButtons({ view }: { view: ViewState }) {
  return (
    <div class="jl-group jl-view">
      <UncertaintyButtons view={view} />
      <LayoutButtons view={view} />
      <div class="jl-group">
        <WindowPicker view={view} />
        <ActionButton view={view} id="reset-view" icon="reset" label="Reset view" bare />
      </div>
    </div>
  );
}

function UncertaintyButtons({ view }: { view: ViewState }) {
  const { image, uncertainty } = view.store;
  return (
    <div class="jl-group jl-unsure">
      <ActionButton
        view={view}
        id="where-needed"
        icon="needed"
        label="Where am I needed?"
        bare
        disabled={image.header.value === null}
      />
      <ActionButton
        view={view}
        id="show-uncertainty"
        icon="uncertainty"
        label="Show uncertainty"
        bare
        pressed={uncertainty.shown.on.value}
      />
    </div>
  );
}

function ToolButtons({ view }: { view: ViewState }) {
  const { tool } = view.store.display;
  return (
    <div class="jl-tools">
      {TOOL_GROUPS.map((group) => (
        <fieldset key={group.name} class="jl-group" aria-label={group.name}>
          {group.tools.map(({ name, label, title }) => (
            <Button
              key={name}
              icon={name}
              label={label}
              title={tooltip(view, name, title)}
              keys={shortcuts(view, name)}
              tool={name}
              pressed={tool.value === name}
              onClick={() => {
                tool.value = name;
              }}
            />
          ))}
        </fieldset>
      ))}
    </div>
  );
}

function UndoButtons({ view }: { view: ViewState }) {
  const state = view.store.kernel.state.value;
  return (
    <div class="jl-group">
      <ActionButton
        view={view}
        id="undo"
        icon="undo"
        label="Undo"
        bare
        disabled={!state?.canUndo && view.store.connection.unacked.value === 0}
      />
      <ActionButton view={view} id="redo" icon="redo" label="Redo" bare disabled={!state?.canRedo} />
    </div>
  );
}

function BrushSize({ view }: { view: ViewState }) {
  const { display } = view.store;
  const { header } = view.store.image;
  // Always there, so that the picture does not jump when the tool changes.
  const idle = !toolNamed(display.tool.value).sized;
  const unit = header.value?.oriented === false ? "px" : "mm";
  const keys = ["brush-smaller", "brush-larger"]
    .flatMap((id) => keymapOf(view).keysOf(id).slice(0, 1))
    .map((key) => keyText(key));
  const how = [...keys, "shift and wheel"].join(", ");
  return (
    <label class={`jl-slider${idle ? " jl-idle" : ""}`} title={`Radius of the brush: ${how}`}>
      <span class="jl-long">Radius</span>
      <input
        disabled={idle}
        type="range"
        min="0"
        max="1"
        step="0.01"
        aria-label="Brush radius"
        aria-valuetext={`${display.radius.value} ${unit}`}
        value={BRUSH_SCALE.toSlider(display.radius.value)}
        onInput={(event) => display.setRadius(BRUSH_SCALE.toRadius(Number(event.currentTarget.value)))}
      />
      <output>
        {display.radius.value} {unit}
      </output>
    </label>
  );
}

function WindowPicker({ view }: { view: ViewState }) {
  const { header } = view.store.image;
  const { display } = view.store;
  const presets = header.value ? presetsFor(header.value) : [];
  if (presets.length === 0) return null;
  const present = presetOf(presets, display.window.value)?.name ?? "";
  return (
    <select
      class="jl-select jl-window"
      aria-label="Window"
      title={tooltip(view, "window", "Window: which intensities are black and white; or drag with the right button")}
      data-choose="window"
      value={present}
      onChange={(event) => {
        const chosen = presets.find(({ name }) => name === event.currentTarget.value);
        if (chosen) display.window.value = chosen.window;
      }}
    >
      {present === "" && (
        <option value="" disabled selected>
          Own
        </option>
      )}
      {presets.map(({ name, window: [black, white] }) => (
        <option key={name} value={name} title={`${black} to ${white}`} selected={name === present}>
          {name}
        </option>
      ))}
    </select>
  );
}
