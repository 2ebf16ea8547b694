// The slider for the frames of a 4D image.
import type { ViewState } from "../../view/viewState";
import { keymapOf, tooltip } from "../actions/keymap";
import { keyText } from "../actions/keyNames";

export function Frames({ view }: { view: ViewState }) {
  const { frames } = view.store;
  const count = frames.count.value;
  if (count < 2) return null;
  const frame = frames.wanted.value;
  const keys = ["frame-back", "frame-on"].map((id) => keymapOf(view).keysOf(id)[0]).filter((key) => key !== undefined);
  return (
    <section class="jl-section jl-frames">
      <h3>Frame</h3>
      <label
        class="jl-slider"
        title={`Frame of this 4D image${keys.length ? ` (${keys.map((key) => keyText(key)).join(" ")})` : ""}`}
      >
        <input
          type="range"
          min={0}
          max={count - 1}
          step={1}
          value={frame}
          aria-label="Frame"
          aria-valuetext={`frame ${frame} of 0 to ${count - 1}`}
          onInput={(event) => frames.show(Number(event.currentTarget.value))}
        />
        <output data-frame={frames.frame.value}>
          {frame} / {count - 1}
        </output>
      </label>
      <p class="jl-hint" title={tooltip(view, "frame-on")}>
        One label for all frames. Models see this frame.
      </p>
    </section>
  );
}
