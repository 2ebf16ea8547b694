import { expect, it } from "vitest";
import { HEADER, opened, STATE } from "../../../test/fixtures";
import { ViewState } from "../../view/viewState";
import * as operate from "./labelOperations";
import { ACTIONS } from "./registry";

function shown() {
  const { store, tell, said } = opened();
  const view = new ViewState(store);
  const operations = () => said("operate").map(({ ask }) => ask);
  return { store, view, tell, operations };
}

it("edits within the extent that is chosen, with the numbers in the fields", () => {
  const { store, view, operations } = shown();
  store.operations.radius.value = 3.5;
  store.operations.extent.value = "slice";
  view.active.value = "coronal";
  store.display.moveCursor([1, 4, 2], HEADER.shape);
  operate.smooth(view);
  operate.fillHoles(view);
  expect(operations()).toMatchObject([
    { operation: "smooth", parameters: { radius: 3.5, extent: "slice" }, axis: 1, slice: 4 },
    { operation: "fill_holes", parameters: { extent: "slice" } },
  ]);
});

it("measures parts in slices by their area", () => {
  const { store, view, operations } = shown();
  operate.removeIslands(view);
  store.operations.extent.value = "slices";
  operate.removeIslands(view);
  expect(operations()).toMatchObject([
    { parameters: { smallest: 100, extent: "volume" } },
    { parameters: { smallest: 10, extent: "slices" } },
  ]);
});

it("copies from the side that the person calls above, however the file lies", () => {
  const { store, view, tell, operations } = shown();
  store.display.moveCursor([0, 0, 2], HEADER.shape);
  operate.copyFrom(view, 1);
  const planes = HEADER.planes.map((plane) => ({ ...plane, superiorStep: -1 })) as unknown as typeof HEADER.planes;
  tell({ type: "image", epoch: 2, header: { ...HEADER, planes } });
  store.display.moveCursor([0, 0, 2], HEADER.shape);
  operate.copyFrom(view, 1);
  operate.copyFrom(view, -1);
  expect(operations()).toMatchObject([
    { operation: "copy_slice", parameters: { step: 1, all: false }, axis: 2, slice: 2 },
    { parameters: { step: -1 }, slice: 2 },
    { parameters: { step: 1 }, slice: 2 },
  ]);
});

it("says that there is no slice beyond the last", () => {
  const { store, view, operations } = shown();
  store.display.moveCursor([0, 0, 3], HEADER.shape);
  operate.copyFrom(view, 1);
  expect(operations()).toHaveLength(0);
  expect(store.kernel.error.value).toMatch(/no slice to copy from/);
});

it("names the neighbours of a slice as the plane has them", () => {
  const { view, tell } = shown();
  expect(operate.neighbours(view)).toEqual(["above", "below"]);
  view.active.value = "sagittal";
  expect(operate.neighbours(view)).toEqual(["right", "left"]);
  tell({ type: "image", epoch: 2, header: { ...HEADER, oriented: false } });
  expect(operate.neighbours(view)).toEqual(["next", "previous"]);
});

it("has a button's action for every operation, so that each can be given a key", () => {
  const { view, operations, store, tell } = shown();
  tell({ type: "state", state: { ...STATE, canUndo: true } });
  store.display.moveCursor([0, 0, 2], HEADER.shape);
  const edits = ACTIONS.filter(({ group, id }) => group === "Edit" && !/^(undo|redo)$/.test(id));
  for (const { run } of edits.filter(({ id }) => /label|holes|largest|islands|interpolate|copy|range/.test(id)))
    run(view);
  expect(new Set(operations().map((ask) => ask.type === "operate" && ask.operation))).toEqual(
    new Set([
      "grow",
      "shrink",
      "smooth",
      "fill_holes",
      "keep_largest",
      "remove_islands",
      "erase",
      "interpolate",
      "copy_slice",
      "threshold",
    ]),
  );
});
