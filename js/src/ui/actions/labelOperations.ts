// What the buttons and keys for editing a label do, in the slice that the active pane shows.
import type { OperationName } from "../../protocol";
import type { ViewState } from "../../view/viewState";
import type { Action } from "./action";

function ask(view: ViewState, name: OperationName, parameters: Record<string, unknown> = {}): void {
  const { store, activeGeometry: geometry } = view;
  const slice = geometry ? (store.display.cursor.value[geometry.normal] as number) : 0;
  if (geometry) store.operations.ask(name, geometry, slice, parameters);
}

/** The operations that work in 3D, in a slice or in each. */
function within(view: ViewState, name: OperationName, parameters: Record<string, unknown> = {}): void {
  const header = view.store.image.header.value;
  if (header) ask(view, name, { ...parameters, extent: view.store.operations.extentOf(header) });
}

export const grow = (view: ViewState) => within(view, "grow", { radius: view.store.operations.radius.value });

export const shrink = (view: ViewState) => within(view, "shrink", { radius: view.store.operations.radius.value });

export const smooth = (view: ViewState) => within(view, "smooth", { radius: view.store.operations.radius.value });

export const fillHoles = (view: ViewState) => within(view, "fill_holes");

export const keepLargest = (view: ViewState) => within(view, "keep_largest");

export const eraseLabel = (view: ViewState) => within(view, "erase");

export const interpolate = (view: ViewState) => ask(view, "interpolate");

export function removeIslands(view: ViewState): void {
  within(view, "remove_islands", { smallest: smallestPart(view).value });
}

/** In slices and pictures a part has an area. */
export function smallestPart({ store }: ViewState) {
  const { operations } = store;
  const { header } = store.image;
  const flat = header.value?.flat || operations.extent.value !== "volume";
  return flat ? operations.smallestArea : operations.smallestVolume;
}

export function paintRange(view: ViewState): void {
  const { low, high } = view.store.operations;
  within(view, "threshold", { low: low.value, high: high.value });
}

/** Copy from the slice that one step leads to; 1 is above, in front or to the right, as for the arrow keys. */
export function copyFrom(view: ViewState, direction: 1 | -1): void {
  const { store, activeGeometry: geometry } = view;
  if (!geometry) return;
  const step = direction * geometry.plane.superiorStep;
  const from = (store.display.cursor.value[geometry.normal] as number) + step;
  if (from < 0 || from >= geometry.slices)
    return store.kernel.fail("There is no slice to copy from: this is the last one.");
  ask(view, "copy_slice", { step, all: store.operations.copyAll.value });
}

/** How the slices on either side of the one that is shown are called. */
export function neighbours({ store, activeGeometry: geometry }: ViewState): [above: string, below: string] {
  if (!geometry || !store.image.header.value?.oriented) return ["next", "previous"];
  return ({ axial: ["above", "below"], coronal: ["in front", "behind"], sagittal: ["right", "left"] } as const)[
    geometry.name
  ] as [string, string];
}

export const LABEL_OPERATIONS: readonly Action[] = [
  { id: "grow-label", group: "Edit", text: "Grow the label", keys: [], run: grow },
  { id: "shrink-label", group: "Edit", text: "Shrink the label", keys: [], run: shrink },
  { id: "smooth-label", group: "Edit", text: "Smooth the label; its volume stays", keys: [], run: smooth },
  { id: "fill-holes", group: "Edit", text: "Fill the holes of the label", keys: [], run: fillHoles },
  { id: "keep-largest", group: "Edit", text: "Keep the label's largest part", keys: [], run: keepLargest },
  { id: "remove-islands", group: "Edit", text: "Remove the small parts", keys: [], run: removeIslands },
  { id: "erase-label", group: "Edit", text: "Erase the label", keys: [], run: eraseLabel },
  {
    id: "interpolate",
    group: "Edit",
    text: "Fill the gaps between painted slices",
    keys: ["i"],
    run: interpolate,
  },
  {
    id: "copy-from-above",
    group: "Edit",
    text: "Copy the label from the slice above",
    keys: ["alt+pageup"],
    run: (view) => copyFrom(view, 1),
  },
  {
    id: "copy-from-below",
    group: "Edit",
    text: "Copy the label from the slice below",
    keys: ["alt+pagedown"],
    run: (view) => copyFrom(view, -1),
  },
  {
    id: "paint-range",
    group: "Edit",
    text: "Paint what is in the range of intensities",
    keys: [],
    run: paintRange,
  },
];
