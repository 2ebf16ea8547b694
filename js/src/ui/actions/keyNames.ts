// How keys are named (`s`, `mod+z`, `shift+up`, `space`), read from events, and written for people.
// jlabel/widget/keymap.py knows the same names.

/** Named keys whose name is not just the browser's in lower case. */
const NAMES: Readonly<Record<string, string>> = {
  " ": "space",
  ArrowUp: "up",
  ArrowDown: "down",
  ArrowLeft: "left",
  ArrowRight: "right",
};

const SHOWN: Readonly<Record<string, string>> = {
  up: "↑",
  down: "↓",
  left: "←",
  right: "→",
  space: "Space",
  enter: "Enter",
  escape: "Esc",
  tab: "Tab",
  backspace: "Backspace",
  delete: "Delete",
  insert: "Insert",
  home: "Home",
  end: "End",
  pageup: "Page up",
  pagedown: "Page down",
};

/** Control is named `mod`, and so is the command key of a Mac. */
const MODIFIERS = ["mod", "alt", "shift"] as const;

type Press = Pick<KeyboardEvent, "key"> & Partial<KeyboardEvent>;

/**
 * The names that an event goes by, the most precise first. Shift is part of a character (`?`, `B`), but where something
 * is bound to shift and a letter, that comes first; so is alt, where a layout needs it for brackets and the like.
 */
export function namesOf(event: Press): string[] {
  const { key } = event;
  const character = key.length === 1 && key !== " ";
  const composed = character && !/[a-z0-9]/i.test(key) && !/\p{L}/u.test(key);
  const graph = event.getModifierState?.("AltGraph") ?? false;
  const name = character ? letterOf(event) : (NAMES[key] ?? key.toLowerCase());
  const mod = !graph && Boolean(event.ctrlKey || event.metaKey);
  const alt = !graph && Boolean(event.altKey);
  const prefix = (held: { mod: boolean; alt: boolean; shift: boolean }) =>
    MODIFIERS.filter((modifier) => held[modifier])
      .map((modifier) => `${modifier}+`)
      .join("");
  const names = [prefix({ mod, alt, shift: Boolean(event.shiftKey) }) + name];
  if (character && event.shiftKey && (composed || !mod)) names.push(prefix({ mod, alt, shift: false }) + name);
  if (composed && alt) names.push(prefix({ mod, alt: false, shift: false }) + name);
  return names;
}

/** A letter by what it writes; on a keyboard without Latin letters, by where it is. */
function letterOf({ key, code }: Press): string {
  const letter = /^Key([A-Z])$/.exec(code ?? "")?.[1];
  return (letter && /[^\x20-\x7f]/.test(key) ? letter : key).toLowerCase();
}

export function isMac(): boolean {
  return /Mac|iPhone|iPad/.test(globalThis.navigator?.platform ?? "");
}

/** A key as people write it: `Ctrl+Shift+Z`, and `⇧⌘Z` on a Mac. */
export function keyText(key: string, mac: boolean = isMac()): string {
  const { held, name } = parts(key);
  const text = SHOWN[name] ?? name.toUpperCase();
  const signs = mac ? { mod: "⌘", alt: "⌥", shift: "⇧" } : { mod: "Ctrl", alt: "Alt", shift: "Shift" };
  const order = mac ? [...MODIFIERS].reverse() : MODIFIERS;
  const written = order.filter((modifier) => held.has(modifier)).map((modifier) => signs[modifier]);
  return [...written, text].join(mac ? "" : "+");
}

/** As the ARIA attribute `aria-keyshortcuts` wants it. */
export function ariaKey(key: string, mac: boolean = isMac()): string {
  const { held, name } = parts(key);
  const signs = { mod: mac ? "Meta" : "Control", alt: "Alt", shift: "Shift" };
  const arrow = /^(up|down|left|right)$/.test(name) ? `Arrow${name[0]?.toUpperCase()}${name.slice(1)}` : null;
  const named =
    arrow ?? (SHOWN[name] ? SHOWN[name].replace(" u", "U").replace(" d", "D").replace("Esc", "Escape") : name);
  return [...MODIFIERS.filter((modifier) => held.has(modifier)).map((modifier) => signs[modifier]), named].join("+");
}

function parts(key: string): { held: Set<string>; name: string } {
  const held = new Set<string>();
  let name = key;
  for (const modifier of MODIFIERS)
    if (name.startsWith(`${modifier}+`) && name.length > modifier.length + 1) {
      held.add(modifier);
      name = name.slice(modifier.length + 1);
    }
  return { held, name };
}
