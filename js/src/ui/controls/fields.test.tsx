// @vitest-environment happy-dom
import { signal } from "@preact/signals";
import { render } from "preact";
import { afterEach, expect, it } from "vitest";
import { NumberField, numberIn } from "./fields";

afterEach(() => {
  document.body.replaceChildren();
});

function shown(start: number, above?: number) {
  const value = signal(start);
  const root = document.body.appendChild(document.createElement("div"));
  render(<NumberField value={value} label="Size" title="Size" above={above} />, root);
  const field = root.querySelector("input") as HTMLInputElement;
  const type = (text: string) => {
    field.value = text;
    field.dispatchEvent(new Event("change", { bubbles: true }));
  };
  const press = (key: string) => field.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true }));
  return { value, field, type, press };
}

it("reads a comma as a point, and what means two things not at all", () => {
  expect(numberIn(" 2.5 ")).toBe(2.5);
  expect(numberIn("2,5")).toBe(2.5);
  expect(numberIn("0,125")).toBe(0.125);
  expect(numberIn("−1000")).toBe(-1000);
  expect(numberIn("1e-3")).toBe(0.001);
  for (const text of ["", " ", "abc", "1,000", "-12,500", "1.2.3", "1,2,3"]) expect(numberIn(text)).toBeNaN();
});

it("takes numbers that are large enough and puts others back", () => {
  const { value, field, type } = shown(3, 0);
  type("2,5");
  expect([value.value, field.value]).toEqual([2.5, "2.5"]);
  for (const text of ["0", "-1", "wide", ""]) {
    type(text);
    expect([value.value, field.value]).toEqual([2.5, "2.5"]);
  }
});

it("steps by the arrow keys from what is typed", () => {
  const { value, field, press } = shown(0.7, 0);
  press("ArrowUp");
  expect([value.value, field.value]).toEqual([1.7, "1.7"]);
  field.value = "4";
  press("ArrowDown");
  expect(value.value).toBe(3);
});
