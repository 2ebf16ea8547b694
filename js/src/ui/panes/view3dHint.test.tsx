// @vitest-environment happy-dom
import { render } from "preact";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { opened } from "../../../test/fixtures";
import { ViewState } from "../../view/viewState";
import { View3dHint } from "./view3dHint";

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
  document.body.replaceChildren();
});

/** Lets effects, renders and timers come about. */
const pass = (ms: number) => vi.advanceTimersByTimeAsync(ms);

async function shown() {
  const kernel = opened();
  const root = document.createElement("div");
  document.body.append(root);
  render(<View3dHint view={new ViewState(kernel.store)} />, root);
  kernel.store.view3d.show();
  await pass(100);
  const button = () => root.querySelector<HTMLButtonElement>("button");
  const text = () => root.querySelector('[role="status"]')?.textContent;
  const left = (count: number) =>
    kernel.tell({ type: "surfaces", client: kernel.store.connection.client, epoch: 1, labels: [1, 2], left: count });
  return { ...kernel, button, text, left };
}

it("says what takes a while, and stops and goes on when the person says so", async () => {
  const { button, text, left, said } = await shown();
  expect([text(), button()]).toEqual(["", null]);
  left(2);
  await pass(1000);
  expect(text()).toBe("Finding the labels' surfaces: 2 to go");
  expect(button()?.textContent).toBe("Cancel");
  button()?.click();
  await pass(1000);
  expect(said("stop3d")).toHaveLength(1);
  expect(text()).toBe("Stopped: not everything is shown as it is now");
  expect(button()?.textContent).toBe("Go on");
  button()?.click();
  left(1);
  await pass(1000);
  expect(said("surfaces")).toHaveLength(2);
  expect(text()).toBe("Finding the labels' surfaces: 1 to go");
  left(0);
  await pass(1000);
  expect([text(), button()]).toEqual(["Nothing is labelled yet", null]);
});
