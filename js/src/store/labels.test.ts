import { expect, it } from "vitest";
import { opened } from "../../test/fixtures";

it("asks for changes of the label set by value", () => {
  const { store, asks } = opened();
  const { labels } = store;
  labels.add("node");
  labels.rename(1, "liver");
  labels.recolor(1, "#112233");
  labels.merge(1, 2);
  labels.delete(2);
  expect(asks.slice(1).map(({ ask }) => ask)).toEqual([
    { type: "add_label", name: "node" },
    { type: "rename_label", value: 1, name: "liver" },
    { type: "recolor_label", value: 1, color: "#112233" },
    { type: "merge_label", value: 1, into: 2 },
    { type: "delete_label", value: 2 },
  ]);
});

it("moves a label within the list", () => {
  const { store, said } = opened();
  store.labels.move(2, -1);
  store.labels.move(1, Number.POSITIVE_INFINITY);
  expect(said("move_label").map(({ ask }) => "place" in ask && ask.place)).toEqual([0, 1]);
});

it("knows the sizes of the image that is open, and forgets them with it", () => {
  const { store, tell } = opened();
  expect(store.labels.sizes.value).toBeNull();
  tell({ type: "volumes", epoch: 1, counts: [[2, 500]], voxelMl: 0.001 });
  tell({ type: "volumes", epoch: 7, counts: [[2, 9]], voxelMl: 1 });
  expect(store.labels.sizes.value?.counts.get(2)).toBe(500);
  store.labels.onClose();
  expect(store.labels.sizes.value).toBeNull();
});
