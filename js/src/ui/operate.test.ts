import { expect, it } from "vitest";
import { HEADER, opened, STATE } from "../session/fixtures";
import { ViewState } from "../view/viewstate";
import * as operate from "./operate";
import { ACTIONS } from "./registry";

function shown() {
  const { session, tell, said } = opened();
  const view = new ViewState(session);
  const operations = () => said("operate").map(({ ask }) => ask);
  return { session, view, tell, operations };
}

it("edits within the extent that is chosen, with the numbers in the fields", () => {
  const { session, view, operations } = shown();
  session.operations.radius.value = 3.5;
  session.operations.extent.value = "slice";
  view.active.value = "coronal";
  session.display.moveCursor([1, 4, 2], HEADER.shape);
  operate.smooth(view);
  operate.fillHoles(view);
  expect(operations()).toMatchObject([
    { operation: "smooth", parameters: { radius: 3.5, extent: "slice" }, axis: 1, slice: 4 },
    { operation: "fill_holes", parameters: { extent: "slice" } },
  ]);
});

it("measures parts in slices by their area", () => {
  const { session, view, operations } = shown();
  operate.removeIslands(view);
  session.operations.extent.value = "slices";
  operate.removeIslands(view);
  expect(operations()).toMatchObject([
    { parameters: { smallest: 100, extent: "volume" } },
    { parameters: { smallest: 10, extent: "slices" } },
  ]);
});

it("copies from the side that the person calls above, however the file lies", () => {
  const { session, view, tell, operations } = shown();
  session.display.moveCursor([0, 0, 2], HEADER.shape);
  operate.copyFrom(view, 1);
  const planes = HEADER.planes.map((plane) => ({ ...plane, superiorStep: -1 })) as unknown as typeof HEADER.planes;
  tell({ type: "image", epoch: 2, header: { ...HEADER, planes } });
  session.display.moveCursor([0, 0, 2], HEADER.shape);
  operate.copyFrom(view, 1);
  operate.copyFrom(view, -1);
  expect(operations()).toMatchObject([
    { operation: "copy_slice", parameters: { step: 1, all: false }, axis: 2, slice: 2 },
    { parameters: { step: -1 }, slice: 2 },
    { parameters: { step: 1 }, slice: 2 },
  ]);
});

it("says that there is no slice beyond the last", () => {
  const { session, view, operations } = shown();
  session.display.moveCursor([0, 0, 3], HEADER.shape);
  operate.copyFrom(view, 1);
  expect(operations()).toHaveLength(0);
  expect(session.error.value).toMatch(/no slice to copy from/);
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
  const { view, operations, session, tell } = shown();
  tell({ type: "state", state: { ...STATE, canUndo: true } });
  session.display.moveCursor([0, 0, 2], HEADER.shape);
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
