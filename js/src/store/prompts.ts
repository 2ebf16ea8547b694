// The prompts: those that the kernel knows, and those on their way to it. Each has an id that the page gives it.
import { computed, type ReadonlySignal, type Signal, signal } from "@preact/signals";
import type { PromptInfo, State, Tell } from "../protocol";
import type { Kernel } from "./kernel";
import type { Objects } from "./objects";
import type { OpenImage } from "./openImage";
import type { Handlers, Slice } from "./slice";
import { Switch } from "./switch";

/** A prompt that is being drawn or moved. */
export interface Sketch {
  prompt: PromptInfo;
}

export class Prompts implements Slice {
  /** Sent and not yet in the kernel's list. */
  readonly sent: Signal<PromptInfo[]> = signal([]);
  /** The pointer is down and draws a prompt, or moves the one of that id. Without it, what the pointer does is forgotten. */
  readonly sketch: Signal<Sketch | null> = signal(null);
  /** The id of the prompt that keys act on. */
  readonly selected: Signal<string | null> = signal(null);
  readonly known: ReadonlySignal<readonly PromptInfo[]>;
  readonly chosen: ReadonlySignal<PromptInfo | null>;
  /** Prompts without an answer; while none is under way they wait for "run". */
  readonly waiting: ReadonlySignal<number>;
  /** The model runs after every prompt. */
  readonly autoRun: Switch;
  readonly handlers: Handlers = { prompts: (message) => this.take(message) };
  private readonly told: Signal<readonly PromptInfo[]> = signal([]);
  private readonly byId = new Map<string, PromptInfo>();
  /** Changed or removed (null) here, until the kernel tells of it. */
  private readonly changed: Signal<ReadonlyMap<string, PromptInfo | null>> = signal(new Map());
  private readonly kernel: Pick<Kernel, "ask">;
  private readonly image: Pick<OpenImage, "epoch">;
  private readonly objects: Pick<Objects, "choose">;

  constructor(
    kernel: Pick<Kernel, "ask" | "state">,
    image: Pick<OpenImage, "epoch">,
    objects: Pick<Objects, "choose">,
  ) {
    this.kernel = kernel;
    this.image = image;
    this.objects = objects;
    this.known = computed(() => {
      const changed = this.changed.value;
      if (changed.size === 0) return this.told.value;
      return this.told.value.flatMap((prompt) => {
        const now = changed.get(prompt.id ?? "");
        return now === undefined ? [prompt] : now === null ? [] : [now];
      });
    });
    this.chosen = computed(() => this.known.value.find(({ id }) => id === this.selected.value) ?? null);
    this.waiting = computed(() => this.known.value.filter(({ waits }) => waits).length + this.sent.value.length);
    this.autoRun = new Switch(kernel, "auto_run", (state) => state.autoRun, true);
  }

  /** Give a prompt for the chosen label. `axis` is the array axis across the plane that it was given in. */
  add(prompt: PromptInfo, axis: number, slice?: number): void {
    const { epoch } = this.image;
    const named = { ...prompt, id: newId() };
    performance.mark("jlabel:prompt-sent", { detail: { epoch } });
    this.kernel.ask({ type: "prompt", epoch, prompt: named, axis, slice });
    this.sent.value = [...this.sent.value, named];
    this.selected.value = null;
  }

  /** Another prompt in the place of the one with this id. */
  change(id: string, prompt: PromptInfo): void {
    const { waits, slice, ...fields } = prompt;
    this.changed.value = new Map(this.changed.value).set(id, { ...prompt, waits: true });
    this.kernel.ask({ type: "change_prompt", epoch: this.image.epoch, id, prompt: fields });
  }

  remove(id: string): void {
    if (this.selected.value === id) this.selected.value = this.beside(id, 1) ?? this.beside(id, -1);
    this.changed.value = new Map(this.changed.value).set(id, null);
    this.kernel.ask({ type: "remove_prompt", epoch: this.image.epoch, id });
  }

  /** What it says belongs to the structure does not, or the other way round. */
  flip(id: string): void {
    const prompt = this.known.value.find((one) => one.id === id);
    if (prompt?.positive !== undefined) this.change(id, { ...prompt, positive: !prompt.positive });
  }

  /** The prompt that many places after the one with this id; the first or last one for null. */
  beside(id: string | null, places: number): string | null {
    const ids = this.known.value.map((prompt) => prompt.id ?? null);
    if (id === null) return (places > 0 ? ids[0] : ids.at(-1)) ?? null;
    return ids[ids.indexOf(id) + places] ?? null;
  }

  /** Keys act on it, and its object is gone on with. */
  select(id: string | null): void {
    this.selected.value = id;
    const object = this.chosen.peek()?.value;
    if (object !== undefined) this.objects.choose(object);
  }

  /** The person thought better of what the pointer draws; true if there was something. */
  dropSketch(): boolean {
    const drawn = this.sketch.value !== null;
    this.sketch.value = null;
    return drawn;
  }

  onState(state: State): void {
    this.autoRun.onState(state);
  }

  onError(): void {
    this.sent.value = [];
    this.changed.value = new Map();
    this.autoRun.onError();
  }

  onClose(): void {
    this.byId.clear();
    this.told.value = [];
    this.sent.value = [];
    this.changed.value = new Map();
    this.sketch.value = null;
    this.selected.value = null;
  }

  private take({ ids, put }: Extract<Tell, { type: "prompts" }>): void {
    for (const prompt of put) this.byId.set(prompt.id ?? "", prompt);
    const present = new Set(ids);
    for (const id of this.byId.keys()) if (!present.has(id)) this.byId.delete(id);
    this.told.value = ids.map((id) => this.byId.get(id)).filter((prompt) => prompt !== undefined);
    this.sent.value = this.sent.value.filter(({ id }) => !present.has(id ?? ""));
    const news = new Set(put.map(({ id }) => id));
    const open = [...this.changed.value].filter(([id]) => present.has(id) && !news.has(id));
    this.changed.value = new Map(open);
    if (this.selected.value !== null && !present.has(this.selected.value)) this.selected.value = null;
  }
}

function newId(): string {
  return Math.random().toString(36).slice(2, 12);
}
