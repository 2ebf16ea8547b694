// What the person does on this page besides what the kernel hears anyhow: when keys and the pointer were used, and which slices
// were looked at. It is told every few seconds; the kernel counts what a label costs.
import type { Connection } from "./connection";
import type { Kernel } from "./kernel";
import type { OpenImage } from "./openImage";
import type { Slice } from "./slice";

/** What a page that dies has not told. */
const TOLD_MS = 8000;
/** An hour without the kernel. */
const MOST_SPANS = 450;

interface Span {
  first: number;
  last: number;
}

type SliceOfImage = [axis: number, index: number];

export class Effort implements Slice {
  private readonly kernel: Pick<Kernel, "send" | "state">;
  private readonly connection: Pick<Connection, "state">;
  private readonly image: Pick<OpenImage, "header" | "epoch">;
  private readonly now: () => number;
  private spans: Span[] = [];
  private span: Span | null = null;
  private readonly seen = new Map<string, SliceOfImage>();
  /** On the screen in the pane that is worked in. */
  private looked: SliceOfImage | null = null;
  private timer: ReturnType<typeof setTimeout> | undefined;

  constructor(
    kernel: Pick<Kernel, "send" | "state" | "beforeSave">,
    connection: Pick<Connection, "state">,
    image: Pick<OpenImage, "header" | "epoch">,
    now = () => performance.now(),
  ) {
    this.kernel = kernel;
    this.connection = connection;
    this.image = image;
    this.now = now;
    kernel.beforeSave = () => this.tell();
  }

  /** A key or the pointer was used. */
  active(): void {
    if (!this.kernel.state.peek()?.logEffort || !this.image.header.peek()) return;
    const now = this.now();
    if (this.span) this.span.last = now;
    else this.span = { first: now, last: now };
    if (this.looked) this.see(this.looked);
    this.timer ??= setTimeout(() => this.tellAgain(), TOLD_MS);
  }

  /** The pane that is worked in shows this slice: an array axis, and the index along it. */
  looksAt(axis: number, index: number): void {
    this.looked = [axis, index];
    // What is shown without anybody there is seen with the next thing that is done.
    if (this.span) this.see(this.looked);
  }

  onClose(): void {
    this.forget();
    this.looked = null;
  }

  dispose(): void {
    this.tell();
    this.forget();
  }

  private see(slice: SliceOfImage): void {
    this.seen.set(slice.join(), slice);
  }

  /** While the kernel cannot be reached it is kept: told later, it would be of another time. */
  private tellAgain(): void {
    this.timer = undefined;
    if (this.connection.state.peek() === "live") return this.tell();
    this.endSpan();
    this.timer = setTimeout(() => this.tellAgain(), TOLD_MS);
  }

  private tell(): void {
    this.endSpan();
    if (this.spans.length > 0) {
      const now = this.now();
      const ago = (time: number) => Math.round(now - time) / 1000;
      const spans = this.spans.map(({ first, last }): [number, number] => [ago(first), ago(last)]);
      this.kernel.send({ type: "work", epoch: this.image.epoch, spans, slices: [...this.seen.values()] });
    }
    this.forget();
  }

  private endSpan(): void {
    if (this.span && this.spans.length < MOST_SPANS) this.spans.push(this.span);
    this.span = null;
  }

  private forget(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    this.spans = [];
    this.span = null;
    this.seen.clear();
  }
}
