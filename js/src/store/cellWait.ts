// Whether what the person did waits for a cell: kernels without subshells hear widgets only between cells.
import { effect, type ReadonlySignal, type Signal, signal } from "@preact/signals";

/** How long nothing of what was asked may be heard before that is said. */
const SILENCE_MS = 1000;

/** What this uses of JupyterLab's kernel connection. */
export interface KernelStatus {
  readonly status?: string;
  readonly info?: Promise<{ supported_features?: string[] }>;
}

export class CellWait {
  /** A cell is running, and what was asked is done when it ends. */
  readonly waiting: Signal<boolean> = signal(false);
  /** The kernel could hear widgets while a cell runs; null until that is known. */
  readonly hearsDuringCells: Signal<boolean | null> = signal(null);
  private readonly kernel: KernelStatus | undefined;
  private readonly stop: () => void;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private before = 0;

  /** `unacked` is how much was asked and is not known to have been heard. */
  constructor(unacked: ReadonlySignal<number>, kernel: KernelStatus | undefined) {
    this.kernel = kernel;
    this.stop = effect(() => this.follow(unacked.value));
    kernel?.info
      ?.then(({ supported_features }) => {
        this.hearsDuringCells.value = supported_features?.includes("kernel subshells") ?? false;
      })
      .catch(() => {});
  }

  close(): void {
    this.stop();
    clearTimeout(this.timer);
  }

  private follow(count: number): void {
    const heard = count < this.before;
    if (count === 0 || heard) {
      clearTimeout(this.timer);
      this.timer = undefined;
      this.waiting.value = false;
    }
    this.before = count;
    if (count > 0 && this.timer === undefined) this.timer = setTimeout(this.look, SILENCE_MS);
  }

  private readonly look = (): void => {
    this.waiting.value = this.kernel?.status === "busy";
    this.timer = setTimeout(this.look, SILENCE_MS / 2);
  };
}
