// A setting that is on or off for all pages of a labeler: the kernel has it, and what is chosen here shows at once.
import { computed, type ReadonlySignal, type Signal, signal } from "@preact/signals";
import type { Ask, State } from "../protocol";
import type { Kernel } from "./kernel";
import type { Slice } from "./slice";

/** What the kernel is asked with `on`. */
type Switched = Extract<Ask, { on: boolean }>["type"];

export class Switch implements Slice {
  readonly on: ReadonlySignal<boolean>;
  /** Chosen here and not yet said back by the kernel. */
  private readonly asked: Signal<boolean | null> = signal(null);
  private readonly kernel: Pick<Kernel, "ask">;
  private readonly type: Switched;
  private readonly known: (state: State) => boolean;

  /** `first` holds until the kernel has said how it is. */
  constructor(kernel: Pick<Kernel, "ask" | "state">, type: Switched, known: (state: State) => boolean, first = false) {
    this.kernel = kernel;
    this.type = type;
    this.known = known;
    this.on = computed(() => {
      const state = kernel.state.value;
      return this.asked.value ?? (state ? known(state) : first);
    });
  }

  turn(on: boolean): void {
    this.asked.value = on;
    this.kernel.ask({ type: this.type, on });
  }

  toggle(): void {
    this.turn(!this.on.peek());
  }

  onState(state: State): void {
    if (this.known(state) === this.asked.value) this.asked.value = null;
  }

  onError(): void {
    this.asked.value = null;
  }
}
