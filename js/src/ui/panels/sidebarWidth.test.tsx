// @vitest-environment happy-dom
import { h, render } from "preact";
import { beforeEach, expect, it } from "vitest";
import { choose, NARROWEST, SidebarEdge, sidebarWidth, WIDEST } from "./sidebarWidth";

let edge: HTMLElement;

beforeEach(() => {
  localStorage.clear();
  choose(null);
  const place = document.createElement("div");
  document.body.replaceChildren(place);
  render(h(SidebarEdge, {}), place);
  edge = document.body.querySelector('[role="separator"]') as HTMLElement;
});

function press(key: string): KeyboardEvent {
  const event = new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true });
  edge.dispatchEvent(event);
  return event;
}

it("is moved with the arrow keys, and the width is remembered", () => {
  choose(300);
  press("ArrowLeft");
  expect(sidebarWidth.value).toBe(316);
  press("ArrowRight");
  press("ArrowRight");
  expect(sidebarWidth.value).toBe(284);
  expect(localStorage.getItem("jlabel:sidebar-width")).toBe("284");
});

it("keeps the arrow keys from stepping through slices, and leaves other keys alone", () => {
  let heard = 0;
  document.body.addEventListener("keydown", () => heard++, { once: false });
  expect(press("ArrowLeft").defaultPrevented).toBe(true);
  expect(heard).toBe(0);
  expect(press("b").defaultPrevented).toBe(false);
  expect(heard).toBe(1);
});

it("goes no further than its ends", () => {
  press("Home");
  expect(sidebarWidth.value).toBe(NARROWEST);
  press("ArrowRight");
  expect(sidebarWidth.value).toBe(NARROWEST);
  press("End");
  press("ArrowLeft");
  expect(sidebarWidth.value).toBe(WIDEST);
});

it("goes back to the usual width", () => {
  choose(400);
  edge.dispatchEvent(new MouseEvent("dblclick", { bubbles: true }));
  expect(sidebarWidth.value).toBe(null);
  expect(localStorage.getItem("jlabel:sidebar-width")).toBe(null);
});
