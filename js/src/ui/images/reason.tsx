// Below the image's name: why this image was chosen, and how far a review is.
import type { ReviewInfo } from "../../protocol";
import { withLocalTimes } from "../../text/localTimes";
import type { ViewState } from "../../view/viewState";
import { ActionButton } from "../actions/actionButton";
import { VerdictForm } from "../team/verdictForm";

export function Reason({ view }: { view: ViewState }) {
  const { kernel, review } = view.store;
  const now = review.now.value;
  const reason = withLocalTimes(kernel.state.value?.reason ?? "");
  if (reason === "" && now === null) return null;
  return (
    <div class="jl-reason" role="status" aria-label={now ? "Review" : "Why this image"}>
      {now && <span class="jl-chip">{placeText(now)}</span>}
      <span class="jl-reason-text" title={reason} data-part="reason">
        {reason || (now?.place === 0 ? "This image is none of the review. Next goes on with it." : "")}
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
      {now && <VerdictForm view={view} />}
    </div>
  );
}

function placeText({ place, total, order }: ReviewInfo): string {
  if (place === 0) return "Review";
  return order === "waiting" ? `Review ${place}` : `Review ${place} of ${total}`;
}
