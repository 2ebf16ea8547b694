// One loop as its page knows it; jlabel/widget/loop_panel.py is the other side. All views of one panel share it.
import { type Signal, signal } from "@preact/signals";
import { type StaticData, updateStaticOutput } from "../text/staticOutput";
import type { LoopStatus } from "./loopStatus";

export type LoopAction = "start" | "stop" | "pull" | "send";

export interface Told {
  type: "loop";
  /** What the still text in the notebook is marked with. */
  id: string;
  /** Null where it could not be read yet. */
  loop: LoopStatus | null;
  /** What a person has asked for and is under way; without a progress where nobody knows it. */
  doing: { action: LoopAction; progress: number | null; cancelled: boolean } | null;
  /** What the last action has done. */
  said: string;
  /** Why the last action failed, or the loop cannot be read. */
  error: string;
}

export type LoopTell = Told | { type: "still"; data: StaticData };
export type LoopAsk = { type: "hello" | "cancel" | LoopAction };

export interface LoopModel {
  send(content: LoopAsk): void;
  on(event: "msg:custom", handler: (message: LoopTell) => void): void;
  off(event: "msg:custom", handler: (message: LoopTell) => void): void;
  /** What the notebook program has for widgets; only looked at with care. */
  widget_manager?: unknown;
}

export class LoopView {
  readonly told: Signal<Told | null> = signal(null);
  /** What was pressed, until the kernel has answered. */
  readonly asked: Signal<LoopAction | null> = signal(null);
  private readonly model: LoopModel;

  constructor(model: LoopModel) {
    this.model = model;
    model.on("msg:custom", this.take);
  }

  greet(): void {
    this.model.send({ type: "hello" });
  }

  ask(action: LoopAction): void {
    this.asked.value = action;
    this.model.send({ type: action });
  }

  cancel(): void {
    this.model.send({ type: "cancel" });
  }

  close(): void {
    this.model.off("msg:custom", this.take);
  }

  private readonly take = (message: LoopTell): void => {
    if (message.type === "loop") {
      this.told.value = message;
      this.asked.value = null;
    } else if (this.told.value) {
      const mark = `data-jlabel-loop="${this.told.value.id}"`;
      updateStaticOutput(this.model.widget_manager, mark, message.data);
    }
  };
}
