import { expect, it } from "vitest";
import { BINDINGS, keyOf } from "./keys";

const press = (key: string, held: Partial<KeyboardEvent> = {}) => keyOf({ key, ...held } as KeyboardEvent);

it("names keys whatever the platform's modifier and the state of caps lock", () => {
  expect(press("z", { ctrlKey: true })).toBe("mod+z");
  expect(press("Z", { metaKey: true, shiftKey: true })).toBe("mod+shift+z");
  expect(press("B")).toBe("b");
  expect(press("?", { shiftKey: true })).toBe("?");
  expect(press("PageUp", { shiftKey: true })).toBe("shift+PageUp");
});

it("gives no key two meanings", () => {
  const keys = BINDINGS.flatMap((binding) => binding.keys);
  expect(new Set(keys).size).toBe(keys.length);
});
