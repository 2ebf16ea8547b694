// What the open image shows as a whole: the classes that a person chose, and those that models propose.
import { computed, type ReadonlySignal, type Signal, signal } from "@preact/signals";
import type { ResultInfo, State, TagInfo } from "../protocol";
import type { Kernel } from "./kernel";
import type { OpenImage } from "./openImage";
import type { Slice } from "./slice";

type Chosen = Readonly<Record<string, readonly string[]>>;

export class ImageTags implements Slice {
  /** As the person sees them: with what was chosen here and is not yet said back. */
  readonly tags: ReadonlySignal<readonly TagInfo[]>;
  /** What a model told beside a mask; null for nothing. */
  readonly result: ReadonlySignal<ResultInfo | null>;
  private readonly waiting: Signal<Chosen> = signal({});
  private readonly kernel: Pick<Kernel, "ask">;
  private readonly image: Pick<OpenImage, "header" | "epoch">;

  constructor(kernel: Pick<Kernel, "ask" | "state">, image: Pick<OpenImage, "header" | "epoch">) {
    this.kernel = kernel;
    this.image = image;
    this.tags = computed(() => {
      const waiting = this.waiting.value;
      const known = kernel.state.value?.imageTags ?? [];
      return known.map((tag) => (tag.name in waiting ? { ...tag, chosen: [...(waiting[tag.name] ?? [])] } : tag));
    });
    this.result = computed(() => kernel.state.value?.result ?? null);
  }

  /** The image has this class, and no other of the tag; null takes back what was said. */
  choose(name: string, value: string | null): void {
    this.say(name, value === null ? [] : [value]);
  }

  /** The image has this class, beside others of the tag, or has it no more. */
  toggle(name: string, value: string): void {
    const tag = this.tags.value.find((one) => one.name === name);
    if (tag)
      this.say(
        name,
        tag.classes.filter((one) => tag.chosen.includes(one) !== (one === value)),
      );
  }

  /** The next class of the first tag that has one class an image, and none after the last. */
  chooseNext(): void {
    const tag = this.tags.value.find(({ several }) => !several);
    if (!tag) return;
    const at = tag.chosen[0] === undefined ? -1 : tag.classes.indexOf(tag.chosen[0]);
    this.choose(tag.name, tag.classes[at + 1] ?? null);
  }

  /** What models propose is right, where the person has said nothing yet. */
  accept(): void {
    for (const { name, chosen, proposed } of this.tags.value)
      if (chosen.length === 0 && proposed !== null) this.choose(name, proposed);
  }

  /** Ask the model that tells the classes of this tag. */
  askModel(name: string): void {
    if (this.image.header.value) this.kernel.ask({ type: "ask_for_tag", epoch: this.image.epoch, name });
  }

  onState({ imageTags }: State): void {
    const told = Object.fromEntries(imageTags.map(({ name, chosen }) => [name, chosen]));
    const waiting = Object.entries(this.waiting.value).filter(([name, values]) => !same(told[name] ?? [], values));
    if (waiting.length < Object.keys(this.waiting.value).length) this.waiting.value = Object.fromEntries(waiting);
  }

  onError(): void {
    this.waiting.value = {};
  }

  onClose(): void {
    this.waiting.value = {};
  }

  private say(name: string, values: readonly string[]): void {
    if (!this.image.header.value) return;
    this.waiting.value = { ...this.waiting.value, [name]: values };
    this.kernel.ask({ type: "tag_image", epoch: this.image.epoch, name, values: [...values] });
  }
}

function same(one: readonly string[], other: readonly string[]): boolean {
  return one.length === other.length && one.every((value, at) => value === other[at]);
}
