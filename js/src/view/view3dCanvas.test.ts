import { expect, it } from "vitest";
import { surfaceOpacity } from "./view3dCanvas";

it("shows labels of the usual opacity as solid bodies", () => {
  expect([0, 0.2, 0.5, 1].map(surfaceOpacity)).toEqual([0, 0.4, 1, 1]);
});
