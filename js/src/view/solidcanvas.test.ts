import { expect, it } from "vitest";
import { solidOpacity } from "./solidcanvas";

it("shows labels of the usual opacity as solid bodies", () => {
  expect([0, 0.2, 0.5, 1].map(solidOpacity)).toEqual([0, 0.4, 1, 1]);
});
