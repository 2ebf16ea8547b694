// @vitest-environment happy-dom
import { render } from "preact";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { duration } from "../job/jobText";
import type { JobInfo } from "../protocol";
import { metricName } from "../text/metricName";
import { type JobAsk, type JobTell, JobView, merged } from "./jobView";
import { columns } from "./metrics";
import { JobPanel } from "./panel";

vi.mock("uplot", () => ({ default: class Plot {} }));
vi.mock("./curves", () => ({ Curves: ({ rows }: { rows: unknown[] }) => <p class="curves">{rows.length}</p> }));

const JOB: JobInfo = {
  id: "20260101-000000-000000-abcd",
  kind: "train",
  name: "segmentation",
  title: "Training segmentation",
  state: "running",
  progress: 0.4,
  left: 75,
  device: "cpu",
  begun: 0,
  epoch: 2,
  loss: 0.5,
  score: 0.25,
  scoreName: "val_mean_dice",
  outcome: "",
  error: "",
  notes: [],
  canResume: false,
};
const ROWS = [
  { epoch: 1, loss: 0.9, val_mean_dice: 0.1 },
  { epoch: 2, loss: 0.5, val_mean_dice: 0.25 },
];

const settled = () => new Promise((resolve) => setTimeout(resolve, 20));

async function shown(job: Partial<JobInfo> = {}) {
  const asks: JobAsk["type"][] = [];
  let receive: (message: JobTell) => void = () => {};
  const view = new JobView({
    send: ({ type }) => asks.push(type),
    on: (_, handler) => {
      receive = handler;
    },
    off: () => {},
  });
  const root = document.createElement("div");
  document.body.append(root);
  render(<JobPanel view={view} />, root);
  view.greet();
  const tell = async (message: JobTell) => {
    receive(message);
    await settled();
  };
  await tell({ type: "job", job: { ...JOB, ...job }, rows: ROWS, whole: true });
  const find = (selector: string) => root.querySelector<HTMLElement>(selector) as HTMLElement;
  return { view, root, asks, tell, find };
}

beforeEach(() => vi.useRealTimers());
afterEach(() => document.body.replaceChildren());

it("says what runs, how far it is and how long it takes", async () => {
  const { find, root } = await shown();
  expect(find("h3").textContent).toBe("Training segmentation");
  expect(find(".jlj-line").textContent).toBe("40 % · 75 s left · epoch 2 · loss 0.500 · Dice 0.250 · on cpu");
  expect(find('[role="progressbar"]').getAttribute("aria-valuenow")).toBe("40");
  expect(find(".curves").textContent).toBe("2");
  expect(root.querySelector('[data-action="resume"]')).toBeNull();
});

it("cancels once, and offers to go on with what was cancelled", async () => {
  const { find, tell, asks, root } = await shown();
  find('[data-action="cancel"]').click();
  await settled();
  expect(find(".jlj-state").textContent).toBe("Stopping");
  expect((find('[data-action="cancel"]') as HTMLButtonElement).disabled).toBe(true);
  await tell({ type: "job", job: { ...JOB, state: "cancelled", canResume: true }, rows: [], whole: false });
  expect(find(".jlj-state").textContent).toBe("Cancelled");
  expect(root.querySelector('[data-action="cancel"]')).toBeNull();
  find('[data-action="resume"]').click();
  expect(asks).toEqual(["hello", "cancel", "resume"]);
});

it("shows what went wrong, and notes, as text", async () => {
  const { find, root } = await shown({ state: "failed", error: "<b>bad</b>", notes: ["image '<i>a</i>' is left out"] });
  expect(find(".jlj-error").textContent).toBe("<b>bad</b>");
  expect(find(".jlj-notes li").textContent).toBe("image '<i>a</i>' is left out");
  expect(root.querySelector("b, i")).toBeNull();
});

it("has the curves as a table too", async () => {
  const { find, root, tell } = await shown();
  find("summary").click();
  (find("details") as HTMLDetailsElement).open = true;
  find("details").dispatchEvent(new Event("toggle"));
  await settled();
  const cells = () => [...root.querySelectorAll("tbody tr")].map((row) => row.textContent);
  expect([...root.querySelectorAll("th")].map((one) => one.textContent)).toEqual(["Epoch", "Loss", "Mean Dice"]);
  expect(cells()).toEqual(["10.90000.1000", "20.50000.2500"]);
  await tell({ type: "job", job: JOB, rows: [{ epoch: 3, loss: null, val_mean_dice: 0.5 }], whole: false });
  expect(cells()).toHaveLength(3);
  expect(cells()[2]).toBe("3–0.5000");
});

it("asks for the log only while it is open", async () => {
  const { find, asks, tell } = await shown({ state: "done" });
  expect(asks).not.toContain("log");
  const log = find('[data-part="log"]') as HTMLDetailsElement;
  log.open = true;
  log.dispatchEvent(new Event("toggle"));
  await settled();
  await tell({ type: "log", text: "epoch 1\n<script>" });
  expect(find('[data-part="log"] pre').textContent).toBe("epoch 1\n<script>");
  expect(asks.filter((type) => type === "log")).toHaveLength(1);
});

it("takes an epoch that was done again", () => {
  const rows = merged(ROWS, [{ epoch: 2, loss: 0.4 }]);
  expect(rows).toEqual([ROWS[0], { epoch: 2, loss: 0.4 }]);
  expect(columns(rows)).toEqual(["epoch", "loss", "val_mean_dice"]);
});

it("says numbers as people do", () => {
  expect([duration(12.4), duration(100), duration(7200)]).toEqual(["12 s", "2 min", "2.0 h"]);
  expect(metricName("val_dice_left kidney")).toBe("Dice left kidney");
});
