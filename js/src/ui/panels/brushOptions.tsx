// What the brush is like besides its radius: disc or ball, and whether it keeps to a range of intensities.
import { toolNamed } from "../../tools";
import type { ViewState } from "../../view/viewState";
import { ActionButton } from "../actions/actionButton";

export function BrushOptions({ view }: { view: ViewState }) {
  const { brush, display } = view.store;
  const { header } = view.store.image;
  const tool = display.tool.value;
  const idle = !toolNamed(tool).sized;
  const limits = !idle || tool === "polygon";
  return (
    <div class="jl-group jl-brushing">
      {!header.value?.flat && (
        <ActionButton
          view={view}
          id="brush-ball"
          icon="ball"
          label="Ball"
          bare
          disabled={idle}
          pressed={brush.ball.value}
        />
      )}
      {header.value?.channels !== 3 && (
        <ActionButton
          view={view}
          id="brush-range"
          icon="range"
          label="Range"
          bare
          disabled={!limits}
          pressed={brush.limited.value}
        />
      )}
    </div>
  );
}
