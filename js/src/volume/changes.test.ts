import { expect, it } from "vitest";
import type { Region } from "../protocol";
import { Changes } from "./changes";

const at = (x: number): Region => [x, 0, 0, x + 1, 1, 1];

it("joins what changed since somebody looked", () => {
  const changes = new Changes();
  const before = changes.now;
  changes.add(at(2));
  changes.add(at(5));
  const between = changes.now;
  changes.add(at(8));
  expect(changes.since(before)).toEqual([2, 0, 0, 9, 1, 1]);
  expect(changes.since(between)).toEqual([8, 0, 0, 9, 1, 1]);
  expect(changes.since(changes.now)).toEqual([0, 0, 0, 0, 0, 0]);
});

it("says that it does not know where too much has changed, or for another's number", () => {
  const changes = new Changes();
  const before = changes.now;
  for (let x = 0; x < 100; x++) {
    changes.add(at(x));
    changes.now;
  }
  expect(changes.since(before)).toBeNull();
  expect(changes.since(before + 1000)).toBeNull();
  expect(changes.since(changes.now - 2)).toEqual([98, 0, 0, 100, 1, 1]);
});
