// Under the picture: who else works on the image, what a reviewer wants changed, and the question who labels here.
import { useRef } from "preact/hooks";
import type { LeaseInfo } from "../../protocol";
import { localTime } from "../../text/localTimes";
import type { ViewState } from "../../view/viewState";
import { leave } from "../actions/commands";
import { Icon } from "../controls/icons";

const WHO = "Your name";

export function TeamMessages({ view }: { view: ViewState }) {
  return (
    <>
      <SomebodyElse view={view} />
      <SentBack view={view} />
      <WhoLabels view={view} />
    </>
  );
}

function SomebodyElse({ view }: { view: ViewState }) {
  const { teamwork } = view.store;
  const lease = teamwork.lease.value;
  if (!lease || lease.mine) return null;
  return (
    <div class="jl-message jl-warning" role="status" data-lease={lease.holder}>
      <Icon name="team" />
      <p>{lease.lost ? lostText(lease) : othersText(lease)}</p>
      <div class="jl-row">
        <button
          type="button"
          class="jl-button jl-plain"
          data-answer="take-over"
          title="Work on the image yourself; their draft stays"
          onClick={() => teamwork.takeOver()}
        >
          Take over
        </button>
        {!lease.lost && (
          <button
            type="button"
            class="jl-button jl-plain"
            data-answer="leave"
            title="Go on with an image that nobody works on"
            onClick={() => leave(view, { type: "next" })}
          >
            Next image
          </button>
        )}
      </div>
    </div>
  );
}

const DOES = { label: "works on", review: "reviews", reading: "reads" } as const;

export function othersText({ holder, purpose, since }: LeaseInfo): string {
  return `${holder || "Somebody"} ${DOES[purpose]} this image, since ${localTime(since)}. You may look at it.`;
}

export function lostText({ holder, since }: LeaseInfo): string {
  const who = `${holder || "Somebody"} works on this image since ${localTime(since)}`;
  return `${who}. Your draft stays; if you save it, both versions are kept.`;
}

/** What a reviewer wants changed in the label that is shown. */
function SentBack({ view }: { view: ViewState }) {
  const { verdicts } = view.store;
  const verdict = verdicts.verdict.value;
  if (verdict?.verdict !== "sent_back") return null;
  return (
    <div class="jl-message jl-warning" role="status" data-verdict="sent_back">
      <Icon name="send-back" />
      <p title={localTime(verdict.time)}>
        {verdict.reviewer || "A reviewer"} sent version {verdict.version} back: {verdict.comment}
      </p>
      {verdict.place && (
        <div class="jl-row">
          <button
            type="button"
            class="jl-button jl-plain"
            data-answer="go-to-place"
            title="Move the crosshair to the place that this is about"
            onClick={() => verdicts.goToPlace()}
          >
            Show the place
          </button>
        </div>
      )}
    </div>
  );
}

/** Asked once, where the account's name says nothing of the person. */
function WhoLabels({ view }: { view: ViewState }) {
  const { teamwork } = view.store;
  const field = useRef<HTMLInputElement>(null);
  const who = teamwork.annotator.value;
  if (!who || who.known || teamwork.nameless.value) return null;
  const home = () => field.current?.closest<HTMLElement>(".jlabel")?.focus({ preventScroll: true });
  const say = () => {
    if (!field.current?.value.trim()) return;
    teamwork.sayName(field.current.value);
    home();
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.isComposing || (event.key !== "Enter" && event.key !== "Escape")) return;
    event.preventDefault();
    event.stopPropagation();
    if (event.key === "Enter") say();
    else home();
  };
  return (
    <div class="jl-message jl-question" role="status" data-annotator={who.name}>
      <Icon name="team" />
      <p>
        Who labels here? The name is kept with each label
        {who.name && (
          <>
            {" "}
            (now: <strong>{who.name}</strong>)
          </>
        )}
        .
      </p>
      <div class="jl-row">
        <input
          ref={field}
          type="text"
          class="jl-text-field"
          aria-label={WHO}
          placeholder={WHO}
          autocomplete="off"
          maxLength={100}
          onKeyDown={onKeyDown}
        />
        <button type="button" class="jl-button jl-plain" data-answer="say-name" onClick={say}>
          Keep
        </button>
        <button
          type="button"
          class="jl-button jl-plain"
          data-answer="no-name"
          onClick={() => {
            teamwork.nameless.value = true;
            home();
          }}
        >
          Not now
        </button>
      </div>
    </div>
  );
}
