// The polygon that is being drawn: its corners so far, in the slice that it was begun in.
import { effect, type Signal, signal } from "@preact/signals";
import type { Position } from "../protocol";
import type { PlaneGeometry } from "../volume/planeGeometry";
import type { Display } from "./display";
import type { Slice } from "./slice";

export interface Polygon {
  geometry: PlaneGeometry;
  slice: number;
  /** In voxel coordinates. */
  points: readonly Position[];
  /** It takes labels away. */
  erases: boolean;
}

/** More points than a pointer can give in one outline; what follows is left out. */
const MOST = 20_000;

export class PolygonSketch implements Slice {
  readonly sketch: Signal<Polygon | null> = signal(null);
  readonly dispose: () => void;

  constructor(display: Pick<Display, "tool">) {
    this.dispose = effect(() => {
      if (display.tool.value !== "polygon") this.sketch.value = null;
    });
  }

  begin(geometry: PlaneGeometry, point: Position, erases: boolean): void {
    this.sketch.value = { geometry, slice: Math.round(point[geometry.normal] as number), points: [point], erases };
  }

  add(points: readonly Position[]): void {
    const sketch = this.sketch.peek();
    if (sketch) this.sketch.value = { ...sketch, points: [...sketch.points, ...points].slice(0, MOST) };
  }

  /** Take the last corner back; returns whether there was one. */
  removeLast(): boolean {
    const sketch = this.sketch.peek();
    if (!sketch) return false;
    const points = sketch.points.slice(0, -1);
    this.sketch.value = points.length > 0 ? { ...sketch, points } : null;
    return true;
  }

  onClose(): void {
    this.giveUp();
  }

  /** Forget it; returns whether there was something. */
  giveUp(): boolean {
    const drawn = this.sketch.peek() !== null;
    this.sketch.value = null;
    return drawn;
  }
}
