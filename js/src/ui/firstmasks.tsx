// First masks: a model run over all images without a label, in the background.
import type { ViewState } from "../view/viewstate";
import { ActionButton } from "./actionbutton";

export function FirstMasks({ view }: { view: ViewState }) {
  const { firstMasks, state } = view.session;
  const known = state.value?.firstMasks;
  if (!known) return null;
  const { images = 0, labelled = 0 } = state.value ?? {};
  const left = Math.max(0, images - labelled);
  const these = left === 1 ? "the one image" : `each of the ${left} images`;
  const what = `Let ${known.model} make a mask for ${these} without a label, in the background`;
  const obstacle = firstMasks.alive.value
    ? "First masks are being made already"
    : known.model === null
      ? known.hint
      : null;
  const hint = known.model === null ? known.hint : left === 0 ? "Every image has a label." : firstMasks.lastWords.value;
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
      </div>
      {hint && (
        <p class="jl-hint" title={hint} data-part="first-masks">
          {hint}
        </p>
      )}
    </>
  );
}

/** By itself, where there is nothing to train. */
export function FirstMasksSection({ view }: { view: ViewState }) {
  if (!view.session.state.value?.firstMasks) return null;
  return (
    <section class="jl-section">
      <h3>First masks</h3>
      <FirstMasks view={view} />
    </section>
  );
}
