// A setting that is on or off for all pages of a labeler: the kernel has it, and what is chosen here shows at once.
import { computed, type ReadonlySignal, type Signal, signal } from "@preact/signals";
import type { Ask, State } from "../protocol";
import type { Session } from "./session";

/** What the kernel is asked with `on`. */
type Switched = Extract<Ask, { on: boolean }>["type"];

export class Switch {
  readonly on: ReadonlySignal<boolean>;
  /** Chosen here and not yet said back by the kernel. */
  private readonly asked: Signal<boolean | null> = signal(null);
  private readonly session: Session;
  private readonly type: Switched;
  private readonly known: (state: State) => boolean;

  /** `first` holds until the kernel has said how it is. */
  constructor(session: Session, type: Switched, known: (state: State) => boolean, first = false) {
    this.session = session;
    this.type = type;
    this.known = known;
    this.on = computed(() => {
      const state = session.state.value;
      return this.asked.value ?? (state ? known(state) : first);
    });
  }

  turn(on: boolean): void {
    this.asked.value = on;
    this.session.ask({ type: this.type, on });
  }

  toggle(): void {
    this.turn(!this.on.peek());
  }

  takeState(state: State): void {
    if (this.known(state) === this.asked.value) this.asked.value = null;
  }

  /** What was asked did not happen. */
  forget(): void {
    this.asked.value = null;
  }
}
