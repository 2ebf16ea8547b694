// @vitest-environment happy-dom
import { beforeEach, expect, it, vi } from "vitest";
import { isNumber, isRecordOf, Memory } from "./memory";

beforeEach(() => {
  vi.unstubAllGlobals();
  sessionStorage.clear();
  localStorage.clear();
});

it("remembers a value for the tab, or for good", () => {
  for (const kind of ["sessionStorage", "localStorage"] as const) {
    const memory = new Memory("width", kind, isNumber);
    expect(memory.value).toBe(null);
    memory.value = 300;
    expect(new Memory("width", kind, isNumber).value).toBe(300);
    memory.value = null;
    expect(memory.value).toBe(null);
  }
});

it("takes nothing that somebody else has written there", () => {
  const memory = new Memory("sizes", "localStorage", isRecordOf(isNumber));
  for (const text of ["{", "[1]", '"a"', '{"mm":"3"}', "null"]) {
    localStorage.setItem("jlabel:sizes", text);
    expect(memory.value).toBe(null);
  }
  localStorage.setItem("jlabel:sizes", '{"mm":3}');
  expect(memory.value).toEqual({ mm: 3 });
});

it("goes on where nothing may be stored", () => {
  const refuse = () => {
    throw new Error("forbidden");
  };
  vi.stubGlobal("localStorage", { getItem: refuse, setItem: refuse, removeItem: refuse });
  const memory = new Memory("width", "localStorage", isNumber);
  memory.value = 300;
  memory.value = null;
  expect(memory.value).toBe(null);
});
