// @vitest-environment happy-dom
import { render } from "preact";
import { afterEach, expect, it } from "vitest";
import type { JobInfo } from "../jobpanel/job";
import type { TrainingState } from "../protocol";
import { opened, STATE } from "../session/fixtures";
import { ViewState } from "../view/viewstate";
import { JobLine } from "./jobline";
import { ModelVersions, TrainingSection } from "./training";

const TRAINING: TrainingState = {
  trainers: [{ name: "segmentation", description: "A 3D U-Net" }],
  trainer: "segmentation",
  auto: false,
  dueAt: null,
  versions: { segmentation: 3 },
  madeBy: ["segmentation (version 2)"],
};
const JOB: JobInfo = {
  id: "20260101-000000-000000-abcd",
  kind: "train",
  name: "segmentation",
  title: "Training segmentation",
  state: "running",
  progress: 0.25,
  left: 60,
  device: "cpu",
  begun: 0,
  epoch: 3,
  loss: 0.41,
  score: 0.62,
  scoreName: "val_mean_dice",
  outcome: "",
  error: "",
  notes: [],
  canResume: false,
};

const settled = () => new Promise((resolve) => setTimeout(resolve, 20));

async function shown(training: Partial<TrainingState> = {}) {
  const kernel = opened();
  const state = { ...STATE, model: "segmentation", labelled: 4, training: { ...TRAINING, ...training } };
  kernel.tell({ type: "state", state });
  const view = new ViewState(kernel.session);
  const root = document.createElement("div");
  document.body.append(root);
  render(
    <>
      <TrainingSection view={view} />
      <ModelVersions view={view} />
      <JobLine followed={view.session.training} stops="Stop" action="cancel-training" />
    </>,
    root,
  );
  const tell = async (job: Partial<JobInfo>) => {
    kernel.tell({ type: "training", job: { ...JOB, ...job } });
    await settled();
  };
  const find = (selector: string) => root.querySelector<HTMLElement>(selector) as HTMLElement;
  return { ...kernel, root, find, say: tell };
}

afterEach(() => document.body.replaceChildren());

it("begins a training, shows it in a line, and begins no second one", async () => {
  const { find, said, say, root } = await shown();
  expect(root.querySelector(".jl-training")).toBeNull();
  find('[data-action="train"]').click();
  expect(said("train").map(({ ask }) => ask)).toEqual([{ type: "train", name: "segmentation" }]);
  await say({});
  expect(find(".jl-training-text").textContent).toBe(
    "Training segmentation epoch 3 · loss 0.410 · Dice 0.620 · 60 s left",
  );
  expect(find('[role="progressbar"]').getAttribute("aria-valuenow")).toBe("25");
  expect((find('[data-action="train"]') as HTMLButtonElement).disabled).toBe(true);
});

it("cancels, and says what came of the training", async () => {
  const { find, said, say, root } = await shown();
  await say({ state: "queued" });
  expect(find(".jl-training-text").textContent).toContain("waits for its turn");
  find('[data-action="cancel-training"]').click();
  await settled();
  expect(said("cancel_training")).toHaveLength(1);
  expect((find('[data-action="cancel-training"]') as HTMLButtonElement).disabled).toBe(true);
  await say({ state: "done", outcome: "Version 3 was published; it is in use." });
  expect(root.querySelector(".jl-training")).toBeNull();
  expect(find('[data-part="last-training"]').textContent).toBe("Version 3 was published; it is in use.");
});

it("says which version is in use, and which one made the label", async () => {
  const { find } = await shown();
  expect(find('[data-part="version"]').textContent).toBe("Version 3 is in use");
  expect(find('[data-part="made-by"]').textContent).toBe("This label: segmentation (version 2)");
});

it("trains by itself when told so, and says when", async () => {
  const { find, said, root } = await shown({ auto: true, dueAt: 5 });
  expect(root.textContent).toContain("Next with 5 saved labels; there are 4.");
  find('[data-action="auto-train"]').click();
  expect(said("auto_train").map(({ ask }) => ask)).toEqual([{ type: "auto_train", on: false }]);
});

it("is not there where there is nothing to train", async () => {
  const { root } = await shown({ trainers: [], trainer: "", versions: {}, madeBy: [] });
  expect(root.textContent).toBe("");
});
