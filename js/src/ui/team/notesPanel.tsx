// Over the picture: what people noted on the image, and what its file says.
import { localTime, withLocalTimes } from "../../text/localTimes";
import type { ViewState } from "../../view/viewState";
import { Panel } from "../panels/panel";

const NOTE = "A note on this image";

export function NotesPanel({ view }: { view: ViewState }) {
  const { teamwork, image } = view.store;
  const aboutFile = Object.entries(image.header.value?.notes ?? {});
  return (
    <Panel view={view} title="Notes">
      <section class="jl-image-notes" aria-label="Notes on this image">
        {teamwork.notes.value.map(({ text, author, time }) => (
          <p key={`${time} ${author} ${text}`} data-part="image-note">
            {text}
            <span class="jl-gallery-saved">{[author, localTime(time)].filter(Boolean).join(", ")}</span>
          </p>
        ))}
        <NewNote view={view} />
      </section>
      {aboutFile.length > 0 && (
        <section aria-label="Notes about this file">
          <h4>About this file</h4>
          <dl class="jl-notes">
            {aboutFile.map(([topic, text]) => (
              <div key={topic}>
                <dt>{topic}</dt>
                <dd>{withLocalTimes(text)}</dd>
              </div>
            ))}
          </dl>
        </section>
      )}
    </Panel>
  );
}

function NewNote({ view }: { view: ViewState }) {
  const { teamwork } = view.store;
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.isComposing || event.key !== "Enter") return;
    event.preventDefault();
    event.stopPropagation();
    teamwork.addNote();
  };
  return (
    <div class="jl-row">
      <input
        type="text"
        class="jl-text-field"
        data-focus-first
        aria-label={NOTE}
        placeholder={NOTE}
        autocomplete="off"
        maxLength={2000}
        value={teamwork.note.value}
        onInput={(event) => {
          teamwork.note.value = event.currentTarget.value;
        }}
        onKeyDown={onKeyDown}
      />
      <button
        type="button"
        class="jl-button jl-plain"
        data-do="add-note"
        disabled={teamwork.note.value.trim() === ""}
        onClick={() => teamwork.addNote()}
      >
        Add
      </button>
    </div>
  );
}
