// How the person looks at the image: shared by all views of one labeler, and known to the browser alone.
import { effect, type Signal, signal } from "@preact/signals";
import type { Header, Position, ToolName } from "../protocol";
import type { Window } from "../volume/window";
import { looksLikeCt } from "../volume/windowPresets";
import { isNumber, isRecordOf, Memory } from "./memory";
import type { Slice } from "./slice";

export const MIN_RADIUS = 0.1;
export const MAX_RADIUS = 200;
/** How many images' own windows are remembered. */
const MOST_WINDOWS = 100;

export type { ToolName } from "../protocol";

const isWindow = (value: unknown): value is Window =>
  Array.isArray(value) && value.length === 2 && value.every(isNumber);

export class Display implements Slice {
  readonly cursor: Signal<Position> = signal([0, 0, 0]);
  readonly window: Signal<Window> = signal([0, 1]);
  readonly tool: Signal<ToolName> = signal("navigate");
  /** Brush radius in mm. */
  readonly radius = signal(3);
  /** How much of a label hides the image below it, 0 to 1. */
  readonly opacity = signal(0.5);
  /** Labels are drawn as their outline alone. */
  readonly outline = signal(false);
  /** Label values that are not drawn. */
  readonly hidden: Signal<ReadonlySet<number>> = signal(new Set());
  /** Radii that a person has chosen, by the unit of the image: they hold in every image, also after a reload. */
  private readonly radii = new Memory("radius", "sessionStorage", isRecordOf(isNumber));
  /** Windows that a person has chosen, by what they hold for. */
  private readonly windows = new Memory("window", "sessionStorage", isRecordOf(isWindow));
  private header: Header | null = null;
  private readonly stop = effect(() => this.rememberWindow(this.window.value));

  /** Start in the middle of a new image, with the window and the brush that were chosen, or those that suit it. */
  onOpen(header: Header): void {
    const { shape, spacing } = header;
    this.cursor.value = [shape[0] >> 1, shape[1] >> 1, shape[2] >> 1];
    this.header = null;
    this.window.value = [...(this.windows.value?.[holdsFor(header)] ?? header.window)];
    this.header = header;
    const extents = shape.map((n, axis) => n * (spacing[axis] as number));
    const suits = Math.max(Math.max(...extents) * 0.015, Math.min(...spacing) * 2.5);
    this.radius.value = limited(this.radii.value?.[unitOf(header)] ?? suits);
  }

  /** The person chooses a brush. */
  setRadius(mm: number): void {
    this.radius.value = limited(mm);
    if (this.header) this.radii.value = { ...this.radii.value, [unitOf(this.header)]: this.radius.value };
  }

  moveCursor(to: Position, shape: Position): void {
    const next = to.map((v, axis) => Math.min((shape[axis] as number) - 1, Math.max(0, Math.round(v))));
    if (next.some((v, axis) => v !== this.cursor.value[axis])) this.cursor.value = next as Position;
  }

  /** What is painted is seen. */
  show(value: number): void {
    if (this.hidden.value.has(value)) this.toggleHidden(value);
  }

  toggleOutline(): void {
    this.outline.value = !this.outline.value;
  }

  toggleHidden(value: number): void {
    const next = new Set(this.hidden.value);
    if (!next.delete(value)) next.add(value);
    this.hidden.value = next;
  }

  dispose(): void {
    this.stop();
  }

  private rememberWindow([black, white]: Window): void {
    if (!this.header) return;
    const key = holdsFor(this.header);
    const { [key]: former, ...others } = this.windows.value ?? {};
    const own = this.header.window[0] === black && this.header.window[1] === white;
    if (own && !former) return;
    const kept = Object.entries(others).slice(-MOST_WINDOWS + 1);
    this.windows.value = own ? others : { ...Object.fromEntries(kept), [key]: [black, white] };
  }
}

/**
 * For which images a window holds that was chosen in this one: for all whose intensities have the same scale, which are
 * CTs and those of one byte; for this image alone where every image has a scale of its own, as in MR.
 */
function holdsFor(header: Header): string {
  if (looksLikeCt(header)) return "hounsfield";
  return header.dtype === "uint8" ? "byte" : `image ${header.stamp}`;
}

/** A picture's pixels are no millimetres. */
function unitOf({ oriented }: Header): string {
  return oriented ? "mm" : "px";
}

function limited(mm: number): number {
  return Number(Math.min(MAX_RADIUS, Math.max(MIN_RADIUS, mm)).toPrecision(3));
}
