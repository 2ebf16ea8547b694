// The keys in force: those of the registry, but for those that were given from Python.
import type { ViewState } from "../view/viewstate";
import { ariaKey, shown } from "./keynames";
import { ACTIONS, type Action } from "./registry";

/** Keys by action, as Python gives them. */
export type GivenKeys = Readonly<Record<string, readonly string[]>>;

export class Keymap {
  private readonly keys = new Map<string, readonly string[]>();
  private readonly actions = new Map<string, Action>();

  /** A key that was given leaves the action that has it by default. */
  constructor(given: GivenKeys) {
    const taken = new Set(Object.values(given).flat());
    for (const action of ACTIONS) {
      const keys = given[action.id] ?? action.keys.filter((key) => !taken.has(key));
      this.keys.set(action.id, keys);
      for (const key of keys) this.actions.set(key, action);
    }
  }

  actionFor(names: readonly string[]): Action | undefined {
    for (const name of names) {
      const action = this.actions.get(name);
      if (action) return action;
    }
    return undefined;
  }

  keysOf(id: string): readonly string[] {
    return this.keys.get(id) ?? [];
  }
}

let last: { given: GivenKeys; keymap: Keymap } | null = null;

/** What shows a key calls this while it renders, and follows when the keys change. */
export function keymapOf({ session }: Pick<ViewState, "session">): Keymap {
  const given = session.givenKeys.value;
  if (last?.given !== given) last = { given, keymap: new Keymap(given) };
  return last.keymap;
}

/** For a button: what its action does, and the key in force: "Undo (Ctrl+Z)". */
export function tooltip(view: ViewState, id: string, text?: string): string {
  const said = text ?? ACTIONS.find((action) => action.id === id)?.text ?? id;
  const key = keymapOf(view).keysOf(id)[0];
  return key === undefined ? said : `${said} (${shown(key)})`;
}

/** For a button's `aria-keyshortcuts`. */
export function shortcuts(view: ViewState, id: string): string | undefined {
  return (
    keymapOf(view)
      .keysOf(id)
      .map((key) => ariaKey(key))
      .join(" ") || undefined
  );
}
