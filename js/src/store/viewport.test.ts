import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { HEADER, opened } from "../../test/fixtures";

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

it("tells how the image is looked at once that rests, and nothing of an image that has just opened", () => {
  const { store, tell, said } = opened();
  vi.advanceTimersByTime(3000);
  expect(said("viewport")).toHaveLength(0);
  store.display.moveCursor([1, 2, 3], HEADER.shape);
  vi.advanceTimersByTime(700);
  store.display.toggleHidden(2);
  vi.advanceTimersByTime(700);
  expect(said("viewport")).toHaveLength(0);
  vi.advanceTimersByTime(400);
  const { cursor, window, hidden, opacity } = { cursor: [1, 2, 3], window: [0, 255], hidden: [2], opacity: 0.5 };
  expect(said("viewport").map(({ ask }) => ask)).toEqual([
    { type: "viewport", epoch: 1, cursor, window, hidden, opacity },
  ]);
  store.display.moveCursor([2, 2, 3], HEADER.shape);
  tell({ type: "image", epoch: 2, header: { ...HEADER, id: "b.nii.gz" } });
  vi.advanceTimersByTime(3000);
  expect(said("viewport")).toHaveLength(1);
  store.close();
});
