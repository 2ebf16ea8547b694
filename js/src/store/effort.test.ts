import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { HEADER, opened, STATE } from "../../test/fixtures";
import { ViewState } from "../view/viewState";

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

/** A labeler in which the first axial slice is looked at, and what it has told of the work. */
function working() {
  const page = opened();
  const view = new ViewState(page.store);
  page.store.display.moveCursor([4, 3, 0], HEADER.shape);
  return { ...page, view, told: () => page.said("work").map(({ ask }) => ask) };
}

it("tells a few seconds later when something was done, and which slices were looked at", () => {
  const { store, view, told } = working();
  store.effort.active();
  vi.advanceTimersByTime(2000);
  for (const slice of [1, 2]) store.display.moveCursor([4, 3, slice], HEADER.shape);
  store.effort.active();
  expect(told()).toEqual([]);
  vi.advanceTimersByTime(8000);
  const slices = [0, 1, 2].map((slice) => [2, slice]);
  expect(told()).toEqual([{ type: "work", epoch: 1, spans: [[8, 6]], slices }]);
  vi.advanceTimersByTime(60_000);
  expect(told()).toHaveLength(1);
  view.close();
  store.close();
});

it("says again where one works, for a label that is saved a second time", () => {
  const { store, told } = working();
  for (let n = 0; n < 2; n++) {
    store.effort.active();
    vi.advanceTimersByTime(10_000);
  }
  expect(told()).toEqual([
    { type: "work", epoch: 1, spans: [[8, 8]], slices: [[2, 0]] },
    { type: "work", epoch: 1, spans: [[8, 8]], slices: [[2, 0]] },
  ]);
  store.close();
});

it("looks at the slices of the pane that is worked in, and not at those that follow the crosshair beside it", () => {
  const { store, view, told } = working();
  store.effort.active();
  store.display.moveCursor([1, 1, 0], HEADER.shape);
  view.active.value = "sagittal";
  store.effort.active();
  vi.advanceTimersByTime(10_000);
  expect(told()).toMatchObject([
    {
      slices: [
        [2, 0],
        [0, 1],
      ],
    },
  ]);
  view.close();
  store.close();
});

it("tells all of it before a save, and what comes after the save apart", () => {
  const { store, asks } = working();
  asks.length = 0;
  store.effort.active();
  store.kernel.ask({ type: "save" });
  store.effort.active();
  store.kernel.saveThen({ type: "next" });
  expect(asks.map(({ ask }) => ask.type)).toEqual(["work", "save", "work", "save"]);
  store.close();
});

it("keeps it while the kernel cannot be reached, each span for itself", () => {
  const { store, tell, connect, told } = working();
  connect("connecting");
  store.effort.active();
  vi.advanceTimersByTime(8000);
  store.effort.active();
  vi.advanceTimersByTime(8000);
  expect(told()).toEqual([]);
  connect("connected");
  tell({ type: "ack", client: store.connection.client, seq: 0 });
  vi.advanceTimersByTime(8000);
  expect(told()).toMatchObject([
    {
      spans: [
        [24, 24],
        [16, 16],
      ],
    },
  ]);
  store.close();
});

it("tells nothing where it is not logged, and nothing of an image that was left", () => {
  const { store, tell, told } = working();
  store.effort.active();
  tell({ type: "image", epoch: 2, header: { ...HEADER, id: "b.nii.gz" } });
  vi.advanceTimersByTime(20_000);
  expect(told()).toEqual([]);
  tell({ type: "state", state: { ...STATE, logEffort: false } });
  store.effort.active();
  vi.advanceTimersByTime(20_000);
  expect(told()).toEqual([]);
  store.close();
});

it("tells the last of it when the page needs the labeler no more", () => {
  const { store, told } = working();
  store.effort.active();
  store.close();
  expect(told()).toHaveLength(1);
});
