// Below the image's name: why this image was chosen, and how far a review is.
import type { ReviewInfo } from "../../protocol";
import { withLocalTimes } from "../../text/localTimes";
import type { ViewState } from "../../view/viewState";
import { ActionButton } from "../actions/actionButton";
import { VerdictForm } from "../team/verdictForm";

const NONE_OF_REVIEW = "This image is none of the review. Next goes on with it.";
const NEXT_WAITS = "Next opens a label that waits for a verdict.";

export function Reason({ view }: { view: ViewState }) {
  const { image, kernel, review } = view.store;
  const now = review.now.value;
  const chosen = withLocalTimes(kernel.state.value?.reason ?? "");
  if (chosen === "" && now === null) return null;
  const reason = now?.place === 0 ? outside(review.judges, image.header.value !== null) : chosen;
  return (
    <div class="jl-reason" role="status" aria-label={now ? "Review" : "Why this image"}>
      {now && <span class="jl-chip">{placeText(now)}</span>}
      <span class="jl-reason-text" title={reason} data-part="reason">
        {reason}
      </span>
      {now && (
        <div class="jl-row">
          <ActionButton
            view={view}
            id="looks-right"
            icon="check"
            label={review.judges ? "Accept" : "Looks right"}
            says={
              review.judges
                ? "The saved label is right; go on with the next"
                : "This label was looked at and stays as it is; go on with the next"
            }
            disabled={now.place === 0}
          />
          <ActionButton
            view={view}
            id="review"
            icon="clear"
            label="End review"
            says="Next opens what the strategy chooses again"
          />
        </div>
      )}
      {now && image.header.value && <VerdictForm view={view} />}
    </div>
  );
}

function outside(judges: boolean, open: boolean): string {
  if (!judges) return NONE_OF_REVIEW;
  return open ? `This image is none of the review. ${NEXT_WAITS}` : NEXT_WAITS;
}

function placeText({ place, total, order }: ReviewInfo): string {
  if (place === 0) return "Review";
  return order === "waiting" ? `Review ${place}` : `Review ${place} of ${total}`;
}
