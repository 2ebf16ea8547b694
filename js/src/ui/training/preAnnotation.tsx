// First masks: a model run over all images without a label, in the background.
import type { ViewState } from "../../view/viewState";
import { ActionButton } from "../actions/actionButton";
import { ResumeButton } from "./jobLine";

export function PreAnnotation({ view }: { view: ViewState }) {
  const { preAnnotation } = view.store;
  const { state } = view.store.kernel;
  const known = state.value?.firstMasks;
  if (!known) return null;
  const { images = 0, labelled = 0 } = state.value ?? {};
  const left = Math.max(0, images - labelled);
  const these = left === 1 ? "the one image" : `each of the ${left} images`;
  const make = `Let ${known.model} make a mask for ${these} without a label, in the background`;
  const what = known.poor ? `${make}. ${known.poor}` : make;
  const obstacle = preAnnotation.active.value
    ? "First masks are being made already"
    : known.model === null
      ? known.hint
      : null;
  const hint =
    known.model === null ? known.hint : left === 0 ? "Every image has a label." : preAnnotation.outcome.value;
  return (
    <>
      <div class="jl-row">
        <ActionButton
          view={view}
          id="first-masks"
          icon="first-masks"
          label="First masks"
          says={what}
          obstacle={obstacle}
          disabled={left === 0}
        />
        {preAnnotation.resumable.value && left > 0 && <ResumeButton followed={preAnnotation} />}
      </div>
      {hint && (
        <p class="jl-hint" title={hint} data-part="first-masks">
          {hint}
        </p>
      )}
      {known.poor && left > 0 && (
        <p class="jl-hint jl-warning" title={known.poor} data-part="poor-model">
          {known.poor}
        </p>
      )}
    </>
  );
}

/** By itself, where there is nothing to train. */
export function PreAnnotationSection({ view }: { view: ViewState }) {
  if (!view.store.kernel.state.value?.firstMasks) return null;
  return (
    <section class="jl-section">
      <h3>First masks</h3>
      <PreAnnotation view={view} />
    </section>
  );
}
