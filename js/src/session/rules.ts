// The rules for painting: locked labels, and painting over the background alone. The kernel holds every change to them too.
import { computed, type ReadonlySignal, type Signal, signal } from "@preact/signals";
import type { State } from "../protocol";
import type { Guard } from "../volume/guard";
import type { Session } from "./session";

export class Rules {
  readonly guard: ReadonlySignal<Guard>;
  /** Changed here and not yet said back by the kernel. */
  private readonly locks: Signal<ReadonlyMap<number, boolean>> = signal(new Map());
  private readonly over: Signal<boolean | null> = signal(null);
  private readonly session: Session;
  /** The number of what was asked last. */
  private asked = 0;

  constructor(session: Session) {
    this.session = session;
    this.guard = computed(() => {
      const locked = new Set(session.state.value?.locked ?? []);
      for (const [value, on] of this.locks.value) on ? locked.add(value) : locked.delete(value);
      return { locked, overBackground: this.over.value ?? session.state.value?.overBackground ?? false };
    });
  }

  isLocked(value: number): boolean {
    return this.guard.value.locked.has(value);
  }

  lock(value: number, locked: boolean): void {
    this.locks.value = new Map(this.locks.value).set(value, locked);
    this.asked = this.session.ask({ type: "lock", value, locked });
  }

  paintOverBackground(on: boolean): void {
    this.over.value = on;
    this.asked = this.session.ask({ type: "over_background", on });
  }

  takeState(state: State): void {
    const waiting = [...this.locks.value].filter(([value, on]) => state.locked.includes(value) !== on);
    this.locks.value = new Map(waiting);
    if (state.overBackground === this.over.value) this.over.value = null;
  }

  /** The kernel has heard all up to a number, and said what it made of that. */
  takeHeard(seq: number): void {
    if (seq >= this.asked) this.forget();
  }

  /** What was asked did not happen. */
  forget(): void {
    this.locks.value = new Map();
    this.over.value = null;
  }
}
