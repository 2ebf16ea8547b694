// @vitest-environment happy-dom
import { beforeEach, expect, it } from "vitest";
import { opened } from "../../../test/fixtures";
import { ViewState } from "../../view/viewState";
import { FRONT } from "../../view3d/orbit";
import { onKeyDown } from "./keyEvents";

const FROM = { azimuth: 0, elevation: 0, zoom: 2, pan: [3, 4] } as const;
let view: ViewState;
let root: HTMLElement;
let canvas: HTMLCanvasElement;

beforeEach(() => {
  view = new ViewState(opened().store);
  document.body.innerHTML = '<div class="jlabel" tabindex="0"><canvas tabindex="0" data-scope="solid"></canvas></div>';
  root = document.querySelector(".jlabel") as HTMLElement;
  canvas = document.querySelector("canvas") as HTMLCanvasElement;
  root.addEventListener("keydown", (event) => onKeyDown(view, event));
  view.view3dPane = { canvas, scene: { scale: 2 } };
  view.orbit.value = FROM;
});

function press(on: Element, key: string, held: KeyboardEventInit = {}): void {
  on.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true, ...held }));
}

it("turns, pans, zooms and resets while the pane has the focus", () => {
  press(canvas, "ArrowRight");
  expect(view.orbit.value.azimuth).toBe(-15);
  press(canvas, "ArrowUp");
  expect(view.orbit.value.elevation).toBe(-15);
  press(canvas, "ArrowLeft", { shiftKey: true });
  expect(view.orbit.value.pan).toEqual([18, 4]);
  press(canvas, "+", { shiftKey: true });
  expect(view.orbit.value.zoom).toBe(2.5);
  press(canvas, "Home");
  expect(view.orbit.value).toEqual(FRONT);
});

it("leaves the same keys to the planes elsewhere, and its other keys to the labeler", () => {
  const before = view.store.display.cursor.value;
  press(root, "ArrowUp");
  expect(view.orbit.value).toEqual(FROM);
  expect(view.store.display.cursor.value).not.toEqual(before);
  press(canvas, "b");
  expect(view.store.display.tool.value).toBe("brush");
});

it("obeys keys that are given, each in its own scope", () => {
  view.store.givenKeys.value = { "turn-3d-left": ["b"], "look-3d-back": ["k"], save: ["home"] };
  press(canvas, "b");
  expect(view.orbit.value.azimuth).toBe(15);
  expect(view.store.display.tool.value).not.toBe("brush");
  press(canvas, "ArrowLeft");
  expect(view.orbit.value.azimuth).toBe(15);
  press(canvas, "k");
  expect(view.orbit.value).toEqual({ ...FROM, azimuth: 180, pan: [0, 0] });
  // A key given elsewhere takes none from the pane, and the pane's takes none from the tools.
  press(canvas, "Home");
  expect(view.orbit.value).toEqual(FRONT);
  press(root, "b");
  expect(view.store.display.tool.value).toBe("brush");
});

it("goes around the planes and the pane with F6", () => {
  const at = () => (document.activeElement === canvas ? "3d" : view.active.value);
  root.focus();
  const visited = [at()];
  for (let step = 0; step < 4; step++) {
    press(document.activeElement as Element, "F6");
    visited.push(at());
  }
  expect(visited).toEqual(["axial", "coronal", "sagittal", "3d", "axial"]);
  expect(document.activeElement).toBe(root);
  press(root, "F6", { shiftKey: true });
  expect(at()).toBe("3d");
  press(canvas, "F6", { shiftKey: true });
  expect(at()).toBe("sagittal");
});
