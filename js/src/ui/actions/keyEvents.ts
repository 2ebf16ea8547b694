// Key events, handed to the actions that have their keys.
import type { ViewState } from "../../view/viewState";
import type { Action, Scope } from "./action";
import { keymapOf } from "./keymap";
import { namesOf } from "./keyNames";

/** Actions whose key is down, by the key's place on the keyboard: what is held is let go once, whatever comes between. */
const held = new WeakMap<ViewState, Map<string, Action>>();

export function onKeyDown(view: ViewState, event: KeyboardEvent): void {
  if (event.isComposing || isForControl(event)) return;
  const action = keymapOf(view).actionFor(namesOf(event), scopeOf(event.target));
  if (!action) return;
  event.preventDefault();
  event.stopPropagation();
  if (action.release) {
    const down = heldIn(view);
    if (down.has(event.code)) return;
    down.set(event.code, action);
  }
  action.run(view);
}

export function onKeyUp(view: ViewState, event: KeyboardEvent): void {
  letGo(view, event.code);
}

/** The keyboard is elsewhere: what was held is let go. */
export function releaseKeys(view: ViewState): void {
  for (const code of [...heldIn(view).keys()]) letGo(view, code);
}

function letGo(view: ViewState, code: string): void {
  const down = heldIn(view);
  const action = down.get(code);
  down.delete(code);
  action?.release?.(view);
}

function heldIn(view: ViewState): Map<string, Action> {
  const known = held.get(view) ?? new Map<string, Action>();
  held.set(view, known);
  return known;
}

/** What has the focus says with `data-scope` that keys do something of their own there. */
function scopeOf(target: EventTarget | null): Scope {
  const at = target instanceof HTMLElement ? target.closest<HTMLElement>("[data-scope]") : null;
  return at?.dataset.scope === "solid" ? "solid" : "labeler";
}

/** Keys that a form control under the keyboard's focus needs for itself. */
function isForControl(event: KeyboardEvent): boolean {
  const { key, target } = event;
  if (event.ctrlKey || event.metaKey) return isText(target) && key.toLowerCase() !== "s";
  if (isText(target)) return key !== "Escape";
  if (target instanceof HTMLSelectElement) return key !== "Escape";
  if (target instanceof HTMLInputElement) return /^(Arrow|Page|Home|End)| |Enter/.test(key);
  return target instanceof Element && target.closest("button, summary, a[href]") !== null && /^( |Enter)$/.test(key);
}

function isText(target: EventTarget | null): boolean {
  if (target instanceof HTMLInputElement) return !/^(range|checkbox|radio|color|button|file)$/.test(target.type);
  return target instanceof HTMLTextAreaElement || (target instanceof HTMLElement && target.isContentEditable);
}
