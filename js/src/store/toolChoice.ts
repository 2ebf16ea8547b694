// The chosen tool, which is one for all pages of a labeler: what is chosen here shows at once, and the kernel has it.
import { effect } from "@preact/signals";
import type { State, ToolName } from "../protocol";
import type { Display } from "./display";
import type { Kernel } from "./kernel";
import type { Slice } from "./slice";

export class ToolChoice implements Slice {
  private readonly display: Pick<Display, "tool">;
  private readonly stop: () => void;
  /** What the kernel has, or was asked for. */
  private known: ToolName;
  /** The number of the last choice, while the kernel has not heard it. */
  private asked: number | null = null;

  constructor(kernel: Pick<Kernel, "send">, display: Pick<Display, "tool">) {
    this.display = display;
    this.known = display.tool.peek();
    this.stop = effect(() => {
      const tool = display.tool.value;
      if (tool === this.known) return;
      this.known = tool;
      this.asked = kernel.send({ type: "choose", what: "tool", value: tool });
    });
  }

  onState({ tool }: State): void {
    if (this.asked !== null) return;
    this.known = tool;
    this.display.tool.value = tool;
  }

  onAck(seq: number): void {
    if (this.asked !== null && seq >= this.asked) this.asked = null;
  }

  dispose(): void {
    this.stop();
  }
}
