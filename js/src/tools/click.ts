// Positive and negative clicks: they tell the model what belongs to the structure and what does not.
import type { Session } from "../session/session";
import type { PointerSpot, Tool } from "./tool";

function click(session: Session, spot: PointerSpot, positive: boolean): void {
  const header = session.header.value;
  const label = session.chosen("label");
  if (!header || !spot.inside) return;
  if (label === null) return session.fail("There is no label to click for: the app declares none.");
  session.display.moveCursor(spot.voxel, header.shape);
  session.display.show(session.activeValue ?? 0);
  session.prompts.add({ kind: "click", position: [...spot.voxel], positive, label }, spot.geometry.normal);
}

export const clickAdd: Tool = {
  name: "click-add",
  title: "Include: click what belongs to the structure (shift: what does not)",
  label: "Include",
  key: "c",
  cursor: "crosshair",
  sized: false,
  tap: (session, spot) => click(session, spot, !spot.alternate),
};

export const clickRemove: Tool = {
  name: "click-remove",
  title: "Exclude: click what does not belong to the structure (shift: what does)",
  label: "Exclude",
  key: "x",
  cursor: "crosshair",
  sized: false,
  tap: (session, spot) => click(session, spot, spot.alternate),
};
