// What the brush is like besides its radius: disc or ball, and the intensities that it keeps to.
import { toolNamed } from "../tools";
import type { ViewState } from "../view/viewstate";
import { Button } from "./button";
import { NumberField } from "./fields";
import { shortcuts, tooltip } from "./keymap";

export function Brushing({ view }: { view: ViewState }) {
  const { brush, display, header } = view.session;
  const tool = display.tool.value;
  const idle = !toolNamed(tool).sized;
  const limits = !idle || tool === "polygon";
  return (
    <div class="jl-group jl-brushing">
      {!header.value?.flat && (
        <Button
          icon="ball"
          label="Ball"
          title={tooltip(view, "brush-ball")}
          keys={shortcuts(view, "brush-ball")}
          action="brush-ball"
          bare
          disabled={idle}
          pressed={brush.ball.value}
          onClick={() => brush.toggleBall()}
        />
      )}
      {header.value?.channels !== 3 && (
        <Button
          icon="range"
          label="Range"
          title={tooltip(view, "brush-range")}
          keys={shortcuts(view, "brush-range")}
          action="brush-range"
          bare
          disabled={!limits}
          pressed={brush.limited.value}
          onClick={() => brush.toggleLimited()}
        />
      )}
      {limits && brush.limited.value && <Range view={view} />}
    </div>
  );
}

function Range({ view }: { view: ViewState }) {
  const { brush, display } = view.session;
  return (
    <fieldset class="jl-range" aria-label="Intensities to paint">
      <NumberField value={brush.low} label="Brush from intensity" title="Lowest intensity that is painted" />
      <span>to</span>
      <NumberField value={brush.high} label="Brush to intensity" title="Highest intensity that is painted" />
      <Button
        icon="pick"
        label="Take the intensity at the crosshair"
        title="Take the intensity at the crosshair; alt and a click take the one under the pointer"
        action="pick"
        bare
        onClick={() => brush.pick(display.cursor.value)}
      />
      <span aria-hidden="true">±</span>
      <NumberField
        value={brush.tolerance}
        label="Brush tolerance"
        title="How far to either side of an intensity that is taken"
      />
    </fieldset>
  );
}
