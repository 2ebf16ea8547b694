// What can lie open over the picture: the help, the list of images, and the notes about the file.
import type { ViewState } from "../view/viewstate";
import { GalleryPanel } from "./gallery";
import { Help } from "./help";
import { Panel } from "./panel";
import { VersionsPanel } from "./versions";

export function Panels({ view }: { view: ViewState }) {
  if (view.panel.value === "help") return <Help view={view} />;
  if (view.panel.value === "images") return <GalleryPanel view={view} />;
  if (view.panel.value === "versions") return <VersionsPanel view={view} />;
  if (view.panel.value === "notes") return <Notes view={view} />;
  return null;
}

function Notes({ view }: { view: ViewState }) {
  const notes = Object.entries(view.session.header.value?.notes ?? {});
  return (
    <Panel view={view} title="Notes about this file">
      <dl class="jl-notes">
        {notes.map(([topic, text]) => (
          <div key={topic}>
            <dt>{topic}</dt>
            <dd>{text}</dd>
          </div>
        ))}
      </dl>
    </Panel>
  );
}
