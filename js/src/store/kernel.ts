// The kernel as this page sees it: what it says of everything small, how far it is with what it does, what is asked of it,
// and why something could not be done.
import { type Signal, signal } from "@preact/signals";
import type { Ask, State } from "../protocol";
import type { Connection } from "./connection";
import type { OpenImage } from "./openImage";
import type { Handlers, Slice } from "./slice";

/** What is meant for the image on screen, and for no other that may be open by the time it arrives. */
const BOUND: ReadonlySet<Ask["type"]> = new Set([
  "undo",
  "redo",
  "save",
  "next",
  "previous",
  "skip",
  "review",
  "looks_right",
  "fit_label",
  "look_further",
  "take_over_image",
  "release_image",
  "accept_label",
  "send_label_back",
  "note_image",
]);

export interface Progress {
  text: string;
  fraction: number | null;
}

export class Kernel implements Slice {
  /** Null until the kernel has said how everything is. */
  readonly state: Signal<State | null> = signal(null);
  readonly progress: Signal<Progress | null> = signal(null);
  /** Why the last things could not be done, a line each, until the person asks for another. */
  readonly error: Signal<string | null> = signal(null);
  /** This page's own id. */
  readonly client: string;
  readonly handlers: Handlers = {
    progress: ({ text, fraction }) => {
      this.progress.value = { text, fraction };
    },
  };
  /** Called before the kernel is asked to save: what belongs to the label is told first. */
  beforeSave: () => void = () => {};
  private readonly connection: Pick<Connection, "ask">;
  private readonly image: Pick<OpenImage, "epoch">;
  private afterSave: Ask | null = null;

  constructor(connection: Pick<Connection, "ask" | "client">, image: Pick<OpenImage, "epoch">) {
    this.connection = connection;
    this.client = connection.client;
    this.image = image;
  }

  /**
   * Something the person wants: a former error is read by now, and a waiting "save, then go on" is overtaken. Returns the
   * number that the kernel will say it has heard.
   */
  ask(message: Ask): number {
    this.dismissError();
    if (message.type === "save") this.beforeSave();
    else this.afterSave = null;
    return this.send(BOUND.has(message.type) ? ({ ...message, epoch: this.image.epoch } as Ask) : message);
  }

  /** Something that the page needs by itself. Returns its number. */
  send(message: Ask, buffers: Uint8Array[] = []): number {
    return this.connection.ask(message, buffers);
  }

  /** Save the draft and, once the kernel says that it is saved, go on. */
  saveThen(next: Ask, save: Extract<Ask, { type: "save" }> = { type: "save" }): void {
    this.afterSave = next;
    this.ask(save);
  }

  /** The draft changed: to go on now would leave the change behind. */
  cancelSaveThen(): void {
    this.afterSave = null;
  }

  /** The person has read what went wrong: no other page needs to show it either. */
  dismissError(): void {
    const errors = this.state.value?.errors ?? [];
    if (this.error.value !== null && errors.length > 0) this.send({ type: "errors_read", errors });
    this.error.value = null;
  }

  fail(text: string): void {
    this.afterSave = null;
    this.error.value = text;
  }

  onState(state: State): void {
    const { saving: before } = this.state.value ?? state;
    this.showErrors(this.state.value?.errors ?? [], state.errors);
    this.state.value = state;
    if (state.busy !== this.progress.value?.text) this.progress.value = null;
    if (this.afterSave && !state.dirty) {
      const next = this.afterSave;
      this.afterSave = null;
      this.ask(next);
    } else if (before && !state.saving) {
      // It was given up, here or in another view.
      this.afterSave = null;
    }
  }

  onError(text: string): void {
    const unread = this.state.value?.errors ?? [];
    this.fail(unread.includes(text) ? unread.join("\n") : text);
  }

  onClose(): void {
    this.progress.value = null;
  }

  /** What was wrong with the former image does not matter any more; what the kernel still says does. */
  onOpen(): void {
    this.error.value = this.state.value?.errors.join("\n") || null;
  }

  private showErrors(before: readonly string[], now: readonly string[]): void {
    const [former, text] = [before.join("\n"), now.join("\n")];
    if (text === former) return;
    if (text) this.error.value = text;
    else if (former.split("\n").includes(this.error.value ?? "") || this.error.value === former)
      this.error.value = null;
  }
}
