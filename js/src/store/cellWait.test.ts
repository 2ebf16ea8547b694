import { signal } from "@preact/signals";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { CellWait } from "./cellWait";

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

function asked(status: string) {
  const unacked = signal(0);
  const kernel = { status, info: Promise.resolve({ supported_features: ["debugger"] }) };
  return { unacked, kernel, cellWait: new CellWait(unacked, kernel) };
}

it("says that a cell holds up what was asked, and no longer once it is heard", () => {
  const { unacked, cellWait } = asked("busy");
  unacked.value = 1;
  vi.advanceTimersByTime(900);
  expect(cellWait.waiting.value).toBe(false);
  unacked.value = 2;
  vi.advanceTimersByTime(200);
  expect(cellWait.waiting.value).toBe(true);
  unacked.value = 0;
  expect(cellWait.waiting.value).toBe(false);
  vi.advanceTimersByTime(5000);
  expect(cellWait.waiting.value).toBe(false);
});

it("takes a kernel that hears one after the other for no waiting one", () => {
  const { unacked, cellWait } = asked("busy");
  for (let round = 0; round < 20; round++) {
    unacked.value = 3;
    vi.advanceTimersByTime(150);
    unacked.value = 2;
    expect(cellWait.waiting.value).toBe(false);
  }
});

it("blames no cell where none runs, until one does", () => {
  const { unacked, kernel, cellWait } = asked("idle");
  unacked.value = 1;
  vi.advanceTimersByTime(5000);
  expect(cellWait.waiting.value).toBe(false);
  kernel.status = "busy";
  vi.advanceTimersByTime(600);
  expect(cellWait.waiting.value).toBe(true);
  cellWait.close();
});

it("knows what the kernel says it can do", async () => {
  const { cellWait } = asked("idle");
  await vi.advanceTimersByTimeAsync(0);
  expect(cellWait.hearsDuringCells.value).toBe(false);
});
