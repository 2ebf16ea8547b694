// What can lie open over the picture: the help, the list of images, versions, notes, and the team.
import type { ViewState } from "../../view/viewState";
import { Help } from "../actions/help";
import { ImageListPanel } from "../images/imageList";
import { NotesPanel } from "../team/notesPanel";
import { TeamPanel } from "../team/teamPanel";
import { VersionsPanel } from "./versions";

export function Panels({ view }: { view: ViewState }) {
  if (view.panel.value === "help") return <Help view={view} />;
  if (view.panel.value === "images") return <ImageListPanel view={view} />;
  if (view.panel.value === "versions") return <VersionsPanel view={view} />;
  if (view.panel.value === "notes") return <NotesPanel view={view} />;
  if (view.panel.value === "team") return <TeamPanel view={view} />;
  return null;
}
