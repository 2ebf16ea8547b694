// Flood fill: a click gives the chosen label what is connected with the voxel.
import type { Tool } from "./tool";

export const fill: Tool = {
  name: "fill",
  title: "Fill: click a hole or a part to give it the label",
  label: "Fill",
  key: "g",
  cursor: "crosshair",
  sized: false,
  tap(session, spot) {
    const header = session.header.value;
    if (!header || !spot.inside) return;
    session.display.moveCursor(spot.voxel, header.shape);
    session.operations.fill(spot.voxel, spot.geometry);
  },
};
