// The prompts: those that the kernel knows, and those on their way to it. Each has an id that the page gives it.
import { computed, type ReadonlySignal, type Signal, signal } from "@preact/signals";
import type { PromptInfo, State } from "../protocol";
import type { Session } from "./session";

/** A prompt that is being drawn or moved. */
export interface Sketch {
  prompt: PromptInfo;
}

export class Prompts {
  /** Sent and not yet in the kernel's list. */
  readonly sent: Signal<PromptInfo[]> = signal([]);
  /** The pointer is down and draws a prompt. Without it, what the pointer draws is forgotten. */
  readonly sketch: Signal<Sketch | null> = signal(null);
  readonly known: ReadonlySignal<readonly PromptInfo[]>;
  /** The model runs after every prompt. */
  readonly autoRun: ReadonlySignal<boolean>;
  private readonly session: Session;

  constructor(session: Session) {
    this.session = session;
    this.known = computed(() => session.state.value?.prompts ?? []);
    this.autoRun = computed(() => session.state.value?.autoRun ?? true);
  }

  /** Give a prompt for the chosen label. `axis` is the array axis across the plane that it was given in. */
  add(prompt: PromptInfo, axis: number): void {
    const { session } = this;
    const named = { ...prompt, id: newId() };
    performance.mark("jlabel:prompt-sent", { detail: { epoch: session.currentEpoch } });
    session.ask({ type: "prompt", epoch: session.currentEpoch, prompt: named, axis });
    this.sent.value = [...this.sent.value, named];
  }

  /** Another prompt in the place of the one with this id. */
  change(id: string, prompt: PromptInfo): void {
    this.session.ask({ type: "change_prompt", epoch: this.session.currentEpoch, id, prompt });
  }

  remove(id: string): void {
    this.session.ask({ type: "remove_prompt", epoch: this.session.currentEpoch, id });
  }

  runAtOnce(on: boolean): void {
    this.session.ask({ type: "auto_run", on });
  }

  /** The person thought better of what the pointer draws; true if there was something. */
  dropSketch(): boolean {
    const drawn = this.sketch.value !== null;
    this.sketch.value = null;
    return drawn;
  }

  takeState(state: State): void {
    const known = new Set(state.prompts.map(({ id }) => id));
    this.sent.value = this.sent.value.filter(({ id }) => !known.has(id));
  }

  forget(): void {
    this.sent.value = [];
    this.sketch.value = null;
  }
}

function newId(): string {
  return Math.random().toString(36).slice(2, 12);
}
