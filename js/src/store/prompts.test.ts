import { expect, it } from "vitest";
import { opened } from "../../test/fixtures";
import type { PromptInfo } from "../protocol";

const click = (id: string, at: number): PromptInfo => ({
  id,
  kind: "click",
  position: [at, 1, 1],
  positive: true,
  label: "organ",
});

function told() {
  const all = opened();
  const put = [click("a", 1), click("b", 2), click("c", 3)];
  all.tell({ type: "prompts", epoch: 1, ids: ["a", "b", "c"], put });
  const places = () => all.store.prompts.known.value.map(({ position }) => position?.[0]);
  return { ...all, prompts: all.store.prompts, places };
}

it("puts the list together from what is new and the order of all", () => {
  const { tell, places, prompts } = told();
  tell({ type: "prompts", epoch: 1, ids: ["c", "a"], put: [click("a", 7)] });
  expect(places()).toEqual([3, 7]);
  // A part of a long list: the rest follows.
  tell({ type: "prompts", epoch: 1, ids: ["c", "d", "e"], put: [click("e", 5)] });
  expect(places()).toEqual([3, 5]);
  tell({ type: "prompts", epoch: 1, ids: ["c", "d", "e"], put: [click("d", 4)] });
  expect(places()).toEqual([3, 4, 5]);
  tell({ type: "prompts", epoch: 0, ids: [], put: [] });
  expect(prompts.known.value.length).toBe(3);
});

it("shows a moved prompt where it is going until the kernel says so, or refuses", () => {
  const { tell, places, prompts, said } = told();
  prompts.change("b", click("b", 6));
  expect(places()).toEqual([1, 6, 3]);
  expect(prompts.known.value[1]?.waits).toBe(true);
  expect(said("change_prompt")[0]?.ask).toEqual({
    type: "change_prompt",
    epoch: 1,
    id: "b",
    prompt: click("b", 6),
  });
  tell({ type: "error", text: "refused" });
  expect(places()).toEqual([1, 2, 3]);
  prompts.change("b", click("b", 6));
  tell({ type: "prompts", epoch: 1, ids: ["a", "b", "c"], put: [{ ...click("b", 6), waits: true }] });
  tell({ type: "prompts", epoch: 1, ids: ["a", "b", "c"], put: [click("b", 6)] });
  expect(prompts.known.value[1]?.waits).toBeUndefined();
});

it("selects the next prompt when one is removed, so that keys go on working", () => {
  const { prompts, places, tell } = told();
  prompts.select("b");
  prompts.remove("b");
  expect(places()).toEqual([1, 3]);
  expect(prompts.selected.value).toBe("c");
  prompts.remove("c");
  expect(prompts.selected.value).toBe("a");
  tell({ type: "prompts", epoch: 1, ids: [], put: [] });
  expect(prompts.selected.value).toBeNull();
});

it("flips a sign, and walks through the list to its ends", () => {
  const { prompts, said } = told();
  prompts.flip("a");
  expect(said("change_prompt")[0]?.ask).toMatchObject({ id: "a", prompt: { positive: false, position: [1, 1, 1] } });
  expect([prompts.beside(null, 1), prompts.beside(null, -1)]).toEqual(["a", "c"]);
  expect([prompts.beside("a", 1), prompts.beside("a", -1), prompts.beside("c", 1)]).toEqual(["b", null, null]);
});

it("counts what waits for a run", () => {
  const { prompts, tell } = told();
  expect(prompts.waiting.value).toBe(0);
  prompts.add({ kind: "click", position: [1, 2, 3], positive: true, label: "organ" }, 2);
  tell({ type: "prompts", epoch: 1, ids: ["a"], put: [{ ...click("a", 1), waits: true }] });
  expect(prompts.waiting.value).toBe(2);
});
