// What this browser remembers: for as long as the tab is open, or for good. Where it may not, nothing is remembered.

type Kind = "sessionStorage" | "localStorage";

/** One remembered value, as JSON; `isValid` guards against what others have written there. */
export class Memory<T> {
  private readonly key: string;
  private readonly kind: Kind;
  private readonly isValid: (value: unknown) => value is T;

  constructor(name: string, kind: Kind, isValid: (value: unknown) => value is T) {
    this.key = `jlabel:${name}`;
    this.kind = kind;
    this.isValid = isValid;
  }

  get value(): T | null {
    try {
      const value: unknown = JSON.parse(globalThis[this.kind].getItem(this.key) ?? "null");
      return this.isValid(value) ? value : null;
    } catch {
      return null;
    }
  }

  set value(value: T | null) {
    try {
      if (value === null) globalThis[this.kind].removeItem(this.key);
      else globalThis[this.kind].setItem(this.key, JSON.stringify(value));
    } catch {
      // Storage that is full or forbidden: the value holds until the page goes.
    }
  }
}

export function isNumber(value: unknown): value is number {
  return typeof value === "number" && Number.isFinite(value);
}

/** Objects whose values are all of one kind. */
export function isRecordOf<V>(isValid: (value: unknown) => value is V) {
  return (value: unknown): value is Record<string, V> =>
    typeof value === "object" && value !== null && !Array.isArray(value) && Object.values(value).every(isValid);
}
