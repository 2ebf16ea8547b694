// Objects of a label that are told apart: each has a value of its own, and one of them is what the pointer works on.
import { computed, type ReadonlySignal, type Signal, signal } from "@preact/signals";
import type { LabelInfo, State } from "../protocol";
import type { Kernel } from "./kernel";
import type { Slice } from "./slice";
import { Switch } from "./switch";

export class Objects implements Slice {
  /** The label whose objects are told apart. */
  readonly label: ReadonlySignal<LabelInfo | null>;
  /** The value of the object that strokes and prompts are for; null where none are told apart. */
  readonly active: ReadonlySignal<number | null>;
  /** A prompt that lies on no object begins a new one. */
  readonly eachPrompt: Switch;
  /** A new object was asked for, and the kernel has not said its value yet. */
  readonly beginning: ReadonlySignal<boolean>;
  /** Chosen here and not yet said back by the kernel. */
  private readonly chosen: Signal<number | null> = signal(null);
  /** The number of the message that asked for a new object. */
  private readonly asked: Signal<number | null> = signal(null);
  private readonly kernel: Pick<Kernel, "ask" | "state">;
  private choice = 0;

  constructor(kernel: Pick<Kernel, "ask" | "state">) {
    this.kernel = kernel;
    this.label = computed(() => kernel.state.value?.labels.find(({ instances }) => instances) ?? null);
    this.active = computed(() => this.chosen.value ?? kernel.state.value?.activeObject ?? null);
    this.beginning = computed(() => this.asked.value !== null);
    this.eachPrompt = new Switch(kernel, "object_each_prompt", (state) => state.objectEachPrompt, true);
  }

  /** The label of a value: of an object that whose objects are told apart. */
  readonly labelOf = (value: number): LabelInfo | undefined => {
    const objects = this.label.value;
    const own = this.kernel.state.value?.labels.find((label) => label.value === value);
    return own ?? (objects && value > objects.value ? objects : undefined);
  };

  begin(): void {
    this.chosen.value = null;
    this.asked.value = this.kernel.ask({ type: "new_object" });
  }

  choose(value: number): void {
    if (value === this.active.peek()) return;
    this.chosen.value = value;
    this.choice = this.kernel.ask({ type: "choose_object", value });
  }

  onState(state: State): void {
    this.eachPrompt.onState(state);
    if (state.activeObject === this.chosen.value) this.chosen.value = null;
  }

  onAck(seq: number): void {
    if (this.asked.value !== null && seq >= this.asked.value) this.asked.value = null;
    if (seq >= this.choice) this.chosen.value = null;
  }

  onError(): void {
    this.chosen.value = null;
    this.asked.value = null;
    this.eachPrompt.onError();
  }

  onClose(): void {
    this.chosen.value = null;
    this.asked.value = null;
  }
}
