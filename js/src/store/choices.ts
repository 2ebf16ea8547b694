// The model, the strategy and the label that are chosen: what is chosen here shows at once.
import { type Signal, signal } from "@preact/signals";
import type { LabelInfo, State } from "../protocol";
import type { Kernel } from "./kernel";
import type { Objects } from "./objects";
import type { Slice } from "./slice";

/** What is chosen by its name in the side bar. */
export type Choice = "model" | "strategy" | "label";

export class Choices implements Slice {
  /** Chosen here and not yet said back by the kernel. */
  readonly waiting: Signal<Partial<Record<Choice, string>>> = signal({});
  private readonly kernel: Pick<Kernel, "ask" | "state">;
  private readonly objects: Pick<Objects, "active">;
  /** The number of the last choice. */
  private asked = 0;

  constructor(kernel: Pick<Kernel, "ask" | "state">, objects: Pick<Objects, "active">) {
    this.kernel = kernel;
    this.objects = objects;
  }

  choose(what: Choice, value: string): void {
    this.waiting.value = { ...this.waiting.value, [what]: value };
    this.asked = this.kernel.ask({ type: "choose", what, value });
  }

  chosen(what: Choice): string | null {
    return this.waiting.value[what] ?? this.kernel.state.value?.[what] ?? null;
  }

  /** The chosen label; null where there is none. */
  get activeLabel(): LabelInfo | null {
    const name = this.chosen("label");
    return this.kernel.state.value?.labels.find((label) => label.name === name) ?? null;
  }

  /** The value that the brush paints with: of objects that of the active one; null where there is no label. */
  get activeValue(): number | null {
    const label = this.activeLabel;
    return label ? ((label.instances ? this.objects.active.value : null) ?? label.value) : null;
  }

  /** What the pointer works on, in words: "nucleus 7" of objects. */
  get activeTitle(): string | null {
    const label = this.activeLabel;
    return label && titleOf(label, this.activeValue ?? 0);
  }

  onState(state: State): void {
    const waiting = Object.entries(this.waiting.value).filter(([what, value]) => state[what as Choice] !== value);
    this.waiting.value = Object.fromEntries(waiting);
  }

  onAck(seq: number): void {
    if (seq >= this.asked) this.waiting.value = {};
  }

  onError(): void {
    this.waiting.value = {};
  }
}

/** A label in words, or an object of it: "nucleus 7". */
export function titleOf({ name, instances }: Pick<LabelInfo, "name" | "instances">, value: number): string {
  return instances ? `${name} ${value}` : name;
}
