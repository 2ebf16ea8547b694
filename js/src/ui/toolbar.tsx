// Tools, undo and redo, the brush's size, and how the picture is laid out.
import { TOOL_GROUPS, toolNamed } from "../tools";
import type { ViewState } from "../view/viewstate";
import { presetOf, presetsFor } from "../volume/presets";
import { ActionButton } from "./actionbutton";
import { BRUSH_SCALE } from "./actions";
import { Brushing } from "./brushing";
import { Button } from "./button";
import { keymapOf, shortcuts, tooltip } from "./keymap";
import { shown } from "./keynames";
import { LayoutButtons } from "./layouts";

export function Toolbar({ view }: { view: ViewState }) {
  return (
    <div class="jl-toolbar" role="toolbar" aria-label="Tools">
      <ToolButtons view={view} />
      <UndoButtons view={view} />
      <BrushSize view={view} />
      <Brushing view={view} />
      <span class="jl-space" />
      <ViewButtons view={view} />
    </div>
  );
}

function ViewButtons({ view }: { view: ViewState }) {
  return (
    <div class="jl-group jl-view">
      <LayoutButtons view={view} />
      <div class="jl-group">
        <WindowPicker view={view} />
        <ActionButton view={view} id="reset-view" icon="reset" label="Reset view" bare />
      </div>
    </div>
  );
}

function ToolButtons({ view }: { view: ViewState }) {
  const { tool } = view.session.display;
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
  const state = view.session.state.value;
  return (
    <div class="jl-group">
      <ActionButton
        view={view}
        id="undo"
        icon="undo"
        label="Undo"
        bare
        disabled={!state?.canUndo && view.session.unheard.value === 0}
      />
      <ActionButton view={view} id="redo" icon="redo" label="Redo" bare disabled={!state?.canRedo} />
    </div>
  );
}

function BrushSize({ view }: { view: ViewState }) {
  const { display, header } = view.session;
  // Always there, so that the picture does not jump when the tool changes.
  const idle = !toolNamed(display.tool.value).sized;
  const unit = header.value?.oriented === false ? "px" : "mm";
  const keys = ["brush-smaller", "brush-larger"]
    .flatMap((id) => keymapOf(view).keysOf(id).slice(0, 1))
    .map((key) => shown(key));
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
  const { header, display } = view.session;
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
