import type { Tool } from "./tool";

export const navigate: Tool = {
  name: "navigate",
  title: "Navigate: click moves the crosshair, drag pans",
  label: "Navigate",
  key: "v",
  cursor: "crosshair",
  sized: false,
  tap(session, spot) {
    if (session.header.value) session.display.moveCursor(spot.voxel, session.header.value.shape);
  },
};
