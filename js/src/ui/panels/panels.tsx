// What can lie open over the picture: the help, the list of images, and the notes about the file.
import { withLocalTimes } from "../../text/localTimes";
import type { ViewState } from "../../view/viewState";
import { Help } from "../actions/help";
import { ImageListPanel } from "../images/imageList";
import { Panel } from "./panel";
import { VersionsPanel } from "./versions";

export function Panels({ view }: { view: ViewState }) {
  if (view.panel.value === "help") return <Help view={view} />;
  if (view.panel.value === "images") return <ImageListPanel view={view} />;
  if (view.panel.value === "versions") return <VersionsPanel view={view} />;
  if (view.panel.value === "notes") return <Notes view={view} />;
  return null;
}

function Notes({ view }: { view: ViewState }) {
  const notes = Object.entries(view.store.image.header.value?.notes ?? {});
  return (
    <Panel view={view} title="Notes about this file">
      <dl class="jl-notes">
        {notes.map(([topic, text]) => (
          <div key={topic}>
            <dt>{topic}</dt>
            <dd>{withLocalTimes(text)}</dd>
          </div>
        ))}
      </dl>
    </Panel>
  );
}
