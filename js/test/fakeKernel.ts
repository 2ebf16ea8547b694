// A kernel that a test plays: the same rules and the same order as the real one's, with nothing else in it.
import type { Ask, Region, State, Tell } from "../src/protocol";
import { packBits, unpackBits } from "../src/volume/codec";
import { Mask } from "../src/volume/mask";
import { mayPaint } from "../src/volume/paintRules";
import { regionSize, wholeRegion } from "../src/volume/region";
import { HEADER, STATE } from "./fixtures";

type Numbered = Ask & { client?: string; seq?: number };
type Voxels = Uint8Array<ArrayBuffer>;

const WHOLE = wholeRegion(HEADER.shape);

export class FakeKernel {
  readonly mask = new Mask(HEADER.shape, "uint8");
  readonly locked = new Set<number>();
  overBackground = false;
  label = "organ";
  /** The numbers of all that was handled, in order. */
  readonly handled: number[] = [];
  /** Locked voxels that changed. Stays empty. */
  readonly broken: string[] = [];
  private readonly tell: (message: Tell, ...buffers: Uint8Array[]) => void;
  private readonly acked: Record<string, number> = {};
  private heard = 0;
  private done: Voxels[] = [];
  private undone: Voxels[] = [];
  /** The page whose stroke is not yet told to its end. */
  private unfinished: { client: string; steps: number } | null = null;

  constructor(tell: (message: Tell, ...buffers: Uint8Array[]) => void) {
    this.tell = tell;
  }

  take(ask: Numbered, buffers: Uint8Array[]): void {
    const { client = "", seq } = ask;
    if (ask.type === "hello") this.greet(client);
    if (seq === undefined) return;
    const early = seq > this.heard + 1;
    if (seq === this.heard + 1) {
      this.heard = seq;
      this.handled.push(seq);
      this.handle(ask, client, seq, buffers);
    }
    this.tell({ type: "ack", client, seq: this.heard, ...(early ? { early: seq } : {}) });
  }

  /** A model's answer, or anything else that changes the mask without a page. */
  answer(region: Region, value: number): void {
    this.change(() => {
      this.paint(region, new Uint8Array(regionSize(region)).fill(1), value);
    });
    this.showMask(region);
  }

  /** A stroke of another page. */
  stroke(client: string, seq: number, region: Region, bits: Uint8Array, value: number, more = false): void {
    this.acked[client] = seq;
    if (this.locked.has(value)) {
      this.tell({ type: "error", text: "it is locked" });
      return this.showMask(region, client);
    }
    let whole = true;
    const joins = this.unfinished?.client === client && this.unfinished.steps === this.done.length;
    this.change(() => {
      whole = this.paint(region, bits, value);
    }, joins);
    this.unfinished = more ? { client, steps: this.done.length } : null;
    if (whole) this.tell({ type: "edited", epoch: 1, client, seq, region, value }, packBits(bits));
    else this.showMask(region);
  }

  lock(value: number, on: boolean): void {
    if (on) this.locked.add(value);
    else this.locked.delete(value);
    this.showState();
  }

  private handle(ask: Numbered, client: string, seq: number, buffers: Uint8Array[]): void {
    if (ask.type === "edit")
      this.stroke(client, seq, ask.region, unpackBits(buffers[0] as Uint8Array, ask.region), ask.value, ask.more);
    else if (ask.type === "lock") this.lock(ask.value, ask.locked);
    else if (ask.type === "undo") this.step(this.done, this.undone);
    else if (ask.type === "redo") this.step(this.undone, this.done);
    else if (ask.type === "over_background") this.overBackground = ask.on;
    else if (ask.type === "choose") this.label = ask.value;
    this.showState();
  }

  private greet(client: string): void {
    this.tell({ type: "ack", client, seq: this.heard });
    this.showState();
    this.tell({ type: "image", client, epoch: 1, header: HEADER });
    if (this.mask.data.some((value) => value !== 0)) this.showMask(WHOLE, client);
  }

  private paint(region: Region, bits: Uint8Array, value: number): boolean {
    const { mask } = this;
    const rules = { locked: this.locked, overBackground: this.overBackground };
    const [x0, y0, z0, x1, y1, z1] = region;
    let [from, whole] = [0, true];
    for (let z = z0; z < z1; z++)
      for (let y = y0; y < y1; y++)
        for (let x = x0; x < x1; x++) {
          const at = x + y * mask.strides[1] + z * mask.strides[2];
          if (!bits[from++]) continue;
          if (mayPaint(rules, mask.data[at] as number, value)) mask.data[at] = value;
          else whole = false;
        }
    return whole;
  }

  private change(work: () => void, joins = false): void {
    const before = this.copy();
    work();
    this.check(before);
    if (before.every((value, at) => value === this.mask.data[at])) return;
    if (!joins) this.done.push(before);
    this.undone = [];
  }

  private step(from: Voxels[], to: Voxels[]): void {
    const wanted = from.at(-1);
    if (!wanted) return;
    const before = this.copy();
    const touched = [...before].flatMap((value, at) => (value === wanted[at] ? [] : [value, wanted[at] as number]));
    if (touched.some((value) => this.locked.has(value))) {
      this.tell({ type: "error", text: "it would change what is locked" });
      return;
    }
    from.pop();
    to.push(before);
    this.mask.data.set(wanted);
    this.showMask(WHOLE);
  }

  private copy(): Voxels {
    return Uint8Array.from(this.mask.data);
  }

  private check(before: Voxels): void {
    for (const [at, value] of before.entries()) {
      const now = this.mask.data[at] as number;
      if (now !== value && (this.locked.has(value) || this.locked.has(now))) this.broken.push(`${at}: ${value} ${now}`);
    }
  }

  private showState(): void {
    const { label, overBackground } = this;
    const more: Partial<State> = { label, overBackground, locked: [...this.locked], canUndo: this.done.length > 0 };
    this.tell({ type: "state", state: { ...STATE, ...more } });
  }

  private showMask(region: Region, client?: string): void {
    const { data, strides } = this.mask;
    const [x0, y0, z0, x1, y1, z1] = region;
    const values = new Uint8Array(regionSize(region));
    let to = 0;
    for (let z = z0; z < z1; z++)
      for (let y = y0; y < y1; y++)
        for (let x = x0; x < x1; x++) values[to++] = data[x + y * strides[1] + z * strides[2]] as number;
    const acked = { ...this.acked };
    const page = client === undefined ? {} : { client };
    this.tell({ type: "mask", ...page, epoch: 1, region, dtype: "uint8", acked }, packBits(values));
  }
}
