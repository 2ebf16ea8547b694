// Flood fill: a click gives the chosen label what is connected with the voxel.
import type { Tool } from "./tool";

export const fill: Tool = {
  name: "fill",
  title: "Fill: click a hole or a part to give it the label",
  label: "Fill",
  key: "g",
  cursor: "crosshair",
  sized: false,
  tap(store, spot) {
    const header = store.image.header.value;
    if (!header || !spot.inside) return;
    store.display.moveCursor(spot.voxel, header.shape);
    store.operations.fill(spot.voxel, spot.geometry);
  },
};
