import { chooseObject } from "./chooseObject";
import type { Tool } from "./tool";

export const navigate: Tool = {
  name: "navigate",
  title: "Navigate: click moves the crosshair and chooses an object, drag pans",
  label: "Navigate",
  key: "v",
  cursor: "crosshair",
  sized: false,
  tap(store, spot) {
    if (store.image.header.value) store.display.moveCursor(spot.voxel, store.image.header.value.shape);
    chooseObject(store, spot.voxel);
  },
};
