// What several people do together: who works on the open image, notes on it, and the whole team.
import { computed, type ReadonlySignal, type Signal, signal } from "@preact/signals";
import type { AnnotatorInfo, ImageNoteInfo, LeaseInfo, ReadingInfo, Tell } from "../protocol";
import type { Kernel } from "./kernel";
import type { OpenImage } from "./openImage";
import type { Handlers, Slice } from "./slice";

export type TeamInfo = Extract<Tell, { type: "team" }>;

export class Teamwork implements Slice {
  /** Who works here; null until the kernel has said so. */
  readonly annotator: ReadonlySignal<AnnotatorInfo | null>;
  /** Who works on the open image; null where nobody does. */
  readonly lease: ReadonlySignal<LeaseInfo | null>;
  /** The person is one of several who read the open image. */
  readonly reading: ReadonlySignal<ReadingInfo | null>;
  readonly notes: ReadonlySignal<readonly ImageNoteInfo[]>;
  /** The whole team, as it was when it was last asked for; null until it has come. */
  readonly team: Signal<TeamInfo | null> = signal(null);
  /** The readers' labels are being compared. */
  readonly comparing: Signal<boolean> = signal(false);
  /** The person would not say who they are: they are not asked again in this page. */
  readonly nameless: Signal<boolean> = signal(false);
  /** A note, as it is typed. */
  readonly note: Signal<string> = signal("");
  readonly handlers: Handlers = {
    team: (message) => {
      this.team.value = message;
      this.comparing.value = false;
    },
  };
  private readonly kernel: Pick<Kernel, "ask" | "send" | "client">;
  private readonly image: Pick<OpenImage, "header">;

  constructor(kernel: Pick<Kernel, "ask" | "send" | "client" | "state">, image: Pick<OpenImage, "header">) {
    this.kernel = kernel;
    this.image = image;
    this.annotator = computed(() => kernel.state.value?.annotator ?? null);
    this.lease = computed(() => (image.header.value ? (kernel.state.value?.lease ?? null) : null));
    this.reading = computed(() => (image.header.value ? (kernel.state.value?.reading ?? null) : null));
    this.notes = computed(() => (image.header.value ? (kernel.state.value?.imageNotes ?? []) : []));
  }

  /** Somebody else works on the open image, and it never was the person's here. */
  get isOthers(): boolean {
    const lease = this.lease.value;
    return lease !== null && !lease.mine && !lease.lost;
  }

  takeOver(): void {
    if (this.image.header.value) this.kernel.ask({ type: "take_over_image" });
  }

  sayName(name: string): void {
    if (name.trim()) this.kernel.ask({ type: "set_annotator", name: name.trim() });
  }

  /** Who works on what; with `agreement` the labels of several readers are compared too, which takes a moment. */
  look(agreement = false): void {
    this.comparing.value = agreement;
    const ask = { type: "ask_for_team", client: this.kernel.client, agreement } as const;
    if (agreement) this.kernel.ask(ask);
    else this.kernel.send(ask);
  }

  addNote(): void {
    const text = this.note.value.trim();
    if (!text || !this.image.header.value) return;
    this.kernel.ask({ type: "note_image", text });
    this.note.value = "";
  }

  onError(): void {
    this.comparing.value = false;
  }

  /** What is typed is about the image that goes. */
  onClose(): void {
    this.note.value = "";
  }
}
