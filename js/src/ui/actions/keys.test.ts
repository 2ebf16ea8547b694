import { beforeEach, expect, it, vi } from "vitest";
import { opened } from "../../../test/fixtures";
import { ViewState } from "../../view/viewState";
import { GROUPS } from "./action";
import { abbreviated, matching } from "./help";
import { onKeyDown, onKeyUp, releaseKeys } from "./keyEvents";
import { Keymap, tooltip } from "./keymap";
import { keyText, namesOf } from "./keyNames";
import { ACTIONS } from "./registry";

const names = (key: string, held: Partial<KeyboardEvent> = {}) => namesOf({ key, ...held });

it("names keys whatever the platform's modifier, the state of caps lock and the layout", () => {
  expect(names("z", { ctrlKey: true })).toEqual(["mod+z"]);
  expect(names("Z", { metaKey: true, shiftKey: true })).toEqual(["mod+shift+z"]);
  expect(names("B")).toEqual(["b"]);
  expect(names("B", { shiftKey: true })).toEqual(["shift+b", "b"]);
  expect(names("?", { shiftKey: true })).toEqual(["shift+?", "?"]);
  expect(names("PageUp", { shiftKey: true })).toEqual(["shift+pageup"]);
  expect(names("ArrowLeft", { ctrlKey: true, shiftKey: true })).toEqual(["mod+shift+left"]);
  expect(names(" ")).toEqual(["space"]);
  expect(names("я", { code: "KeyZ" })).toEqual(["z"]);
  expect(names("[", { altKey: true })).toEqual(["alt+[", "["]);
  const altGraph = { ctrlKey: true, altKey: true, getModifierState: (key: string) => key === "AltGraph" };
  expect(names("[", altGraph)).toEqual(["["]);
});

it("writes keys as people know them", () => {
  expect(keyText("mod+shift+z", false)).toBe("Ctrl+Shift+Z");
  expect(keyText("mod+shift+z", true)).toBe("⇧⌘Z");
  expect(keyText("shift+up", false)).toBe("Shift+↑");
  expect(keyText("mod++", false)).toBe("Ctrl++");
  expect(keyText("escape", false)).toBe("Esc");
});

it("gives every action a name, a text and a group, and no key to two of one scope", () => {
  const keys = ACTIONS.flatMap(({ keys, scope }) => keys.map((key) => `${scope ?? "labeler"} ${key}`));
  expect(new Set(keys).size).toBe(keys.length);
  const ids = ACTIONS.map(({ id }) => id);
  expect(new Set(ids).size).toBe(ids.length);
  for (const { id, text, group } of ACTIONS) {
    expect(id).toMatch(/^[a-z0-9]+(-[a-z0-9]+)*$/);
    expect(text).toMatch(/^[A-Z].{2,}[^.!]$/);
    expect(GROUPS).toContain(group);
  }
});

it("names all keys as events do", () => {
  for (const key of ACTIONS.flatMap((action) => action.keys))
    expect(key).toMatch(/^(mod\+)?(alt\+)?(shift\+)?([^A-Z\s]|[a-z]+[0-9]*)$/);
});

it("takes a key that is given to one action from the one that has it by default", () => {
  const keymap = new Keymap({ next: ["space"], undo: ["u"] });
  expect(keymap.actionFor(["space"])?.id).toBe("next");
  expect(keymap.keysOf("drag-pans")).toEqual([]);
  expect(keymap.actionFor(["n"])).toBeUndefined();
  expect(keymap.actionFor(["mod+z"])).toBeUndefined();
  expect(keymap.actionFor(["shift+b", "b"])?.id).toBe("brush");
});

it("asks the scope of what has the focus first, name by name", () => {
  const keymap = new Keymap({ "turn-3d-left": ["b"], skip: ["shift+b"] });
  expect(keymap.actionFor(["b"], "solid")?.id).toBe("turn-3d-left");
  expect(keymap.actionFor(["b"])?.id).toBe("brush");
  expect(keymap.actionFor(["shift+b", "b"], "solid")?.id).toBe("skip");
  expect(keymap.keysOf("slice-down")).toEqual(["down", "left"]);
});

it("shortens many keys of a kind in the help, and finds lines by every word", () => {
  expect(abbreviated(["1", "2", "3", "4"])).toEqual(["1 … 4"]);
  expect(abbreviated(["Alt+←", "Alt+→", "Alt+↑", "Alt+↓"])).toEqual(["Alt+ ← → ↑ ↓"]);
  expect(abbreviated(["A", "B"])).toEqual(["A", "B"]);
  expect(abbreviated(["B", "→", "↑", "↓"])).toEqual(["B", "→", "↑", "↓"]);
  const groups = [{ name: "Edit", lines: [{ ids: ["undo"], keys: ["Ctrl+Z"], text: "Undo" }] }];
  expect(matching(groups, "edit ctrl")).toEqual(groups);
  expect(matching(groups, "")).toEqual(groups);
  expect(matching(groups, "redo")).toEqual([]);
});

class FakeElement {
  closest = () => null;
}

beforeEach(() => {
  for (const name of ["Element", "HTMLElement", "HTMLInputElement", "HTMLSelectElement", "HTMLTextAreaElement"])
    vi.stubGlobal(name, class extends FakeElement {});
});

function press(view: ViewState, key: string, code = key): KeyboardEvent {
  const event = { key, code, target: null, preventDefault: vi.fn(), stopPropagation: vi.fn() };
  onKeyDown(view, event as unknown as KeyboardEvent);
  return event as unknown as KeyboardEvent;
}

it("obeys the keys in force, and shows them", () => {
  const { store, said } = opened();
  const view = new ViewState(store);
  expect(tooltip(view, "next")).toBe("Next image (N)");
  store.givenKeys.value = { next: ["x"] };
  expect(tooltip(view, "next")).toBe("Next image (X)");
  const event = press(view, "x");
  expect(said("next")).toHaveLength(1);
  expect(event.stopPropagation).toHaveBeenCalled();
  press(view, "n");
  expect(said("next")).toHaveLength(1);
});

it("lets go of what is held when the key goes up, or the keyboard elsewhere", () => {
  const view = new ViewState(opened().store);
  press(view, " ", "Space");
  expect(view.panning.value).toBe(true);
  onKeyUp(view, { code: "Space" } as KeyboardEvent);
  expect(view.panning.value).toBe(false);
  press(view, " ", "Space");
  releaseKeys(view);
  expect(view.panning.value).toBe(false);
});
