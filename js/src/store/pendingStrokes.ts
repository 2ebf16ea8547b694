// This page's strokes that the kernel has not confirmed: they are painted again over any mask that comes meanwhile.
import type { Region } from "../protocol";
import { packBits } from "../volume/codec";
import type { Mask } from "../volume/mask";
import { regionsMeet } from "../volume/region";
import { halves, type Stroke } from "../volume/stroke";

/** Packed bytes of a stroke in one message: well below what a websocket takes. */
const LARGEST = 3_000_000;

/** Voxels of a stroke in one message: the kernel takes it in within a few milliseconds. */
const MOST_VOXELS = 1_000_000;

/** The stroke in parts that are small enough to be sent; what was not touched is left out. */
export function packed(stroke: Stroke): { part: Stroke; bytes: Uint8Array }[] {
  const large = stroke.bits.length > MOST_VOXELS ? halves(stroke) : null;
  if (large) return large.filter(({ bits }) => bits.includes(1)).flatMap(packed);
  const bytes = packBits(stroke.bits);
  const parts = bytes.length > LARGEST ? halves(stroke) : null;
  return parts ? parts.flatMap(packed) : [{ part: stroke, bytes }];
}

interface SentStroke extends Stroke {
  seq: number;
}

export class PendingStrokes {
  private list: SentStroke[] = [];

  /** A stroke that was asked under this number. */
  add(stroke: Stroke, seq: number): void {
    this.list.push({ ...stroke, seq });
  }

  /** The kernel's mask holds this one now, to its last voxel. */
  confirm(seq: number, mask: Mask): void {
    const stroke = this.list.find((sent) => sent.seq === seq);
    this.list = this.list.filter((sent) => sent !== stroke);
    // The kernel's rules may have been others than those that it was drawn under.
    if (stroke) mask.paint(stroke.region, stroke.bits, stroke.value);
  }

  /** The kernel's mask holds all up to this one. */
  confirmThrough(seq: number): void {
    this.list = this.list.filter((stroke) => stroke.seq > seq);
  }

  repaint(mask: Mask, region: Region): void {
    for (const stroke of this.list)
      if (regionsMeet(stroke.region, region)) mask.paint(stroke.region, stroke.bits, stroke.value, stroke.rules);
  }

  /** Another image is open: nothing is left to confirm. */
  forget(): void {
    this.list = [];
  }
}
