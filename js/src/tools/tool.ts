// What every tool is: something that takes the pointer in a pane.
import type { Position } from "../protocol";
import type { ToolName } from "../store/display";
import type { Store } from "../store/store";
import type { PlaneGeometry } from "../volume/planeGeometry";

/** Where the pointer is. */
export interface PointerSpot {
  geometry: PlaneGeometry;
  /** Voxel coordinates, a voxel's centre at whole numbers. */
  position: Position;
  /** The voxel under the pointer; may lie outside of the image. */
  voxel: Position;
  inside: boolean;
  /** Shift or alt is held. */
  alternate: boolean;
  /** Alt is held: the brush takes the intensity under the pointer. */
  picks: boolean;
  /** How large the pointer makes the brush: a pen's pressure, and 1 for everything else. */
  size: number;
  /** Millimetres of a CSS pixel; 0 where the spot is not a pointer's. */
  pixel: number;
}

/** A drag from pointer down to pointer up. */
export interface Gesture {
  /** All places since the last call, oldest first. */
  move(spots: PointerSpot[]): void;
  end(): void;
  /** As if it had not been: the pointer was taken away. */
  cancel(): void;
}

export interface Tool {
  name: ToolName;
  title: string;
  /** What the button shows where there is room. */
  label: string;
  key: string;
  cursor: string;
  /** Shows its size around the pointer, and uses it. */
  sized: boolean;
  /** Each press sets a corner; by keys too it is let go with the key. */
  corners?: boolean;
  /** A press and release in one place. Tools that only have this leave dragging to panning. */
  tap?(store: Store, spot: PointerSpot): void;
  press?(store: Store, spot: PointerSpot): Gesture | null;
  /** Two presses in one place; both have come as presses already. */
  double?(store: Store): void;
}
