// How the person looks at the image: shared by all views of one labeler, and known to the browser alone.
import { type Signal, signal } from "@preact/signals";
import type { Header, Position } from "../protocol";
import type { ToolName } from "../tools/tool";
import type { Window } from "../volume/window";

export const MIN_RADIUS = 0.1;
export const MAX_RADIUS = 200;

export class Display {
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
  private sizedFor: string | null = null;

  /** Start in the middle of a new image, with its own window and a brush that suits its size. */
  open(header: Header): void {
    const { shape, spacing } = header;
    this.cursor.value = [shape[0] >> 1, shape[1] >> 1, shape[2] >> 1];
    this.window.value = [...header.window];
    const grid = `${shape} ${spacing}`;
    if (this.sizedFor === grid) return;
    this.sizedFor = grid;
    const extents = shape.map((n, axis) => n * (spacing[axis] as number));
    this.setRadius(Math.max(Math.max(...extents) * 0.015, Math.min(...spacing) * 2.5));
  }

  setRadius(mm: number): void {
    this.radius.value = Number(Math.min(MAX_RADIUS, Math.max(MIN_RADIUS, mm)).toPrecision(3));
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
}
