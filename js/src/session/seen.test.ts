import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { HEADER, opened } from "./fixtures";

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

it("tells how the image is looked at once that rests, and nothing of an image that has just opened", () => {
  const { session, tell, said } = opened();
  vi.advanceTimersByTime(3000);
  expect(said("seen")).toHaveLength(0);
  session.display.moveCursor([1, 2, 3], HEADER.shape);
  vi.advanceTimersByTime(700);
  session.display.toggleHidden(2);
  vi.advanceTimersByTime(700);
  expect(said("seen")).toHaveLength(0);
  vi.advanceTimersByTime(400);
  const { cursor, window, hidden, opacity } = { cursor: [1, 2, 3], window: [0, 255], hidden: [2], opacity: 0.5 };
  expect(said("seen").map(({ ask }) => ask)).toEqual([{ type: "seen", epoch: 1, cursor, window, hidden, opacity }]);
  session.display.moveCursor([2, 2, 3], HEADER.shape);
  tell({ type: "image", epoch: 2, header: { ...HEADER, id: "b.nii.gz" } });
  vi.advanceTimersByTime(3000);
  expect(said("seen")).toHaveLength(1);
  session.close();
});
