import { expect, it } from "vitest";
import { opened } from "../../test/fixtures";
import type { Region } from "../protocol";
import { ViewState } from "./viewState";

function looking() {
  const { store, tell } = opened();
  const view = new ViewState(store);
  const look = (region: Region) => tell({ type: "reveal", epoch: 1, region });
  return { view, look, cursor: () => store.display.cursor.value };
}

it("goes to what was undone where no slice of it is on the screen", () => {
  const { look, cursor } = looking();
  expect(cursor()).toEqual([4, 3, 2]);
  look([0, 0, 0, 2, 2, 1]);
  expect(cursor()).toEqual([0, 0, 0]);
});

it("stays where one of the planes shows a part of it", () => {
  const { look, cursor } = looking();
  look([0, 0, 0, 2, 2, 3]);
  expect(cursor()).toEqual([4, 3, 2]);
});

it("counts the planes that are shown alone", () => {
  const { view, look, cursor } = looking();
  view.layout.value = "axial";
  look([4, 0, 0, 5, 2, 1]);
  expect(cursor()).toEqual([4, 0, 0]);
});
