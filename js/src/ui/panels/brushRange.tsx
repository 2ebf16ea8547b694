// The intensities that brush, eraser and polygon keep to. At the side, where the fields move neither tools nor picture.
import type { ViewState } from "../../view/viewState";
import { Button } from "../controls/button";
import { NumberField } from "../controls/fields";

export function BrushRange({ view }: { view: ViewState }) {
  const { brush, display } = view.store;
  const { header } = view.store.image;
  if (!brush.limited.value || header.value?.channels === 3) return null;
  return (
    <fieldset class="jl-range" aria-label="Intensities to paint">
      <div class="jl-range-line">
        <span>Paint only</span>
        <NumberField value={brush.low} label="Brush from intensity" title="Lowest intensity that is painted" />
        <span>to</span>
        <NumberField value={brush.high} label="Brush to intensity" title="Highest intensity that is painted" />
      </div>
      <div class="jl-range-line">
        <Button
          icon="pick"
          label="From crosshair"
          title="Take the intensity at the crosshair; alt and a click take the one under the pointer"
          action="pick"
          onClick={() => brush.pick(display.cursor.value)}
        />
        <span aria-hidden="true">±</span>
        <NumberField
          value={brush.tolerance}
          label="Brush tolerance"
          title="How far to either side of an intensity that is taken"
        />
      </div>
    </fieldset>
  );
}
