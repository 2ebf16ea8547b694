// The keys in force: those of the registry, but for those that were given from Python.
import type { ViewState } from "../../view/viewState";
import type { Action, Scope } from "./action";
import { ariaKey, keyText } from "./keyNames";
import { ACTIONS, actionNamed } from "./registry";

/** Keys by action, as Python gives them. */
export type GivenKeys = Readonly<Record<string, readonly string[]>>;

export class Keymap {
  private readonly keys = new Map<string, readonly string[]>();
  private readonly actions: Record<Scope, Map<string, Action>> = { labeler: new Map(), solid: new Map() };

  /** A key that was given leaves the action of the same scope that has it by default. */
  constructor(given: GivenKeys) {
    const taken: Record<Scope, Set<string>> = { labeler: new Set(), solid: new Set() };
    for (const action of ACTIONS) for (const key of given[action.id] ?? []) taken[scopeOf(action)].add(key);
    for (const action of ACTIONS) {
      const scope = scopeOf(action);
      const keys = given[action.id] ?? action.keys.filter((key) => !taken[scope].has(key));
      this.keys.set(action.id, keys);
      for (const key of keys) this.actions[scope].set(key, action);
    }
  }

  /** For a key's names, the most precise first. What a narrower scope does not know is the labeler's. */
  actionFor(names: readonly string[], scope: Scope = "labeler"): Action | undefined {
    for (const name of names) {
      const action = this.actions[scope].get(name) ?? this.actions.labeler.get(name);
      if (action) return action;
    }
    return undefined;
  }

  keysOf(id: string): readonly string[] {
    return this.keys.get(id) ?? [];
  }
}

function scopeOf({ scope }: Action): Scope {
  return scope ?? "labeler";
}

let last: { given: GivenKeys; keymap: Keymap } | null = null;

/** What shows a key calls this while it renders, and follows when the keys change. */
export function keymapOf({ store }: Pick<ViewState, "store">): Keymap {
  const given = store.givenKeys.value;
  if (last?.given !== given) last = { given, keymap: new Keymap(given) };
  return last.keymap;
}

/** For a button: what its action does, and the key in force: "Undo (Ctrl+Z)". */
export function tooltip(view: ViewState, id: string, text?: string): string {
  const said = text ?? actionNamed(id)?.text ?? id;
  const key = keymapOf(view).keysOf(id)[0];
  return key === undefined ? said : `${said} (${keyText(key)})`;
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
