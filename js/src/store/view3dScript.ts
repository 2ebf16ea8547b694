// The 3D view's script: fetched from the kernel when it is first wanted, and kept for the page.
import { type Signal, signal } from "@preact/signals";
import type { Tell } from "../protocol";
import type { View3dModule } from "../view3d/api";
import { Pieces } from "./pieces";

export type ScriptState = "absent" | "loading" | "ready" | "failed";

/** Longer than a kernel that answers at all takes. */
const TIMEOUT_MS = 20_000;

export type Importer = (address: string) => Promise<View3dModule>;

export class View3dScript {
  readonly state: Signal<ScriptState> = signal("absent");
  /** Why it failed. */
  readonly problem: Signal<string> = signal("");
  module: View3dModule | null = null;
  private readonly request: () => void;
  private readonly load: Importer;
  private readonly pieces = new Pieces();
  private timer: ReturnType<typeof setTimeout> | undefined;

  constructor(request: () => void, load: Importer = (address) => import(/* @vite-ignore */ address)) {
    this.request = request;
    this.load = load;
  }

  /** Ask for it, unless it is here or on its way. */
  want(): void {
    if (this.state.peek() === "ready" || this.state.peek() === "loading") return;
    this.state.value = "loading";
    this.wait();
    this.request();
  }

  take(message: Extract<Tell, { type: "view3d" }>, data: Uint8Array | undefined): void {
    if (this.state.peek() !== "loading") return;
    if (message.error !== undefined) return this.fail(message.error);
    this.wait();
    const script = this.pieces.take(message, data as Uint8Array);
    if (script) void this.start(script);
  }

  fail(problem: string): void {
    clearTimeout(this.timer);
    this.problem.value = problem;
    this.state.value = "failed";
  }

  private wait(): void {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.fail("The kernel did not answer. A running cell may hold it up."), TIMEOUT_MS);
  }

  private async start(script: Uint8Array): Promise<void> {
    const address = URL.createObjectURL(new Blob([script as BlobPart], { type: "text/javascript" }));
    try {
      this.module = await this.load(address);
      clearTimeout(this.timer);
      this.state.value = "ready";
    } catch (error) {
      this.fail(`The browser could not run the 3D view: ${(error as Error).message}`);
    } finally {
      URL.revokeObjectURL(address);
    }
  }
}
