// This page's strokes that the kernel has not confirmed: they are painted again over any mask that comes meanwhile.
import type { Region } from "../protocol";
import type { Mask } from "../volume/mask";
import { regionsMeet } from "../volume/region";
import type { Stroke } from "../volume/stroke";

export interface SentStroke extends Stroke {
  seq: number;
  packed: Uint8Array;
}

export class PendingStrokes {
  private list: SentStroke[] = [];
  private last = 0;

  add(stroke: Stroke, packed: Uint8Array): SentStroke {
    const sent = { ...stroke, packed, seq: ++this.last };
    this.list.push(sent);
    return sent;
  }

  get all(): readonly SentStroke[] {
    return this.list;
  }

  /** The kernel's mask holds this one now. */
  confirm(seq: number): void {
    this.list = this.list.filter((stroke) => stroke.seq !== seq);
  }

  /** The kernel's mask holds all up to this one. */
  confirmThrough(seq: number): void {
    this.list = this.list.filter((stroke) => stroke.seq > seq);
  }

  repaint(mask: Mask, region: Region): void {
    for (const stroke of this.list)
      if (regionsMeet(stroke.region, region)) mask.paint(stroke.region, stroke.bits, stroke.value);
  }

  /** Another image is open: nothing is left to confirm, and the numbers go on. */
  forget(): void {
    this.list = [];
  }
}
