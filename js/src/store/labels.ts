// The label set: what the kernel knows of it, how large each label is, and what a person changes.
import { computed, type ReadonlySignal, type Signal, signal } from "@preact/signals";
import type { LabelInfo } from "../protocol";
import type { Kernel } from "./kernel";
import type { Handlers, Slice } from "./slice";

export interface Sizes {
  /** Voxels by label value; a label without one is left out. */
  counts: ReadonlyMap<number, number>;
  /** Millilitres of a voxel; null in a picture. */
  voxelMl: number | null;
}

export class Labels implements Slice {
  readonly list: ReadonlySignal<readonly LabelInfo[]>;
  /** What the chosen model finds and no label is called. */
  readonly offered: ReadonlySignal<readonly string[]>;
  /** Null until the kernel has counted. */
  readonly sizes: Signal<Sizes | null> = signal(null);
  readonly handlers: Handlers = {
    volumes: ({ counts, voxelMl }) => {
      this.sizes.value = { counts: new Map(counts), voxelMl };
    },
  };
  private readonly kernel: Pick<Kernel, "ask">;

  constructor(kernel: Pick<Kernel, "ask" | "state">) {
    this.kernel = kernel;
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
    this.sizes.value = null;
  }
}
