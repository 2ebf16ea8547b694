// Polygon: corners by clicks or a way by dragging; closed, it is filled in the slice as one stroke.
import type { Header, Position } from "../protocol";
import type { Store } from "../store/store";
import { lengthOf } from "../volume/path";
import { fillPolygon } from "../volume/polygon";
import { beginStroke } from "./beginStroke";
import type { Gesture, PointerSpot, Tool } from "./tool";

/** Pixels around the first corner in which a click closes the polygon, and that a way goes on by. */
const NEAR = 8;
const STEP = 3;

function press(store: Store, spot: PointerSpot): Gesture | null {
  const { polygon } = store;
  const sketch = polygon.sketch.peek();
  const { normal, name } = spot.geometry;
  if (!sketch) {
    // Refused now and not when it is drawn to its end.
    if (!beginStroke(store, spot.alternate)) return null;
    polygon.begin(spot.geometry, spot.position, spot.alternate);
  } else if (sketch.geometry.normal !== normal || sketch.slice !== spot.voxel[normal]) {
    store.kernel.fail(`The polygon lies in ${sketch.geometry.name} slice ${sketch.slice}: go on there, or press Esc.`);
    return null;
  } else if (sketch.points.length >= 3 && apart(spot, sketch.points[0] as number[]) <= NEAR) {
    closePolygon(store);
    return null;
  } else polygon.add([spot.position]);
  return drag(store, sketch === null, name);
}

/** The pointer is down: where it goes, the outline follows. One that was begun so is closed when it is let go. */
function drag(store: Store, whole: boolean, name: string): Gesture {
  const { polygon } = store;
  return {
    move(spots) {
      for (const spot of spots) {
        const last = polygon.sketch.peek()?.points.at(-1);
        if (!last || spot.geometry.name !== name || apart(spot, last) < STEP) continue;
        polygon.add([spot.position]);
      }
    },
    end() {
      if (whole && (polygon.sketch.peek()?.points.length ?? 0) > 3) closePolygon(store);
    },
    cancel() {
      if (whole) polygon.giveUp();
    },
  };
}

/** In pixels; keys have none, and every voxel counts. */
function apart({ position, geometry, pixel }: PointerSpot, point: readonly number[]): number {
  const [from, to] = [geometry.toPlane(position), geometry.toPlane(point)];
  const [right, down] = geometry.pixel;
  return Math.hypot((from[0] - to[0]) * right, (from[1] - to[1]) * down) / (pixel || 0.01);
}

/** Fill the polygon that was drawn; returns whether there was one. */
export function closePolygon(store: Store): boolean {
  const sketch = store.polygon.sketch.peek();
  if (!sketch) return false;
  if (sketch.points.length < 3) {
    store.kernel.fail("A polygon needs three corners.");
    return true;
  }
  store.polygon.giveUp();
  const stroke = beginStroke(store, sketch.erases);
  if (!stroke) return true;
  fillPolygon(stroke, sketch.geometry.normal, sketch.slice, sketch.points);
  const [first] = sketch.points as [Position];
  stroke.length = lengthOf([...sketch.points, first], (store.image.header.peek() as Header).spacing);
  store.draft.strokeChanged();
  store.draft.commit(stroke.finish());
  return true;
}

export const polygon: Tool = {
  name: "polygon",
  title: "Polygon: click corners or drag around; first corner, double-click or Enter closes (shift: erase)",
  label: "Polygon",
  key: "y",
  cursor: "crosshair",
  sized: false,
  corners: true,
  press,
  double(store) {
    // The second click has set a corner of its own.
    if ((store.polygon.sketch.peek()?.points.length ?? 0) < 4) store.polygon.giveUp();
    else store.polygon.removeLast() && closePolygon(store);
  },
};
