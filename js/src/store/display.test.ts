// @vitest-environment happy-dom
import { beforeEach, expect, it } from "vitest";
import { HEADER, opened } from "../../test/fixtures";
import type { Header } from "../protocol";

beforeEach(() => sessionStorage.clear());

const MR: Header = { ...HEADER, dtype: "int16", window: [0, 900], stamp: "mr" };
const CT: Header = { ...HEADER, dtype: "int16", window: [-160, 240], stamp: "ct" };

/** A display as another image, or a page that was loaded again, finds it. */
function display(header: Header) {
  const { display } = opened().store;
  display.onOpen(header);
  return display;
}

it("begins with a brush that suits the image, until the person chooses one", () => {
  const one = display({ ...HEADER, shape: [400, 400, 100] });
  expect(one.radius.value).toBe(6);
  one.onOpen({ ...HEADER, shape: [40, 40, 10] });
  expect(one.radius.value).toBe(2.5);
  one.setRadius(7);
  one.onOpen({ ...HEADER, shape: [400, 400, 100], spacing: [0.5, 0.5, 3] });
  expect(one.radius.value).toBe(7);
  expect(display(HEADER).radius.value).toBe(7);
});

it("keeps pixels and millimetres apart", () => {
  const one = display(HEADER);
  one.setRadius(7);
  one.onOpen({ ...HEADER, oriented: false, flat: "axial", shape: [800, 600, 1] });
  expect(one.radius.value).toBe(12);
  one.setRadius(40);
  one.onOpen(HEADER);
  expect(one.radius.value).toBe(7);
});

it("keeps a window for all images on the same scale", () => {
  const one = display(CT);
  one.window.value = [-1350, 150];
  one.onOpen({ ...CT, stamp: "another", window: [-1000, 800] });
  expect(one.window.value).toEqual([-1350, 150]);
  expect(display(CT).window.value).toEqual([-1350, 150]);
  one.onOpen(HEADER);
  expect(one.window.value).toEqual([0, 255]);
  one.window.value = [20, 200];
  one.onOpen({ ...HEADER, stamp: "another", window: [3, 250] });
  expect(one.window.value).toEqual([20, 200]);
});

it("keeps it for the image alone where each has a scale of its own", () => {
  const one = display(MR);
  one.window.value = [100, 400];
  one.onOpen({ ...MR, stamp: "another", window: [0, 5000] });
  expect(one.window.value).toEqual([0, 5000]);
  one.onOpen(MR);
  expect(one.window.value).toEqual([100, 400]);
});

it("forgets a window that was set back to the image's own", () => {
  const one = display(CT);
  one.window.value = [-1350, 150];
  one.window.value = [...CT.window];
  one.onOpen({ ...CT, stamp: "another", window: [-1000, 800] });
  expect(one.window.value).toEqual([-1000, 800]);
});
