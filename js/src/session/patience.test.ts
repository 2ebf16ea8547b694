import { signal } from "@preact/signals";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { Patience } from "./patience";

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

function asked(status: string) {
  const unheard = signal(0);
  const kernel = { status, info: Promise.resolve({ supported_features: ["debugger"] }) };
  return { unheard, kernel, patience: new Patience(unheard, kernel) };
}

it("says that a cell holds up what was asked, and no longer once it is heard", () => {
  const { unheard, patience } = asked("busy");
  unheard.value = 1;
  vi.advanceTimersByTime(900);
  expect(patience.waiting.value).toBe(false);
  unheard.value = 2;
  vi.advanceTimersByTime(200);
  expect(patience.waiting.value).toBe(true);
  unheard.value = 0;
  expect(patience.waiting.value).toBe(false);
  vi.advanceTimersByTime(5000);
  expect(patience.waiting.value).toBe(false);
});

it("takes a kernel that hears one after the other for no waiting one", () => {
  const { unheard, patience } = asked("busy");
  for (let round = 0; round < 20; round++) {
    unheard.value = 3;
    vi.advanceTimersByTime(150);
    unheard.value = 2;
    expect(patience.waiting.value).toBe(false);
  }
});

it("blames no cell where none runs, until one does", () => {
  const { unheard, kernel, patience } = asked("idle");
  unheard.value = 1;
  vi.advanceTimersByTime(5000);
  expect(patience.waiting.value).toBe(false);
  kernel.status = "busy";
  vi.advanceTimersByTime(600);
  expect(patience.waiting.value).toBe(true);
  patience.close();
});

it("knows what the kernel says it can do", async () => {
  const { patience } = asked("idle");
  await vi.advanceTimersByTimeAsync(0);
  expect(patience.couldHear.value).toBe(false);
});
