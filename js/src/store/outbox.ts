// What this page asks of the kernel, numbered, and kept until the kernel says that it heard it: once each, in order.
import type { Ask } from "../protocol";

interface Numbered {
  ask: Ask;
  buffers: Uint8Array[];
  seq: number;
}

export class Outbox {
  private readonly send: (message: Ask & { client: string; seq: number }, buffers: Uint8Array[]) => void;
  private readonly client: string;
  private kept: Numbered[] = [];
  private last = 0;
  /** The kernel has said what it heard, so that what follows may go out. */
  private open = false;
  /** The number that the last repetition went up to. */
  private repeated = 0;

  constructor(client: string, send: (message: Ask & { client: string; seq: number }, buffers: Uint8Array[]) => void) {
    this.client = client;
    this.send = send;
  }

  /** How much is asked and not known to have been heard. */
  get size(): number {
    return this.kept.length;
  }

  /** What is asked and not known to have been heard, in order. */
  unheard(): readonly { ask: Ask; buffers: Uint8Array[] }[] {
    return this.kept;
  }

  /** Ask, now or when the kernel can be reached again; returns the number that it has. */
  add(ask: Ask, buffers: Uint8Array[]): number {
    const message = { ask, buffers, seq: ++this.last };
    this.kept.push(message);
    if (this.open) this.post(message);
    return message.seq;
  }

  /** The connection is lost, or new: keep everything until the kernel has said what it heard. */
  hold(): void {
    this.open = false;
  }

  /** The kernel heard all up to `seq`. `early` is the number of something that it refused, because what precedes it is missing. */
  ack(seq: number, early = 0): void {
    this.kept = this.kept.filter((message) => message.seq > seq);
    // Whatever followed the missing one is refused too: one repetition answers all of that.
    if (this.open && early <= this.repeated) return;
    this.open = true;
    this.repeated = this.last;
    for (const message of this.kept) this.post(message);
  }

  private post({ ask, buffers, seq }: Numbered): void {
    this.send({ ...ask, client: this.client, seq }, buffers);
  }
}
