// That the person is there: an image that one only looks at is kept for them, too. An open tab alone says nothing.
import type { Connection } from "./connection";
import type { Kernel } from "./kernel";
import type { OpenImage } from "./openImage";
import type { Slice } from "./slice";

/** A lease lasts ten of these. */
const EVERY_MS = 60_000;

export class Presence implements Slice {
  private readonly kernel: Pick<Kernel, "send" | "state">;
  private readonly connection: Pick<Connection, "state">;
  private readonly image: Pick<OpenImage, "header" | "epoch">;
  private readonly now: () => number;
  private told = Number.NEGATIVE_INFINITY;

  constructor(
    kernel: Pick<Kernel, "send" | "state">,
    connection: Pick<Connection, "state">,
    image: Pick<OpenImage, "header" | "epoch">,
    now = () => performance.now(),
  ) {
    this.kernel = kernel;
    this.connection = connection;
    this.image = image;
    this.now = now;
  }

  /** A key or the pointer was used. */
  active(): void {
    const now = this.now();
    if (now - this.told < EVERY_MS || !this.image.header.peek()) return;
    if (!this.kernel.state.peek()?.lease?.mine || this.connection.state.peek() !== "live") return;
    this.told = now;
    this.kernel.send({ type: "person_present", epoch: this.image.epoch });
  }

  onClose(): void {
    this.told = Number.NEGATIVE_INFINITY;
  }
}
