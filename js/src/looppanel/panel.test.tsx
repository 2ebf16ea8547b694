// @vitest-environment happy-dom
import { render } from "preact";
import { afterEach, expect, it } from "vitest";
import type { LoopStatus, TaskStatus } from "./loopStatus";
import { type LoopAsk, type LoopTell, LoopView, type Told } from "./loopView";
import { LoopPanel } from "./panel";

const SERVER = "https://cvat.example.org";
const TASK: TaskStatus = {
  round: 1,
  number: 101,
  link: `${SERVER}/tasks/101`,
  state: "out",
  images: 10,
  jobs: 10,
  came_back: 3,
  people: ["Ada", "Ben"],
  problems: [],
};
const LOOP: LoopStatus = {
  project: "liver",
  server: SERVER,
  link: `${SERVER}/projects/5`,
  strategy: "epistemic",
  round: 1,
  labelled: 12,
  waiting: 28,
  out: 10,
  tasks: [TASK],
  curve: [],
  training: null,
  scoring: null,
  running: false,
  next_step: "10 images are with the annotators",
  problem: "",
};
const TOLD: Told = { type: "loop", id: "a", loop: LOOP, doing: null, said: "", error: "" };

const settled = () => new Promise((resolve) => setTimeout(resolve, 20));

async function shown(loop: Partial<LoopStatus> = {}, told: Partial<Told> = {}) {
  const asks: LoopAsk["type"][] = [];
  let receive: (message: LoopTell) => void = () => {};
  const view = new LoopView({
    send: ({ type }) => asks.push(type),
    on: (_, handler) => {
      receive = handler;
    },
    off: () => {},
  });
  const root = document.createElement("div");
  document.body.append(root);
  render(<LoopPanel view={view} />, root);
  view.greet();
  const tell = async (changed: Partial<LoopStatus> = {}, more: Partial<Told> = {}) => {
    receive({ ...TOLD, ...more, loop: { ...LOOP, ...changed } });
    await settled();
  };
  const before = root.textContent;
  await tell(loop, told);
  const find = (selector: string) => root.querySelector<HTMLElement>(selector) as HTMLElement;
  const texts = (selector: string) => [...root.querySelectorAll(selector)].map((one) => one.textContent);
  const button = (action: string) => find(`[data-action="${action}"]`) as HTMLButtonElement;
  const press = async (action: string) => {
    button(action).click();
    await settled();
  };
  return { view, root, asks, tell, find, texts, button, press, before, receive: (told: LoopTell) => receive(told) };
}

afterEach(() => document.body.replaceChildren());

it("says what the loop is, how it stands and what comes next", async () => {
  const { find, texts, before } = await shown();
  expect(before).toBe("Waiting for the kernel …");
  expect(find("h3").textContent).toBe("liver");
  expect(find("h3 a").getAttribute("href")).toBe(`${SERVER}/projects/5`);
  expect(find(".jll-about").textContent).toBe(`Round 1 · ${SERVER} · strategy epistemic`);
  expect(find(".jll-state").textContent).toBe("Stopped");
  expect(find(".jll-next").textContent).toContain("Next: 10 images are with the annotators. The loop is stopped");
  expect(texts(".jll-counts div")).toEqual(["Labelled12", "With annotators10", "Waiting for a label28"]);
  expect(find(".jll-curve")).toBeNull();
  expect(find(".jll-problems")).toBeNull();
  expect(find('[role="progressbar"]')).toBeNull();
});

it("lists the tasks with who works on them and what came back", async () => {
  const tasks: TaskStatus[] = [
    { ...TASK, round: 4, number: null, link: "", state: "planned", jobs: 0, came_back: 0, people: [] },
    { ...TASK, round: 3 },
    { ...TASK, round: 2, state: "lost", people: [] },
    { ...TASK, state: "done", came_back: 10 },
  ];
  const { root, texts, find } = await shown({ tasks });
  const rows = [...root.querySelectorAll(".jll-rounds tbody tr")].map((row) =>
    [...row.querySelectorAll("td")].map((cell) => cell.textContent),
  );
  expect(rows).toEqual([
    ["4", "Planned", "10", "–", "–", "–"],
    ["3", "With annotators", "10", "3 of 10", "Ada, Ben", "Open in CVAT"],
    ["2", "Gone from the server", "10", "3 of 10", "–", "Task 101"],
    ["1", "Came back", "10", "10 of 10", "Ada, Ben", "Open in CVAT"],
  ]);
  expect(texts(".jll-rounds a")).toHaveLength(2);
  const link = find(".jll-rounds a");
  expect(link.getAttribute("target")).toBe("_blank");
  expect(link.getAttribute("rel")?.split(" ")).toContain("noopener");
  expect(link.getAttribute("href")).toBe(`${SERVER}/tasks/101`);
  expect(link.getAttribute("aria-label")).toBe("Open in CVAT: task 101, in a new tab");
});

it("has no table before the first round", async () => {
  const { root, find } = await shown({ tasks: [], round: 0 });
  expect(find("table")).toBeNull();
  expect(root.textContent).toContain("No round has gone out yet.");
  expect(find(".jll-about").textContent).toContain("No round yet");
});

it("makes no link of what leads elsewhere", async () => {
  const elsewhere = ["javascript:alert(1)", "https://evil.example.org/tasks/1", `${SERVER}.evil.org/`, "data:,x", ""];
  const tasks = elsewhere.map((link) => ({ ...TASK, link }));
  const { root, texts } = await shown({ tasks, link: "javascript:alert(1)" });
  expect(root.querySelector("a")).toBeNull();
  expect(texts(".jll-rounds td:last-child")).toEqual(elsewhere.map(() => "Task 101"));
});

it("shows what comes from the server as text", async () => {
  const markup = "<img src=x onerror=alert(1)>";
  const tasks = [{ ...TASK, people: [markup], problems: [markup] }];
  const loop = { project: markup, next_step: markup, problem: markup, strategy: markup, tasks };
  const { root } = await shown(loop, { said: markup, error: markup });
  expect(root.querySelector("img")).toBeNull();
  expect(root.textContent?.split(markup).length).toBe(9);
});

it("is started and stopped, and says so until the kernel has done it", async () => {
  const { asks, tell, find, button, press, root } = await shown();
  expect(root.querySelector('[data-action="stop"]')).toBeNull();
  await press("start");
  expect(find(".jll-state").textContent).toBe("Starting");
  await press("start");
  expect(asks).toEqual(["hello", "start"]);
  await tell({ running: true });
  expect(find(".jll-state").textContent).toBe("Runs by itself");
  expect(find(".jll-next").textContent).toBe("Next: 10 images are with the annotators.");
  await press("stop");
  await tell({ running: true }, { doing: { action: "stop", progress: null, cancelled: false } });
  expect(find(".jll-state").textContent).toBe("Stopping");
  expect(button("stop").getAttribute("aria-disabled")).toBe("true");
  expect(button("stop").title).toBe("Not now: stopping …");
  await tell();
  expect(find(".jll-state").textContent).toBe("Stopped");
  expect(button("start").getAttribute("aria-disabled")).toBe("false");
});

it("leaves the steps to the loop while it runs, and says why", async () => {
  const { asks, button, press } = await shown({ running: true });
  for (const action of ["pull", "send"]) {
    expect(button(action).getAttribute("aria-disabled")).toBe("true");
    expect(button(action).title).toContain("stop it to do it by hand");
    // It can be reached with keys nevertheless, so that its reason is read.
    expect(button(action).disabled).toBe(false);
    await press(action);
  }
  expect(asks).toEqual(["hello"]);
});

it("sends a round by hand, shows how far it is, and can cancel it", async () => {
  const { asks, tell, find, button, press, root } = await shown();
  await press("send");
  await tell({}, { doing: { action: "send", progress: 0.25, cancelled: false } });
  expect(find(".jll-said").textContent).toBe("Sending a round …");
  expect(find('[role="progressbar"]').getAttribute("aria-valuenow")).toBe("25");
  expect(button("pull").title).toBe("Not now: sending a round …");
  await press("cancel");
  expect(asks).toEqual(["hello", "send", "cancel"]);
  await tell({}, { doing: { action: "send", progress: 0.25, cancelled: true } });
  expect(find(".jll-said").textContent).toBe("Cancelling …");
  expect(button("cancel").disabled).toBe(true);
  await tell({}, { said: "Round 2 went out with 10 images." });
  expect(find(".jll-said").textContent).toBe("Round 2 went out with 10 images.");
  expect(root.querySelector('[data-action="cancel"]')).toBeNull();
  expect(root.querySelector('[role="progressbar"]')).toBeNull();
});

it("shows why an action failed until the next one", async () => {
  const { tell, find, root } = await shown({}, { error: "https://cvat.example.org: cannot be reached" });
  expect(find('[role="alert"]').textContent).toBe("https://cvat.example.org: cannot be reached");
  await tell();
  expect(root.querySelector('[role="alert"]')).toBeNull();
});

it("says that the loop cannot be read", async () => {
  const { receive, find } = await shown();
  receive({ ...TOLD, loop: null, error: "the catalogue is locked" });
  await settled();
  expect(find('[role="alert"]').textContent).toBe("the catalogue is locked");
});

it("tells problems, where they are and what to do", async () => {
  const tasks = [{ ...TASK, problems: ["job 7: label 'spleen' is unknown"] }];
  const { find, tell, texts, root } = await shown({ problem: "the server is away", running: true, tasks });
  expect(find(".jll-problems p").textContent).toBe("The server is away. The loop tries again by itself.");
  expect(find(".jll-problems li").textContent).toBe("Round 1: job 7: label 'spleen' is unknown Open in CVAT");
  expect(root.querySelector(".jll-problems li a")?.getAttribute("href")).toBe(`${SERVER}/tasks/101`);
  await tell({ problem: "the server is away", tasks: [{ ...TASK, problems: numbered(25) }] });
  expect(find(".jll-problems p").textContent).toBe("The server is away. Start lets the loop try again.");
  expect(texts(".jll-problems li")).toHaveLength(20);
  expect(texts(".jll-problems p").at(-1)).toBe("5 more are not shown.");
});

it("shows how far a training and a scoring are", async () => {
  const { find, tell, root } = await shown({ training: { name: "segmentation", progress: 0.4 } });
  expect(find('[data-work="training"]').textContent).toBe("Training segmentation: 40 %");
  await tell({ scoring: { name: "epistemic", progress: null } });
  expect(root.querySelector('[data-work="training"]')).toBeNull();
  expect(find('[data-work="scoring"]').textContent).toBe("Scoring epistemic");
});

it("draws the scores of the versions and marks the one in use", async () => {
  const curve = [
    { version: 1, images: 10, score: 0.7, metric: "val_mean_dice", in_use: false },
    { version: 2, images: 20, score: 0.8, metric: "val_mean_dice", in_use: true },
    { version: 3, images: 30, score: null, metric: "val_mean_dice", in_use: false },
  ];
  const { find, texts } = await shown({ curve });
  expect(find("figcaption").textContent).toBe("Model: Version 2 is in use, learnt from 20 images: Mean Dice 0.800.");
  expect(texts("svg [data-version] > title")).toEqual([
    "Version 1: 0.700 from 10 images",
    "Version 2: 0.800 from 20 images",
  ]);
  expect(find("svg .jll-used text").textContent).toBe("version 2, in use");
  expect(find("svg polyline").getAttribute("points")?.split(" ")).toHaveLength(2);
  expect(find("svg").getAttribute("aria-label")).toContain("version 2, in use, 0.800 from 20 images");
  expect(texts(".jll-details tbody tr")).toEqual(["330–", "2200.800yes", "1100.700"]);
});

it("draws nothing where no version has a score", async () => {
  const curve = [{ version: 1, images: 1, score: null, metric: "", in_use: true }];
  const { find } = await shown({ curve });
  expect(find("svg")).toBeNull();
  expect(find("figcaption").textContent).toBe("Model: Version 1 is in use, learnt from 1 image.");
});

it("renews the text beside it in the notebook, and no other", () => {
  const texts = ["a", "b"].map((id) => ({ data: { "text/html": `<div data-jlabel-loop="${id}">old</div>` } }));
  const outputs = {
    length: 2,
    get: (place: number) => texts[place],
    set: (place: number, output: (typeof texts)[number]) => {
      texts[place] = output;
    },
  };
  let receive: (message: LoopTell) => void = () => {};
  const view = new LoopView({
    send: () => {},
    on: (_, handler) => {
      receive = handler;
    },
    off: () => {},
    widget_manager: { context: { model: { cells: { length: 1, get: () => ({ outputs }) } } } },
  });
  receive(TOLD);
  receive({ type: "still", data: { "text/html": `<div data-jlabel-loop="a">new</div>` } });
  expect(texts.map(({ data }) => data["text/html"].includes("new"))).toEqual([true, false]);
  view.close();
});

function numbered(count: number): string[] {
  return Array.from({ length: count }, (_, place) => `job ${place}: empty`);
}
