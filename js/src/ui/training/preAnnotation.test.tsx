// @vitest-environment happy-dom
import { render } from "preact";
import { afterEach, expect, it } from "vitest";
import { opened, STATE } from "../../../test/fixtures";
import type { Ask, JobInfo, State } from "../../protocol";
import { ViewState } from "../../view/viewState";
import { JobLine } from "./jobLine";
import { PreAnnotationSection } from "./preAnnotation";
import { TrainingSection } from "./training";

const JOB: JobInfo = {
  id: "20260101-000000-000000-abcd",
  kind: "infer",
  name: "segmentation",
  title: "First masks by segmentation",
  state: "running",
  progress: 0.25,
  left: 60,
  device: "cpu",
  begun: 0,
  epoch: null,
  loss: null,
  score: null,
  scoreName: null,
  outcome: "",
  error: "",
  notes: [],
  canResume: false,
};

const settled = () => new Promise((resolve) => setTimeout(resolve, 20));

async function shown(state: Partial<State> = {}) {
  const kernel = opened();
  const firstMasks = { model: "segmentation", hint: "", poor: "" };
  kernel.tell({ type: "state", state: { ...STATE, images: 9, labelled: 4, firstMasks, ...state } });
  const view = new ViewState(kernel.store);
  const root = document.createElement("div");
  document.body.append(root);
  render(
    <>
      <TrainingSection view={view} />
      <JobLine followed={view.store.preAnnotation} stops="Stop" action="cancel-first-masks" />
    </>,
    root,
  );
  await settled();
  const say = async (job: Partial<JobInfo>) => {
    kernel.tell({ type: "first_masks", job: { ...JOB, ...job } });
    await settled();
  };
  const find = (selector: string) => root.querySelector<HTMLElement>(selector) as HTMLElement;
  const button = () => find('[data-action="first-masks"]') as HTMLButtonElement;
  return { ...kernel, root, find, button, say };
}

afterEach(() => document.body.replaceChildren());

it("begins once, shows how far it is, and says what came of it", async () => {
  const { button, find, said, say, root } = await shown();
  expect(button().title).toContain("Let segmentation make a mask for each of the 5 images without a label");
  expect(button().getAttribute("aria-keyshortcuts")).toBe("Shift+m");
  button().click();
  expect(said("first_masks")).toHaveLength(1);
  await say({});
  expect(button().disabled).toBe(true);
  expect(find(".jl-training-text").textContent).toBe("First masks by segmentation 25 % · 60 s left");
  expect(find('[role="progressbar"]').getAttribute("aria-label")).toBe("First masks by segmentation");
  await say({ state: "done", outcome: "5 images were done." });
  expect(root.querySelector(".jl-training")).toBeNull();
  expect(find('[data-part="first-masks"]').textContent).toBe("5 images were done.");
  expect(button().disabled).toBe(false);
});

it("is cancelled, and says why it failed", async () => {
  const { find, said, say } = await shown();
  await say({ state: "queued" });
  expect(find(".jl-training-text").textContent).toContain("waits for its turn");
  find('[data-action="cancel-first-masks"]').click();
  expect(said("cancel_first_masks")).toHaveLength(1);
  await settled();
  expect((find('[data-action="cancel-first-masks"]') as HTMLButtonElement).disabled).toBe(true);
  await say({ state: "failed", error: "<b>out of memory</b>" });
  expect(find('[data-part="first-masks"]').textContent).toBe("Failed: <b>out of memory</b>");
});

it("says that a model is poor before it makes masks", async () => {
  const poor = "Version 1 of segmentation is poor: its Dice is 0.31";
  const { button, find } = await shown({ firstMasks: { model: "segmentation", hint: "", poor } });
  expect(button().disabled).toBe(false);
  expect(button().title).toContain(poor);
  expect(find('[data-part="poor-model"]').textContent).toBe(poor);
});

it("goes on where it was cancelled", async () => {
  const { find, said, say } = await shown();
  await say({ state: "cancelled", canResume: true, outcome: "Cancelled after 25%; Resume goes on from there" });
  find('[data-action="resume-first-masks"]').click();
  expect(said("resume_first_masks")).toHaveLength(1);
});

it("says what to do where there is no trained model, and that nothing is left to do", async () => {
  const untrained = await shown({ firstMasks: { model: null, hint: "Press Train first", poor: "" } });
  expect(untrained.button().disabled).toBe(true);
  expect(untrained.find('[data-part="first-masks"]').textContent).toBe("Press Train first");
  const labelled = await shown({ labelled: 9 });
  expect(labelled.button().disabled).toBe(true);
  expect(labelled.find('[data-part="first-masks"]').textContent).toBe("Every image has a label.");
});

it("is a section of its own where nothing can be trained, and not there without a model for it", async () => {
  const { root } = await shown();
  expect(root.querySelector("h3")?.textContent).toBe("First masks");
  const none = await shown({ firstMasks: null });
  expect(none.root.textContent).toBe("");
  render(<PreAnnotationSection view={new ViewState(none.store)} />, none.root);
  expect(none.root.textContent).toBe("");
});

it("renews the list of images while it is open", async () => {
  const { store, tell, say, said } = await shown();
  await say({});
  expect(said("browse")).toHaveLength(0);
  store.imageList.query();
  const { ask } = said("browse")[0] as { ask: Extract<Ask, { type: "browse" }> };
  const entries = [
    {
      id: "a.nii.gz",
      state: "unlabelled" as const,
      draft: false,
      author: null,
      time: null,
      score: null,
      tags: [],
      work: "to_do" as const,
      holder: null,
    },
  ];
  const { client } = store.connection;
  tell({ type: "images", client, request: ask.request, offset: 0, total: 1, entries, notes: [], scores: null });
  await say({ progress: 0.5 });
  expect(said("browse")).toHaveLength(2);
  // What is shown stays until the answer is there.
  expect(store.imageList.at(0)?.state).toBe("unlabelled");
  store.imageList.close();
  await say({ progress: 0.75 });
  expect(said("browse")).toHaveLength(2);
});
