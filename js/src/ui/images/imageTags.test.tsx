// @vitest-environment happy-dom
import { render } from "preact";
import { afterEach, expect, it } from "vitest";
import { opened, STATE } from "../../../test/fixtures";
import type { TagInfo } from "../../protocol";
import { ViewState } from "../../view/viewState";
import { Result } from "../prompts/result";
import { ImageTags, percent } from "./imageTags";

const TAG: TagInfo = {
  name: "in_body",
  classes: ["in body", "out of body"],
  several: false,
  chosen: [],
  proposed: null,
  probability: null,
  by: "",
  model: null,
};

const settled = () => new Promise((resolve) => setTimeout(resolve, 20));

async function shown(tags: Partial<TagInfo>[], result: typeof STATE.result = null) {
  const kernel = opened();
  const view = new ViewState(kernel.store);
  const root = document.body.appendChild(document.createElement("div"));
  render(
    <>
      <ImageTags view={view} />
      <Result view={view} />
    </>,
    root,
  );
  const told = async (now: Partial<TagInfo>[]) => {
    kernel.tell({ type: "state", state: { ...STATE, imageTags: now.map((tag) => ({ ...TAG, ...tag })), result } });
    await settled();
  };
  await told(tags);
  const find = <E extends HTMLElement>(selector: string) => root.querySelector(selector) as E;
  const option = (name: string) => find<HTMLButtonElement>(`[data-option="${name}"]`);
  const asked = (type: "tag_image" | "ask_for_tag") => kernel.said(type).map(({ ask }) => ask);
  return { root, store: kernel.store, told, find, option, asked };
}

afterEach(() => document.body.replaceChildren());

it("shows nothing in an app without tags", async () => {
  const { root } = await shown([]);
  expect(root.textContent).toBe("");
});

it("shows at once what is chosen, and takes it back when it is pressed again", async () => {
  const { option, asked, told } = await shown([{}]);
  option("in body").click();
  await settled();
  expect(asked("tag_image")).toEqual([{ type: "tag_image", epoch: 1, name: "in_body", values: ["in body"] }]);
  expect(option("in body").getAttribute("aria-pressed")).toBe("true");
  await told([{ chosen: ["in body"] }]);
  option("in body").click();
  await settled();
  expect(asked("tag_image").at(-1)).toMatchObject({ values: [] });
  expect(option("in body").getAttribute("aria-pressed")).toBe("false");
});

it("shows what a model says as a proposal, which one press accepts", async () => {
  const by = "in_body version 2";
  const { find, option, asked, told } = await shown([{ proposed: "out of body", probability: 0.968, by }]);
  expect(find(".jl-tag-by").textContent).toBe("out of body 97 %, in_body version 2");
  expect(option("out of body").getAttribute("aria-pressed")).toBe("false");
  expect(option("out of body").classList.contains("jl-proposed")).toBe(true);
  find('[data-action="accept-tags"]').click();
  expect(asked("tag_image")).toMatchObject([{ values: ["out of body"] }]);
  await told([{ chosen: ["in body"], proposed: "out of body", probability: 0.968, by }]);
  expect(find('[data-action="accept-tags"]')).toBeNull();
  expect(option("out of body").classList.contains("jl-proposed")).toBe(false);
});

it("goes through the classes of the first tag", async () => {
  const { store } = await shown([{}, { name: "quality", classes: ["good", "bad"] }]);
  const chosen = () => store.imageTags.tags.value.map((tag) => tag.chosen);
  store.imageTags.chooseNext();
  expect(chosen()).toEqual([["in body"], []]);
  store.imageTags.chooseNext();
  expect(chosen()).toEqual([["out of body"], []]);
  store.imageTags.chooseNext();
  expect(chosen()).toEqual([[], []]);
});

it("asks the model where there is one", async () => {
  const { find, asked, told } = await shown([{}]);
  expect(find('[data-action="ask-in_body"]')).toBeNull();
  await told([{ model: "in_body" }]);
  find('[data-action="ask-in_body"]').click();
  expect(asked("ask_for_tag")).toEqual([{ type: "ask_for_tag", epoch: 1, name: "in_body" }]);
});

it("has a list for many classes", async () => {
  const { find, asked } = await shown([{ classes: ["a", "b", "c", "d", "e", "f"], chosen: ["b"] }]);
  const list = find<HTMLSelectElement>("select");
  expect(list.value).toBe("b");
  list.value = "";
  list.dispatchEvent(new Event("change", { bubbles: true }));
  expect(asked("tag_image")).toMatchObject([{ values: [] }]);
});

it("has boxes to tick where an image may have several classes", async () => {
  const several = { name: "diagnosis", classes: ["pneumonia", "effusion", "normal"], several: true };
  const { store, root, asked, told } = await shown([several, {}]);
  const box = (name: string) =>
    root.querySelector<HTMLInputElement>(`input[data-option="${name}"]`) as HTMLInputElement;
  const press = async (name: string) => {
    box(name).click();
    await settled();
    return asked("tag_image").at(-1);
  };
  expect(await press("effusion")).toMatchObject({ name: "diagnosis", values: ["effusion"] });
  expect(await press("pneumonia")).toMatchObject({ values: ["pneumonia", "effusion"] });
  expect(box("effusion").checked && box("pneumonia").checked).toBe(true);
  await told([{ ...several, chosen: ["pneumonia", "effusion"] }, {}]);
  expect(await press("effusion")).toMatchObject({ values: ["pneumonia"] });
  store.imageTags.chooseNext(); // the first tag of which an image has one class
  expect(asked("tag_image").at(-1)).toMatchObject({ name: "in_body", values: ["in body"] });
});

it("takes back what could not be kept", async () => {
  const { store, option } = await shown([{}]);
  option("in body").click();
  store.imageTags.onError();
  await settled();
  expect(option("in body").getAttribute("aria-pressed")).toBe("false");
});

it("never calls sure what is not", () => {
  expect([0, 0.5, 0.994, 0.999, 1].map(percent)).toEqual(["0 %", "50 %", "99 %", "> 99 %", "100 %"]);
});

it("shows what else a model told as text", async () => {
  const { find } = await shown([], { model: "boxes version 1", rows: [["label", "<b>tool</b>"]] });
  expect(find("summary").textContent).toBe("Result of boxes version 1");
  expect(find("dd").textContent).toBe("<b>tool</b>");
});
