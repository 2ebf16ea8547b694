// The saved labels of the image with all their versions: open one in the draft, or compare with it.
import { useEffect } from "preact/hooks";
import type { VersionInfo } from "../../protocol";
import type { ViewState } from "../../view/viewState";
import { savedBy } from "../images/imageList";
import { titleOf } from "./comparison";
import { Panel } from "./panel";

export function VersionsPanel({ view }: { view: ViewState }) {
  const { versions } = view.store;
  useEffect(() => {
    versions.request();
  }, [versions]);
  const tags = versions.tags.value;
  return (
    <Panel view={view} title="Versions of this image's labels">
      <div class="jl-versions">
        {tags?.length === 0 && <p class="jl-hint">No label of this image has been saved yet.</p>}
        {tags?.map(({ tag, versions: listed }) => (
          <section key={tag} aria-label={titleOf(tag, null)}>
            <h4>{titleOf(tag, null)}</h4>
            <ul>
              {listed.map((one) => (
                <Version key={one.number} view={view} tag={tag} version={one} />
              ))}
            </ul>
          </section>
        ))}
      </div>
    </Panel>
  );
}

function Version({ view, tag, version }: { view: ViewState; tag: string; version: VersionInfo }) {
  const { store, panel } = { store: view.store, panel: view.panel };
  const { number, current, models, prompts } = version;
  const made = [models.join(", "), prompts > 0 && `${prompts} ${prompts === 1 ? "prompt" : "prompts"}`];
  const title = titleOf(tag, number);
  return (
    <li data-version={`${tag} ${number}`}>
      <span class="jl-gallery-text">
        <span class="jl-name">
          Version {number} {current && <span class="jl-chip">Current</span>}
        </span>
        <span class="jl-gallery-saved">{[savedBy(version), ...made].filter(Boolean).join(" · ")}</span>
      </span>
      <button
        type="button"
        class="jl-button jl-plain"
        title="Put this version into the draft; one step to undo, and unsaved until you save it"
        aria-label={`Open ${title} in the draft`}
        data-do="open-version"
        onClick={() => {
          store.versions.open(tag, number);
          panel.value = null;
        }}
      >
        Open
      </button>
      <button
        type="button"
        class="jl-button jl-plain"
        title="Show this version beside the draft"
        aria-label={`Compare with ${title}`}
        data-do="compare-version"
        onClick={() => {
          store.comparison.start(tag, current ? null : number);
          panel.value = null;
        }}
      >
        Compare
      </button>
    </li>
  );
}
