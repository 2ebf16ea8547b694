// How unsure a model is of the open image: the way to the places where a person is needed, and the colours over the slices.

import { GRADIENT } from "../../view/uncertaintyColors";
import type { ViewState } from "../../view/viewState";
import { ActionButton } from "../actions/actionButton";
import { tooltip } from "../actions/keymap";

export function UncertaintySection({ view }: { view: ViewState }) {
  const { image, uncertainty } = view.store;
  return (
    <section class="jl-section" aria-label="Uncertainty">
      <h3>Uncertainty</h3>
      <div class="jl-row">
        <ActionButton
          view={view}
          id="where-needed"
          icon="needed"
          label="Where am I needed?"
          says="Go to the next place where the model is least sure, or differs from the label"
          disabled={image.header.value === null}
        />
      </div>
      <label class="jl-check" title={tooltip(view, "show-uncertainty", "Colour the slices by how unsure the model is")}>
        <input
          type="checkbox"
          data-action="show-uncertainty"
          checked={uncertainty.shown.on.value}
          onChange={(event) => uncertainty.shown.turn(event.currentTarget.checked)}
        />
        <span>Show uncertainty</span>
      </label>
      {uncertainty.shown.on.value && <Shown view={view} />}
    </section>
  );
}

function Shown({ view }: { view: ViewState }) {
  const { kernel, uncertainty } = view.store;
  const known = kernel.state.value?.uncertainty;
  return (
    <>
      <Legend />
      <label class="jl-slider">
        <span>Opacity</span>
        <input
          type="range"
          min="0"
          max="1"
          step="0.05"
          aria-label="Opacity of the uncertainty"
          value={uncertainty.opacity.value}
          onInput={(event) => uncertainty.setOpacity(Number(event.currentTarget.value))}
        />
        <output>{Math.round(uncertainty.opacity.value * 100)} %</output>
      </label>
      {known && (known.hint || known.model) && (
        <p class="jl-hint" title={known.hint || known.model} data-part="uncertainty" role="status">
          {known.hint || `Of ${known.model}`}
        </p>
      )}
    </>
  );
}

function Legend() {
  return (
    <div class="jl-legend" role="img" aria-label="Colours from violet, nearly sure, to pink, unsure">
      <span>sure</span>
      <span class="jl-legend-scale" style={{ backgroundImage: GRADIENT }} />
      <span>unsure</span>
    </div>
  );
}
