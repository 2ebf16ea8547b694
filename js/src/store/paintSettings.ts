// What the person has set for painting: locked labels, and painting over the background alone. The kernel holds every change
// to the rules that follow from it.
import { computed, type ReadonlySignal, type Signal, signal } from "@preact/signals";
import type { State } from "../protocol";
import type { PaintRules } from "../volume/paintRules";
import type { Kernel } from "./kernel";
import type { Slice } from "./slice";

const VALUES = 65536;
const NONE: readonly never[] = [];

export class PaintSettings implements Slice {
  readonly rules: ReadonlySignal<PaintRules>;
  /** Changed here and not yet said back by the kernel. */
  private readonly locks: Signal<ReadonlyMap<number, boolean>> = signal(new Map());
  private readonly over: Signal<boolean | null> = signal(null);
  private readonly kernel: Pick<Kernel, "ask">;
  /** The number of what was asked last. */
  private asked = 0;

  constructor(kernel: Pick<Kernel, "ask" | "state">) {
    this.kernel = kernel;
    const told = computed(() => kernel.state.value?.locked ?? NONE);
    const known = computed(() => kernel.state.value?.labels ?? NONE);
    // By itself, since most states change neither locks nor labels, and a label of objects has thousands of values.
    const locks = computed(() => {
      const locked = new Set(told.value);
      for (const [value, on] of this.locks.value) on ? locked.add(value) : locked.delete(value);
      const labels = known.value;
      const objects = labels.find(({ instances }) => instances);
      if (objects && locked.has(objects.value)) {
        const others = new Set(labels.map(({ value }) => value));
        for (let value = objects.value + 1; value < VALUES; value++) if (!others.has(value)) locked.add(value);
      }
      return locked;
    });
    this.rules = computed(() => ({
      locked: locks.value,
      overBackground: this.over.value ?? kernel.state.value?.overBackground ?? false,
    }));
  }

  isLocked(value: number): boolean {
    return this.rules.value.locked.has(value);
  }

  lock(value: number, locked: boolean): void {
    this.locks.value = new Map(this.locks.value).set(value, locked);
    this.asked = this.kernel.ask({ type: "lock", value, locked });
  }

  paintOverBackground(on: boolean): void {
    this.over.value = on;
    this.asked = this.kernel.ask({ type: "over_background", on });
  }

  onState(state: State): void {
    const waiting = [...this.locks.value].filter(([value, on]) => state.locked.includes(value) !== on);
    this.locks.value = new Map(waiting);
    if (state.overBackground === this.over.value) this.over.value = null;
  }

  onAck(seq: number): void {
    if (seq >= this.asked) this.onError();
  }

  onError(): void {
    this.locks.value = new Map();
    this.over.value = null;
  }
}
