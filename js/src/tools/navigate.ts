import type { Tool } from "./tool";

export const navigate: Tool = {
  name: "navigate",
  title: "Move the crosshair with a click; drag to pan",
  label: "Navigate",
  key: "v",
  cursor: "crosshair",
  sized: false,
  tap(session, spot) {
    if (session.header.value) session.display.moveCursor(spot.voxel, session.header.value.shape);
  },
};
