// @vitest-environment happy-dom
import { render } from "preact";
import { afterEach, expect, it, vi } from "vitest";
import { opened, STATE } from "../../../test/fixtures";
import type { Ask } from "../../protocol";
import { ViewState } from "../../view/viewState";
import { ImageListPanel } from "./imageList";

type Browse = Extract<Ask, { type: "browse" }>;

const settled = () => new Promise((resolve) => setTimeout(resolve, 20));

async function shown() {
  const kernel = opened();
  const view = new ViewState(kernel.store);
  const root = document.createElement("div");
  document.body.append(root);
  render(<ImageListPanel view={view} />, root);
  const asked = () => kernel.said("browse").map(({ ask }) => ask as Browse);
  const answer = async (scores: string | null = null, notes: string[] = []) => {
    const { request, offset } = asked().at(-1) as Browse;
    const row = {
      id: "case_1",
      state: "unlabelled",
      draft: false,
      author: null,
      time: null,
      score: null,
      work: "to_do",
      holder: null,
    } as const;
    const client = kernel.store.connection.client;
    kernel.tell({ type: "images", client, request, offset, total: 1, entries: [{ ...row, tags: [] }], notes, scores });
    await settled();
  };
  const find = <E extends HTMLElement>(selector: string) => root.querySelector(selector) as E;
  // The panel asks once it is painted, however busy the machine is.
  await vi.waitFor(() => expect(asked()).not.toHaveLength(0));
  return { root, asked, answer, find, kernel };
}

function choose(select: HTMLSelectElement, value: string): void {
  select.value = value;
  select.dispatchEvent(new Event("change", { bubbles: true }));
}

afterEach(() => document.body.replaceChildren());

it("searches while one types, and names the row that Enter opens", async () => {
  const { find, asked, answer } = await shown();
  await answer();
  const field = find<HTMLInputElement>('input[type="search"]');
  expect(field.getAttribute("aria-activedescendant")).toBe(find('[role="option"]').id);
  field.value = "case";
  field.dispatchEvent(new Event("input", { bubbles: true }));
  expect(asked().at(-1)).toMatchObject({ search: "case", state: null, offset: 0 });
});

it("keeps the search when the state is chosen", async () => {
  const { find, asked, answer } = await shown();
  await answer();
  const field = find<HTMLInputElement>('input[type="search"]');
  field.value = "case";
  field.dispatchEvent(new Event("input", { bubbles: true }));
  await answer();
  choose(find('[data-choose="image-state"]'), "draft");
  expect(asked().at(-1)).toMatchObject({ search: "case", state: "draft" });
});

it("has no order by score until there are scores", async () => {
  const { find, asked, answer } = await shown();
  await answer();
  const order = find<HTMLSelectElement>('[data-choose="image-order"]');
  expect(order.disabled).toBe(true);
  expect(order.title).toContain("There are no scores");
  choose(find('[data-choose="image-state"]'), "");
  await answer("entropy");
  expect(order.disabled).toBe(false);
  choose(order, "score");
  expect(asked().at(-1)).toMatchObject({ order: "score" });
});

it("leaves out images with lower scores, where there are scores", async () => {
  const { find, asked, answer } = await shown();
  await answer();
  expect(find('[data-choose="least-score"]')).toBeNull();
  choose(find('[data-choose="image-state"]'), "");
  await answer("entropy");
  const least = find<HTMLInputElement>('[data-choose="least-score"]');
  const type = (value: string) => {
    least.value = value;
    least.dispatchEvent(new Event("input", { bubbles: true }));
  };
  type("0.5");
  expect(asked().at(-1)).toMatchObject({ leastScore: 0.495, offset: 0 });
  await answer("entropy");
  type("");
  expect(asked().at(-1)).not.toHaveProperty("leastScore");
});

it("says what was left out of the folder", async () => {
  const { root, answer } = await shown();
  await answer(null, ["3 files were left out"]);
  expect(root.querySelector(".jl-gallery-notes summary")?.textContent).toBe("Notes about the folder (1)");
  expect(root.querySelector(".jl-gallery-notes li")?.textContent).toBe("3 files were left out");
});

it("leaves out images without a tag, where the app has tags", async () => {
  const { find, asked, answer, kernel } = await shown();
  await answer();
  expect(find('[data-choose="image-tag-filter"]')).toBeNull();
  const tag = {
    name: "view",
    classes: ["in", "out"],
    several: false,
    chosen: [],
    proposed: null,
    probability: null,
    by: "",
    model: null,
  };
  kernel.tell({ type: "state", state: { ...STATE, imageTags: [tag] } });
  await settled();
  const select = find<HTMLSelectElement>('[data-choose="image-tag-filter"]');
  expect([...select.options].map(({ text }) => text)).toEqual(["Any tag", "Not tagged by a person", "in", "out"]);
  choose(select, "2");
  expect(asked().at(-1)).toMatchObject({ tagged: { name: "view", value: "out" }, offset: 0 });
  await answer();
  choose(select, "0");
  expect(asked().at(-1)).toMatchObject({ tagged: { name: "view", value: null } });
  await answer();
  choose(select, "-1");
  expect(asked().at(-1)).not.toHaveProperty("tagged");
});
