// @vitest-environment happy-dom
import { render } from "preact";
import { afterEach, expect, it } from "vitest";
import { opened, STATE } from "../../../test/fixtures";
import type { State } from "../../protocol";
import { ViewState } from "../../view/viewState";
import { Reason } from "../images/reason";
import { NextImage } from "./nextImage";

const settled = () => new Promise((resolve) => setTimeout(resolve, 20));
const STRATEGIES = [
  { name: "random", description: "Any image without a label" },
  { name: "entropy", description: "The least sure <b>image</b>" },
];
const READY = { text: "scored with version 3: 37 of 49", method: "entropy", obstacle: "" };

async function shown(state: Partial<State> = {}) {
  const kernel = opened();
  const root = document.createElement("div");
  document.body.append(root);
  const tell = async (change: Partial<State>) => {
    kernel.tell({ type: "state", state: { ...STATE, strategies: STRATEGIES, labelled: 9, ...change } });
    await settled();
  };
  const view = new ViewState(kernel.store);
  await tell(state);
  render(
    <>
      <Reason view={view} />
      <NextImage view={view} />
    </>,
    root,
  );
  await settled();
  const find = (selector: string) => root.querySelector<HTMLElement>(selector);
  return { ...kernel, root, find, change: tell, view };
}

afterEach(() => document.body.replaceChildren());

it("says what the strategy does and whether its scores are ready, as text", async () => {
  const { find, said } = await shown({ strategy: "entropy", readiness: { entropy: READY } });
  expect(find(".jl-hint")?.textContent).toBe("The least sure <b>image</b>");
  expect(find('[data-part="readiness"]')?.textContent).toContain("Scored with version 3: 37 of 49");
  find('[data-action="score"]')?.click();
  expect(said("score").map(({ ask }) => ask)).toEqual([{ type: "score", method: "entropy" }]);
});

it("offers nothing to compute where nothing is missing, or it cannot be", async () => {
  const ready = await shown({ strategy: "entropy", readiness: { entropy: { ...READY, method: "" } } });
  expect(ready.find('[data-action="score"]')).toBeNull();
  const obstacle = "This needs a trained model";
  const untrained = { text: "needs scores", method: "entropy", obstacle };
  const { find } = await shown({ strategy: "entropy", readiness: { entropy: untrained } });
  expect((find('[data-action="score"]') as HTMLButtonElement).disabled).toBe(true);
  expect(find('[data-part="readiness"]')?.textContent).toContain(`Needs scores. ${obstacle}`);
  const plain = await shown({ readiness: { random: { text: "", method: "", obstacle: "" } } });
  expect(plain.find('[data-part="readiness"]')).toBeNull();
});

it("lists all strategies with what they do, to choose one", async () => {
  const { find, said } = await shown({ readiness: { entropy: READY } });
  const entropy = find('[data-strategy="entropy"]');
  expect(entropy?.textContent).toBe("entropyThe least sure <b>image</b>Scored with version 3: 37 of 49");
  expect(entropy?.getAttribute("aria-pressed")).toBe("false");
  entropy?.click();
  expect(said("choose").at(-1)?.ask).toEqual({ type: "choose", what: "strategy", value: "entropy" });
});

it("shows why the image was chosen until there is no reason", async () => {
  const { find, change } = await shown({ reason: "most <i>uncertain</i>, 0.61" });
  expect(find('[data-part="reason"]')?.textContent).toBe("most <i>uncertain</i>, 0.61");
  expect(find('[data-part="reason"]')?.title).toBe("most <i>uncertain</i>, 0.61");
  await change({ reason: "" });
  expect(find(".jl-reason")).toBeNull();
});

it("shows how far a review is, and the ways on and out", async () => {
  const { find, said, change } = await shown({
    reason: "volume far from the others",
    review: { place: 3, total: 40, order: "suspicious" },
  });
  expect(find(".jl-reason .jl-chip")?.textContent).toBe("Review 3 of 40");
  find('[data-action="looks-right"]')?.click();
  expect(said("looks_right").map(({ ask }) => ask)).toEqual([{ type: "looks_right", epoch: 1 }]);
  find('.jl-reason [data-action="review"]')?.click();
  expect(said("end_review")).toHaveLength(1);
  await change({ review: { place: 0, total: 40, order: "suspicious" } });
  expect((find('[data-action="looks-right"]') as HTMLButtonElement).disabled).toBe(true);
  expect(find('[data-part="reason"]')?.textContent).toContain("none of the review");
});

it("begins a review, with a question where there are unsaved changes, and not without labels", async () => {
  const { find, said, change, view } = await shown();
  find('[data-action="review"]')?.click();
  expect(said("review").map(({ ask }) => ask)).toEqual([{ type: "review", epoch: 1 }]);
  await change({ dirty: true });
  find('[data-action="review"]')?.click();
  expect(view.leaving.value).toEqual({ type: "review" });
  await change({ labelled: 0 });
  expect((find('[data-action="review"]') as HTMLButtonElement).disabled).toBe(true);
});
