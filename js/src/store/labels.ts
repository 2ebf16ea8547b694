// The label set: what the kernel knows of it, how large each label is, and what a person changes.
import { computed, type ReadonlySignal, type Signal, signal } from "@preact/signals";
import type { LabelInfo, Tell } from "../protocol";
import type { Kernel } from "./kernel";
import type { Objects } from "./objects";
import type { Handlers, Slice } from "./slice";

export interface Sizes {
  /** Voxels by label value, of objects all together; a label without one is left out. */
  counts: ReadonlyMap<number, number>;
  /** Values of the objects that there are, the lowest first. */
  objects: readonly number[];
  /** Millilitres of a voxel; null in a picture. */
  voxelMl: number | null;
}

type Counted = Pick<Extract<Tell, { type: "volumes" }>, "counts" | "voxelMl">;

export class Labels implements Slice {
  readonly list: ReadonlySignal<readonly LabelInfo[]>;
  /** What the chosen model finds and no label is called. */
  readonly offered: ReadonlySignal<readonly string[]>;
  /** Null until the kernel has counted. */
  readonly sizes: ReadonlySignal<Sizes | null>;
  readonly handlers: Handlers = {
    volumes: ({ counts, voxelMl }) => {
      this.counted.value = { counts, voxelMl };
    },
  };
  private readonly kernel: Pick<Kernel, "ask">;
  private readonly counted: Signal<Counted | null> = signal(null);

  constructor(kernel: Pick<Kernel, "ask" | "state">, objects: Pick<Objects, "labelOf">) {
    this.kernel = kernel;
    this.sizes = computed(() => this.counted.value && summed(this.counted.value, objects));
    this.list = computed(() => kernel.state.value?.labels ?? []);
    this.offered = computed(() => kernel.state.value?.offeredLabels ?? []);
  }

  add(name: string): void {
    this.kernel.ask({ type: "add_label", name });
  }

  /** Several at once, such as all that are offered. */
  addAll(names: readonly string[]): void {
    this.kernel.ask({ type: "add_labels", names: [...names] });
  }

  rename(value: number, name: string): void {
    this.kernel.ask({ type: "rename_label", value, name });
  }

  recolor(value: number, color: string): void {
    this.kernel.ask({ type: "recolor_label", value, color });
  }

  /** Give each of its objects a value of its own, or not any more. */
  tellApart(value: number, apart: boolean): void {
    this.kernel.ask({ type: "tell_apart", value, apart });
  }

  /** To another place in the list, counted from 0. */
  move(value: number, place: number): void {
    const last = this.list.peek().length - 1;
    this.kernel.ask({ type: "move_label", value, place: Math.min(last, Math.max(0, place)) });
  }

  merge(value: number, into: number): void {
    this.kernel.ask({ type: "merge_label", value, into });
  }

  delete(value: number): void {
    this.kernel.ask({ type: "delete_label", value });
  }

  onClose(): void {
    this.counted.value = null;
  }
}

function summed({ counts, voxelMl }: Counted, { labelOf }: Pick<Objects, "labelOf">): Sizes {
  const sums = new Map<number, number>();
  const objects: number[] = [];
  for (const [value, voxels] of counts) {
    const label = labelOf(value);
    const of = label?.value ?? value;
    sums.set(of, (sums.get(of) ?? 0) + voxels);
    if (label?.instances) objects.push(value);
  }
  return { counts: sums, objects, voxelMl };
}
