// @vitest-environment happy-dom
import { render } from "preact";
import { afterEach, expect, it } from "vitest";
import { opened, STATE } from "../../../test/fixtures";
import { ViewState } from "../../view/viewState";
import { Labels } from "./labels";

const HEIGHT = 30;
const LABELS = ["first", "second", "third", "fourth"].map((name, n) => ({
  name,
  value: 10 * (n + 1),
  color: "#ffffff",
}));
const settled = () => new Promise((resolve) => setTimeout(resolve, 20));

async function shown() {
  const kernel = opened();
  kernel.tell({ type: "state", state: { ...STATE, labels: LABELS } });
  const view = new ViewState(kernel.store);
  const root = document.createElement("div");
  document.body.append(root);
  render(<Labels view={view} />, root);
  const row = (name: string) => root.querySelector<HTMLElement>(`[data-label="${name}"]`) as HTMLElement;
  LABELS.forEach(({ name }, n) => {
    row(name).getBoundingClientRect = () => new DOMRect(0, n * HEIGHT, 200, HEIGHT);
  });
  (root.querySelector(".jl-labels") as HTMLElement).getBoundingClientRect = () => new DOMRect(0, 0, 200, 4 * HEIGHT);
  const point = async (type: string, on: Element, place: number, more: PointerEventInit = {}) => {
    const clientY = (place + 0.5) * HEIGHT;
    const event = { bubbles: true, cancelable: true, isPrimary: true, pointerId: 1, clientY, ...more };
    on.dispatchEvent(new PointerEvent(type, event));
    await settled();
  };
  const moves = () => kernel.said("move_label").map(({ ask }) => ask);
  return { root, row, point, moves, press: (key: string) => dispatchKey(root, key) };
}

async function dispatchKey(on: Element, key: string): Promise<void> {
  on.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true }));
  await settled();
}

afterEach(() => {
  document.body.replaceChildren();
});

it.each(["mouse", "touch", "pen"])(
  "is taken by its handle with %s to the place of the row under the pointer",
  async (pointerType) => {
    const { row, point, moves } = await shown();
    const grip = row("first").querySelector(".jl-grip") as Element;
    await point("pointerdown", grip, 0, { pointerType });
    expect(row("first").className).toContain("jl-dragged");
    await point("pointermove", grip, 2, { pointerType });
    expect(row("third").className).toContain("jl-drop-below");
    await point("pointerup", grip, 2, { pointerType });
    expect(moves()).toEqual([{ type: "move_label", value: 10, place: 2 }]);
    expect(row("first").className).not.toContain("jl-dragged");
    expect(row("third").className).not.toContain("jl-drop");
  },
);

it("goes to the end when it is let go below the list, and up as well as down", async () => {
  const { row, point, moves } = await shown();
  const grip = (name: string) => row(name).querySelector(".jl-grip") as Element;
  await point("pointerdown", grip("second"), 1);
  await point("pointermove", grip("second"), 9);
  await point("pointerup", grip("second"), 9);
  await point("pointerdown", grip("third"), 2);
  await point("pointermove", grip("third"), 0);
  expect(row("first").className).toContain("jl-drop-above");
  await point("pointerup", grip("third"), 0);
  expect(moves()).toEqual([
    { type: "move_label", value: 20, place: 3 },
    { type: "move_label", value: 30, place: 0 },
  ]);
});

it("stays where it was with Escape, when the system takes the pointer, and where nothing was moved", async () => {
  const { row, point, press, moves } = await shown();
  const grip = row("first").querySelector(".jl-grip") as Element;
  await point("pointerdown", grip, 0);
  await point("pointermove", grip, 2);
  await press("Escape");
  await point("pointerup", grip, 2);
  await point("pointerdown", grip, 0);
  await point("pointermove", grip, 2);
  await point("pointercancel", grip, 2);
  await point("pointerdown", grip, 0);
  await point("pointerup", grip, 0);
  expect(moves()).toEqual([]);
  expect(document.querySelector(".jl-dragged, .jl-drop-below")).toBeNull();
});

it("is taken by its name with the mouse alone: a finger there scrolls the list", async () => {
  const { row, point, moves } = await shown();
  const name = row("first").querySelector(".jl-label-name") as Element;
  await point("pointerdown", name, 0, { pointerType: "touch" });
  await point("pointermove", name, 2, { pointerType: "touch" });
  await point("pointerup", name, 2, { pointerType: "touch" });
  expect(moves()).toEqual([]);
  await point("pointerdown", name, 0, { pointerType: "mouse" });
  expect(row("first").className).not.toContain("jl-dragged");
  await point("pointermove", name, 1, { pointerType: "mouse" });
  await point("pointerup", name, 1, { pointerType: "mouse" });
  expect(moves()).toEqual([{ type: "move_label", value: 10, place: 1 }]);
});
