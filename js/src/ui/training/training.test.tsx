// @vitest-environment happy-dom
import { render } from "preact";
import { afterEach, expect, it } from "vitest";
import { opened, STATE } from "../../../test/fixtures";
import type { JobInfo, TrainingInfo } from "../../protocol";
import { ViewState } from "../../view/viewState";
import { JobLine } from "./jobLine";
import { ModelVersions, TrainingSection } from "./training";

const TRAINING: TrainingInfo = {
  trainers: [{ name: "segmentation", description: "A 3D U-Net", obstacle: "", suits: true }],
  trainer: "segmentation",
  auto: false,
  dueAt: null,
  versions: { segmentation: 3 },
  dice: {},
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

async function shown(training: Partial<TrainingInfo> = {}, madeBy = ["segmentation (version 2)"]) {
  const kernel = opened();
  const state = { ...STATE, model: "segmentation", labelled: 4, training: { ...TRAINING, ...training }, madeBy };
  kernel.tell({ type: "state", state });
  const view = new ViewState(kernel.store);
  const root = document.createElement("div");
  document.body.append(root);
  render(
    <>
      <TrainingSection view={view} />
      <ModelVersions view={view} />
      <JobLine followed={view.store.training} stops="Stop" action="cancel-training" />
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

it("says why a trainer cannot be trained, on the button and below it", async () => {
  const obstacle = "No label is saved yet: save the labels of at least one image";
  const trainers = [{ name: "segmentation", description: "A 3D U-Net", obstacle, suits: true }];
  const { find, store, said } = await shown({ trainers });
  const button = find('[data-action="train"]') as HTMLButtonElement;
  expect([button.disabled, button.title]).toEqual([true, obstacle]);
  expect(find('[data-part="obstacle"]').textContent).toBe(obstacle);
  // It may be chosen, and begin by itself once there are labels.
  expect((find("option") as HTMLOptionElement).disabled).toBe(false);
  expect((find('[data-action="auto-train"]') as HTMLInputElement).disabled).toBe(false);
  store.training.begin();
  expect(said("train")).toHaveLength(0);
});

it("does not offer a trainer that is not for these images", async () => {
  const obstacle = "It learns from volumes, and the images here are pictures in colours";
  const trainers = [
    { name: "segmentation", description: "A 3D U-Net", obstacle, suits: false },
    { name: "click", description: "The click tool", obstacle: "", suits: true },
  ];
  const { root, find } = await shown({ trainers });
  const options = [...root.querySelectorAll("option")];
  expect(options.map(({ disabled, title }) => [disabled, title])).toEqual([
    [true, obstacle],
    [false, "The click tool"],
  ]);
  expect((find('[data-action="auto-train"]') as HTMLInputElement).disabled).toBe(true);
});

it("goes on with one that was cancelled, from the line and from the side bar", async () => {
  const { find, said, say, root } = await shown();
  const outcome = "Cancelled after epoch 3 of 20; Resume goes on from there";
  // What ended before this page was there is no news.
  await say({ id: "20250101-000000-000000-abcd", state: "cancelled", outcome, canResume: true });
  expect(root.querySelector(".jl-training")).toBeNull();
  expect(find('[data-part="last-training"]').textContent).toBe(outcome);
  find('[data-action="resume-training"]').click();
  expect(said("resume_training")).toHaveLength(1);
  await say({});
  await say({ state: "cancelled", outcome, canResume: true });
  expect(find(".jl-training-text").textContent).toBe(`Training segmentation ${outcome}`);
  find('.jl-training [data-action="resume-training"]').click();
  expect(said("resume_training")).toHaveLength(2);
  find('[data-action="dismiss"]').click();
  await settled();
  expect(root.querySelector(".jl-training")).toBeNull();
});

it("tells the Dice of the version in use", async () => {
  const { find } = await shown({ dice: { segmentation: 0.8123 } });
  expect(find('[data-part="version"]').textContent).toBe("Version 3 is in use, Dice 0.81");
});

it("is not there where there is nothing to train", async () => {
  const { root } = await shown({ trainers: [], trainer: "", versions: {} }, []);
  expect(root.textContent).toBe("");
});
