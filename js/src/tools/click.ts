// Positive and negative clicks: they tell the model what belongs to the structure and what does not.
import type { Store } from "../store/store";
import type { PointerSpot, Tool } from "./tool";

function click(store: Store, spot: PointerSpot, positive: boolean): void {
  const header = store.image.header.value;
  const label = store.choices.chosen("label");
  if (!header || !spot.inside) return;
  if (label === null) return store.kernel.fail("There is no label to click for: the app declares none.");
  store.display.moveCursor(spot.voxel, header.shape);
  store.display.show(store.choices.activeLabel?.value ?? 0);
  store.prompts.add({ kind: "click", position: [...spot.voxel], positive, label }, spot.geometry.normal);
}

export const clickAdd: Tool = {
  name: "click-add",
  title: "Include: click what belongs to the structure (shift: what does not)",
  label: "Include",
  key: "c",
  cursor: "crosshair",
  sized: false,
  tap: (store, spot) => click(store, spot, !spot.alternate),
};

export const clickRemove: Tool = {
  name: "click-remove",
  title: "Exclude: click what does not belong to the structure (shift: what does)",
  label: "Exclude",
  key: "x",
  cursor: "crosshair",
  sized: false,
  tap: (store, spot) => click(store, spot, spot.alternate),
};
