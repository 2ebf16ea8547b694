// Another label of the image beside the draft, as the kernel sends it, and how well the two agree.
import { type Signal, signal } from "@preact/signals";
import type { Agreement, State, Tell } from "../protocol";
import { unpackMask } from "../volume/codec";
import { Mask } from "../volume/mask";
import type { Session } from "./session";

export type CompareBy = "outline" | "sides";

export class Comparing {
  /** How the other label is shown. */
  readonly by: Signal<CompareBy> = signal("outline");
  /** Grows when the other label changes. */
  readonly version = signal(0);
  readonly agreement: Signal<Agreement | null> = signal(null);
  /** The other label; null where there is none, or nothing labelled in it. */
  mask: Mask | null = null;
  private readonly session: Session;
  private number = 0;

  constructor(session: Session) {
    this.session = session;
    session.on("other", (message, buffers) => this.take(message, buffers[0] as Uint8Array));
    session.on("agreement", (message) => {
      if (message.number === this.wanted) this.agreement.value = message;
    });
  }

  get on(): boolean {
    return this.session.state.value?.comparing != null && this.session.header.value !== null;
  }

  /** Show a saved label; without a tag the kernel chooses. */
  start(tag: string | null = null, version: number | null = null): void {
    this.session.ask({ type: "compare", epoch: this.session.currentEpoch, tag, version });
  }

  stop(): void {
    this.session.ask({ type: "stop_comparing" });
  }

  /** Put it in the place of the draft: all of it, or one label. */
  takeOver(value: number | null): void {
    const shown = this.session.state.value?.comparing;
    if (!shown) return;
    const { tag, version } = shown;
    this.session.ask({ type: "take_over", epoch: this.session.currentEpoch, tag, version, value });
  }

  takeState(state: State): void {
    if (state.comparing?.number !== this.number) this.forget();
  }

  /** Another image comes, or nothing is compared any more. */
  forget(): void {
    if (this.mask === null && this.agreement.value === null) return;
    this.mask = null;
    this.agreement.value = null;
    this.version.value++;
  }

  private get wanted(): number | null {
    return this.session.state.value?.comparing?.number ?? null;
  }

  private take({ number, region, dtype }: Extract<Tell, { type: "other" }>, packed: Uint8Array): void {
    const header = this.session.header.value;
    if (!header || number !== this.wanted) return;
    if (number !== this.number) this.forget();
    this.number = number;
    this.mask ??= new Mask(header.shape, dtype);
    this.mask.put(region, unpackMask(packed, region, dtype));
    this.version.value++;
  }
}
