import { expect, it } from "vitest";
import { HEADER, opened } from "../../test/fixtures";
import type { ToolName } from "../store/display";
import { PlaneGeometry } from "../volume/planeGeometry";
import { type Hover, ViewState } from "./viewState";

/** A view with the mouse resting over its axial plane. */
function hovered(tool: ToolName) {
  const kernel = opened();
  const view = new ViewState(kernel.store);
  kernel.store.display.tool.value = tool;
  const spot: Hover["spot"] = {
    geometry: PlaneGeometry.of(HEADER, "axial"),
    position: [2, 2, 1],
    voxel: [2, 2, 1],
    inside: true,
    alternate: false,
    picks: false,
    size: 1,
    pixel: 0.1,
  };
  view.hover.value = { name: "axial", spot, x: 20, y: 20, hit: null };
  return { ...kernel, view, spot };
}

it("paints at once for those who use no mouse, and first shows where for those who do", () => {
  const { view, said } = hovered("brush");
  view.pointer.press(false);
  view.pointer.release();
  expect(said("edit")).toHaveLength(0);
  expect(view.hover.value).toBeNull();
  expect(view.pointer.inUse.value).toBe(true);
  view.pointer.press(false);
  view.pointer.release();
  expect(said("edit")).toHaveLength(1);
});

it("sets a polygon's corners with one press each, and closes it with a second one in the same place", () => {
  const { view, store, said } = hovered("polygon");
  view.hover.value = null;
  store.display.moveCursor([2, 1, 1], HEADER.shape);
  const tap = () => {
    view.pointer.press(false);
    view.pointer.release();
  };
  tap();
  tap();
  expect(store.kernel.error.value).toBe("A polygon needs three corners.");
  for (const [right, down] of [
    [3, 0],
    [0, 3],
    [-3, 0],
  ] as const) {
    for (let n = 0; n < 3; n++) view.pointer.move(Math.sign(right), Math.sign(down));
    tap();
  }
  expect(store.polygon.sketch.value?.points).toHaveLength(4);
  expect(said("edit")).toHaveLength(0);
  tap();
  expect(store.polygon.sketch.value).toBeNull();
  expect(said("edit")).toHaveLength(1);
});

it("follows the crosshair while the key is held, and closes the polygon with it", () => {
  const { view, store, said } = hovered("polygon");
  view.hover.value = null;
  view.pointer.press(false);
  for (const [right, down] of [
    [1, 0],
    [0, 1],
    [-1, 0],
  ] as const)
    view.pointer.move(right, down);
  view.pointer.release();
  expect(store.polygon.sketch.value).toBeNull();
  expect(said("edit")).toHaveLength(1);
});

it("closes a polygon that the mouse has begun, and adds no corner of its own", () => {
  const { view, store, said, spot } = hovered("polygon");
  store.polygon.begin(spot.geometry, [1, 1, 1], false);
  store.polygon.add([[6, 1, 1]]);
  view.pointer.press(false);
  expect(store.kernel.error.value).toBe("A polygon needs three corners.");
  expect(store.polygon.sketch.value?.points).toHaveLength(2);
  store.polygon.add([[6, 5, 1]]);
  view.pointer.press(false);
  expect(store.polygon.sketch.value).toBeNull();
  expect(said("edit")).toHaveLength(1);
});
