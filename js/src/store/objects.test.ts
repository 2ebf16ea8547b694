import { expect, it } from "vitest";
import { opened, STATE } from "../../test/fixtures";
import { mayPaint } from "../volume/paintRules";

const NUCLEUS = { name: "nucleus", value: 2, color: "#e69f00", instances: true };
const STROMA = { name: "stroma", value: 5, color: "#56b4e9" };

function withObjects(more: object = {}) {
  const kernel = opened();
  const state = { ...STATE, labels: [NUCLEUS, STROMA], label: "nucleus", activeObject: 7, ...more };
  kernel.tell({ type: "state", state });
  return { ...kernel, state };
}

it("gives every value above the label's that no other label has to an object", () => {
  const { store } = withObjects();
  const names = [1, 2, 3, 5, 7, 4000].map((value) => store.objects.labelOf(value)?.name);
  expect(names).toEqual([undefined, "nucleus", "nucleus", "stroma", "nucleus", "nucleus"]);
});

it("works on the active object where the label of objects is chosen", () => {
  const { store, tell, state } = withObjects();
  expect([store.choices.activeValue, store.choices.activeTitle]).toEqual([7, "nucleus 7"]);
  tell({ type: "state", state: { ...state, label: "stroma" } });
  expect([store.choices.activeValue, store.choices.activeTitle]).toEqual([5, "stroma"]);
});

it("goes on with a chosen object at once, and paints no new one before the kernel has begun it", () => {
  const { store, tell, asks } = withObjects();
  store.objects.choose(3);
  expect(store.choices.activeValue).toBe(3);
  store.objects.begin();
  expect(store.objects.beginning.value).toBe(true);
  const seq = asks.at(-1)?.seq ?? 0;
  tell({ type: "changed", state: { activeObject: 8 } });
  tell({ type: "ack", client: store.connection.client, seq });
  expect([store.objects.beginning.value, store.choices.activeValue]).toEqual([false, 8]);
  expect(asks.slice(-2).map(({ ask }) => ask)).toEqual([{ type: "choose_object", value: 3 }, { type: "new_object" }]);
});

it("sums the sizes of objects and counts them", () => {
  const { store, tell } = withObjects();
  const counts: [number, number][] = [
    [2, 10],
    [3, 20],
    [5, 400],
    [7, 30],
  ];
  tell({ type: "volumes", epoch: 1, counts, voxelMl: null });
  expect(store.labels.sizes.value?.counts).toEqual(new Map([[2, 60], [5, 400]])); // biome-ignore format: pairs
  expect(store.labels.sizes.value?.objects).toEqual([2, 3, 7]);
});

it("locks objects with their label, those that are not there yet too", () => {
  const { store } = withObjects({ locked: [2] });
  const rules = store.paintSettings.rules.value;
  expect([mayPaint(rules, 0, 7), mayPaint(rules, 3, 0), mayPaint(rules, 0, 5)]).toEqual([false, false, true]);
});

it("goes on with the object of a prompt that is selected", () => {
  const { store, tell, said } = withObjects();
  const click = { id: "a", kind: "click" as const, label: "nucleus", position: [1, 1, 1], positive: true, value: 3 };
  tell({ type: "prompts", epoch: 1, ids: ["a"], put: [click] });
  store.prompts.select("a");
  expect(store.choices.activeValue).toBe(3);
  store.prompts.select(null);
  expect(said("choose_object").map(({ ask }) => ask)).toEqual([{ type: "choose_object", value: 3 }]);
});
