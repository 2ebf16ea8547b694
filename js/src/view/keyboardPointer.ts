// The crosshair as a pointer: moved by keys, and pressed to use the tool where it is.
import { type Signal, signal } from "@preact/signals";
import type { PlaneName, Position } from "../protocol";
import type { Store } from "../store/store";
import { toolNamed } from "../tools";
import { closePolygon } from "../tools/polygon";
import type { Gesture, PointerSpot } from "../tools/tool";
import type { PlaneGeometry } from "../volume/planeGeometry";
import type { Frame, Size, Viewport } from "./viewport";

/** Pixels that stay between the crosshair and the edge of its pane. */
const MARGIN = 24;

/** The view that it points in, as far as it needs to know it. */
export interface PointedView {
  readonly store: Store;
  readonly hover: Signal<unknown>;
  readonly activeGeometry: PlaneGeometry | null;
  readonly viewports: Readonly<Record<PlaneName, Signal<Viewport>>>;
  readonly sizes: Readonly<Record<PlaneName, Size>>;
  frameOf(name: PlaneName): Frame | null;
}

/** A tool that is pressed down at the crosshair. */
interface Pressed {
  gesture: Gesture;
  geometry: PlaneGeometry;
  epoch: number;
  /** It is worth something without a move: a dab of the brush, a corner. */
  dabs: boolean;
  moved: boolean;
}

export class KeyboardPointer {
  /** Keys were used last, not the pointer. */
  readonly inUse = signal(false);
  private readonly view: PointedView;
  private pressed: Pressed | null = null;

  constructor(view: PointedView) {
    this.view = view;
  }

  /** Move the crosshair in the active plane, and what is pressed with it. */
  move(columns: number, rows: number): void {
    const { store } = this.view;
    const header = store.image.header.peek();
    const geometry = this.current()?.geometry ?? this.view.activeGeometry;
    if (!header || !geometry || (this.isDrawing && !this.pressed)) return;
    const { cursor } = store.display;
    const [column, row] = geometry.toPlane(cursor.value);
    const slice = cursor.value[geometry.normal] as number;
    store.display.moveCursor(geometry.toVoxel([column + columns, row + rows], slice), header.shape);
    this.showPlace();
    this.keepInSight(geometry, cursor.value);
    if (!this.pressed) return;
    this.pressed.moved = true;
    this.pressed.gesture.move([spotAt(geometry, cursor.value, false)]);
  }

  /** Press the chosen tool; where one is pressed already, let it go. */
  press(alternate: boolean): void {
    if (this.current()) return this.finish();
    const { store, hover } = this.view;
    const geometry = this.view.activeGeometry;
    if (!geometry || this.isDrawing) return;
    const tool = toolNamed(store.display.tool.peek());
    const corners = store.polygon.sketch.peek()?.points ?? [];
    const byMouse = !this.inUse.peek() && hover.peek() !== null;
    if (this.inUse.peek()) {
      // As a double-click: pressed again where the last corner is.
      if (isAt(corners.at(-1), store.display.cursor.peek()) && closePolygon(store)) return;
    } else if (corners.length > 0 && (corners.length > 2 || byMouse) && closePolygon(store)) return;
    // A hand on the mouse looks elsewhere than at the crosshair: a first press only shows where a second one would be.
    if (byMouse) return this.showPlace();
    const spot = spotAt(geometry, store.display.cursor.peek(), alternate);
    this.showPlace();
    if (!tool.press) return tool.tap?.(store, spot);
    const gesture = tool.press(store, spot);
    const dabs = tool.sized || tool.corners === true;
    if (gesture) this.pressed = { gesture, geometry, epoch: store.image.epoch, dabs, moved: false };
  }

  /** The key is let go. What needs a way and has none yet stays pressed until the next press, so that nobody must hold. */
  release(): void {
    if (this.pressed?.dabs || this.pressed?.moved) this.finish();
  }

  /** As if nothing had been pressed; returns whether anything was. */
  cancel(): boolean {
    const pressed = this.current();
    this.pressed = null;
    pressed?.gesture.cancel();
    return pressed !== null;
  }

  /** The crosshair is what points now. */
  private showPlace(): void {
    this.inUse.value = true;
    this.view.hover.value = null;
  }

  private finish(): void {
    const pressed = this.current();
    this.pressed = null;
    pressed?.gesture.end();
  }

  /** What is pressed, unless another image came meanwhile. */
  private current(): Pressed | null {
    if (this.pressed?.epoch !== this.view.store.image.epoch) this.pressed = null;
    return this.pressed;
  }

  private get isDrawing(): boolean {
    const { store } = this.view;
    return store.draft.drawing !== null || store.prompts.sketch.peek() !== null;
  }

  private keepInSight(geometry: PlaneGeometry, voxel: Position): void {
    const frame = this.view.frameOf(geometry.name);
    const { width, height } = this.view.sizes[geometry.name];
    if (!frame) return;
    const [x, y] = frame.toScreen(geometry.toPlane(voxel));
    const [dx, dy] = [inwards(x, width), inwards(y, height)];
    if (dx !== 0 || dy !== 0) this.view.viewports[geometry.name].value = frame.panned(dx, dy);
  }
}

function isAt(point: readonly number[] | undefined, voxel: Position): boolean {
  return point?.every((value, axis) => value === voxel[axis]) ?? false;
}

function inwards(place: number, length: number): number {
  const margin = Math.min(MARGIN, length / 4);
  return Math.max(margin - place, 0) + Math.min(length - margin - place, 0);
}

function spotAt(geometry: PlaneGeometry, voxel: Position, alternate: boolean): PointerSpot {
  return {
    geometry,
    position: [...voxel],
    voxel: [...voxel],
    inside: true,
    alternate,
    picks: false,
    size: 1,
    pixel: 0,
  };
}
