// The draft: the mask as it is here, with this page's own strokes on top of what the kernel sends.
import { type Signal, signal } from "@preact/signals";
import type { Ask, Header, Region, Tell } from "../protocol";
import { unpackBits, unpackMask } from "../volume/codec";
import { Mask } from "../volume/mask";
import { NO_RULES } from "../volume/paintRules";
import { wholeRegion } from "../volume/region";
import type { DrawnStroke, Stroke } from "../volume/stroke";
import type { Kernel } from "./kernel";
import type { OpenImage } from "./openImage";
import { PendingStrokes, packed } from "./pendingStrokes";
import type { Handlers, Slice } from "./slice";

export class Draft implements Slice {
  /** Grows when the mask changes, here or in the kernel. */
  readonly version = signal(0);
  /** Where something changed that the person should see. */
  readonly changedRegion: Signal<Region | null> = signal(null);
  mask: Mask | null = null;
  /** The stroke that is being drawn. */
  drawing: DrawnStroke | null = null;
  /** The mask message that the next drawn frame will be the first to show. */
  unseenMask: { epoch: number; acked: Record<string, number> } | null = null;
  readonly handlers: Handlers = {
    mask: (message, buffers) => this.takeMask(message, buffers[0] as Uint8Array),
    edited: (message, buffers) => this.takeEdited(message, buffers[0]),
    reveal: ({ region }) => {
      this.changedRegion.value = region;
    },
  };
  private readonly kernel: Pick<Kernel, "send" | "cancelSaveThen" | "client">;
  private readonly image: Pick<OpenImage, "epoch">;
  private readonly strokes = new PendingStrokes();

  constructor(kernel: Pick<Kernel, "send" | "cancelSaveThen" | "client">, image: Pick<OpenImage, "epoch">) {
    this.kernel = kernel;
    this.image = image;
  }

  /** The stroke that is being drawn has touched more voxels. */
  strokeChanged(): void {
    this.version.value++;
  }

  /** The pointer is up: the stroke that is painted here goes to the kernel. */
  commit(stroke: Stroke | null): void {
    this.drawing = null;
    this.kernel.cancelSaveThen();
    if (stroke) this.sendStroke(stroke);
  }

  /** A stroke that another kernel had not heard. */
  paintAgain({ region, value, more = false, length }: Extract<Ask, { type: "edit" }>, bytes: Uint8Array): void {
    const { epoch } = this.image;
    // What may be painted is for the kernel to say: its answer comes over it.
    const stroke = { region, value, bits: unpackBits(bytes, region), rules: NO_RULES };
    this.mask?.paint(region, stroke.bits, value);
    this.strokes.add(stroke, this.kernel.send({ type: "edit", epoch, region, value, more, length }, [bytes]));
    this.version.value++;
  }

  onAck(seq: number): void {
    this.strokes.confirmThrough(seq);
  }

  onClose(): void {
    this.strokes.forget();
    this.drawing = null;
    this.mask = null;
    this.changedRegion.value = null;
  }

  onOpen(header: Header): void {
    this.mask = new Mask(header.shape, header.maskDtype);
    this.version.value++;
  }

  /** The mask comes again, whole. */
  onReload(): void {
    this.mask?.clear();
    this.repaint(wholeRegion(this.mask?.shape ?? [0, 0, 0]));
  }

  /** One step of undo, in as many messages as it takes. */
  private sendStroke(stroke: Stroke): void {
    const { epoch } = this.image;
    const parts = packed(stroke);
    for (const [index, { part, bytes }] of parts.entries()) {
      const more = index < parts.length - 1;
      const { region, value } = part;
      const length = more ? 0 : Math.round((stroke.length ?? 0) * 100) / 100;
      this.strokes.add(part, this.kernel.send({ type: "edit", epoch, region, value, more, length }, [bytes]));
    }
  }

  private takeMask(message: Extract<Tell, { type: "mask" }>, packed: Uint8Array): void {
    const { region, dtype, acked, epoch } = message;
    this.strokes.confirmThrough(acked[this.kernel.client] ?? 0);
    this.mask?.put(region, unpackMask(packed, region, dtype));
    this.unseenMask = { epoch, acked };
    this.repaint(region);
  }

  private takeEdited(message: Extract<Tell, { type: "edited" }>, bytes: Uint8Array | undefined): void {
    const { mask } = this;
    if (!mask) return;
    const { region, value } = message;
    if (message.client === this.kernel.client) this.strokes.confirm(message.seq, mask);
    else mask.paint(region, unpackBits(bytes as Uint8Array, region), value);
    this.repaint(region);
  }

  /** What this page has painted and the kernel did not know of yet lies above everything it sends. */
  private repaint(region: Region): void {
    if (!this.mask) return;
    this.strokes.repaint(this.mask, region);
    this.drawing?.repaint();
    this.version.value++;
  }
}
