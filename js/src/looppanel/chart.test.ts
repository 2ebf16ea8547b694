import { expect, it } from "vitest";
import { imageAxis, onCurve, scoreAxis, ticks, tickTexts } from "./chart";
import { linkWithin } from "./links";
import type { ModelPoint } from "./loopStatus";
import { scoreText, sentence } from "./loopText";

const point = (version: number, images: number, score: number | null, metric = "val_dice"): ModelPoint => ({
  version,
  images,
  score,
  metric,
  in_use: false,
});
const scored = (...pairs: [number, number][]) =>
  pairs.map(([images, score], at) => ({ ...point(at, images, 0), score }));

it("puts versions by their images, and leaves out what cannot be compared", () => {
  const curve = [
    point(1, 10, 3.5, "loss"),
    point(2, 30, 0.7),
    point(3, 20, 0.6),
    point(4, 20, null),
    point(5, 30, 0.8),
  ];
  expect(onCurve(curve).map(({ version }) => version)).toEqual([3, 2, 5]);
  expect(onCurve([point(1, 10, null)])).toEqual([]);
});

it.each([
  [0, 1, [0, 0.2, 0.4, 0.6, 0.8, 1]],
  [0.65, 0.84, [0.65, 0.7, 0.75, 0.8, 0.85]],
  [10, 30, [10, 15, 20, 25, 30]],
  [-3, 3, [-4, -2, 0, 2, 4]],
] as const)("has round ticks around %d and %d", (low, high, expected) => {
  expect(ticks(low, high)).toEqual(expected);
});

it("keeps scores between 0 and 1 there", () => {
  expect(scoreAxis(scored([1, 0], [2, 1]))).toMatchObject({ low: 0, high: 1 });
  expect(scoreAxis(scored([1, 0.99])).high).toBe(1);
  expect(scoreAxis(scored([1, 12], [2, 18])).at).toEqual([10, 12, 14, 16, 18, 20]);
});

it("counts whole images", () => {
  expect(imageAxis(scored([7, 0.5]))).toEqual({ low: 6, high: 8, at: [6, 7, 8] });
  expect(imageAxis(scored([0, 0.5])).at).toEqual([0, 1]);
  expect(imageAxis(scored([5, 0.5], [6, 0.6])).at).toEqual([5, 6]);
  expect(imageAxis(scored([10, 0.5], [120, 0.6]))).toEqual({ low: 10, high: 120, at: [20, 40, 60, 80, 100, 120] });
});

it("writes ticks with as many digits as they need", () => {
  expect(tickTexts([0.65, 0.7, 0.75])).toEqual(["0.65", "0.70", "0.75"]);
  expect(tickTexts([0, 0.5, 1])).toEqual(["0.0", "0.5", "1.0"]);
  expect(tickTexts([10, 20])).toEqual(["10", "20"]);
});

it("makes sentences of clauses, and leaves addresses alone", () => {
  expect(sentence("all is done")).toBe("All is done.");
  expect(sentence("cvat.example.org: it is away!")).toBe("cvat.example.org: it is away!");
  expect(sentence("")).toBe("");
  expect([scoreText(0.7123), scoreText(1234.5), scoreText(null)]).toEqual(["0.712", "1235", "–"]);
});

it.each([
  ["https://cvat.example.org/tasks/1", "https://cvat.example.org/tasks/1"],
  ["https://cvat.example.org:443/tasks/1", "https://cvat.example.org/tasks/1"],
  ["http://cvat.example.org/tasks/1", null],
  ["https://cvat.example.org:8080/tasks/1", null],
  ["https://cvat.example.org@evil.org/", null],
  ["https://user:word@cvat.example.org/", null],
  ["JavaScript:alert(1)", null],
  ["/tasks/1", null],
])("takes %s for a page of the server's or not", (link, expected) => {
  expect(linkWithin(link, "https://cvat.example.org")).toBe(expected);
});
