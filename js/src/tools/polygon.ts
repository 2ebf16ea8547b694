// Polygon: corners by clicks or a way by dragging; closed, it is filled in the slice as one stroke.
import type { Session } from "../session/session";
import { fillPolygon } from "../volume/polygon";
import { beginStroke } from "./strokes";
import type { Gesture, PointerSpot, Tool } from "./tool";

/** Pixels around the first corner in which a click closes the polygon, and that a way goes on by. */
const NEAR = 8;
const STEP = 3;

function press(session: Session, spot: PointerSpot): Gesture | null {
  const { outline } = session;
  const sketch = outline.sketch.peek();
  const { normal, name } = spot.geometry;
  if (!sketch) {
    // Refused now and not when it is drawn to its end.
    if (!beginStroke(session, spot.alternate)) return null;
    outline.begin(spot.geometry, spot.position, spot.alternate);
  } else if (sketch.geometry.normal !== normal || sketch.slice !== spot.voxel[normal]) {
    session.fail(`The polygon lies in ${sketch.geometry.name} slice ${sketch.slice}: go on there, or press Esc.`);
    return null;
  } else if (sketch.points.length >= 3 && apart(spot, sketch.points[0] as number[]) <= NEAR) {
    closePolygon(session);
    return null;
  } else outline.add([spot.position]);
  return drag(session, sketch === null, name);
}

/** The pointer is down: where it goes, the outline follows. One that was begun so is closed when it is let go. */
function drag(session: Session, whole: boolean, name: string): Gesture {
  const { outline } = session;
  return {
    move(spots) {
      for (const spot of spots) {
        const last = outline.sketch.peek()?.points.at(-1);
        if (!last || spot.geometry.name !== name || apart(spot, last) < STEP) continue;
        outline.add([spot.position]);
      }
    },
    end() {
      if (whole && (outline.sketch.peek()?.points.length ?? 0) > 3) closePolygon(session);
    },
    cancel() {
      if (whole) outline.giveUp();
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
export function closePolygon(session: Session): boolean {
  const sketch = session.outline.sketch.peek();
  if (!sketch) return false;
  if (sketch.points.length < 3) {
    session.fail("A polygon needs three corners.");
    return true;
  }
  session.outline.giveUp();
  const stroke = beginStroke(session, sketch.erases);
  if (!stroke) return true;
  fillPolygon(stroke, sketch.geometry.normal, sketch.slice, sketch.points);
  session.strokeChanged();
  session.commit(stroke.finish());
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
  double(session) {
    // The second click has set a corner of its own.
    if ((session.outline.sketch.peek()?.points.length ?? 0) < 4) session.outline.giveUp();
    else session.outline.removeLast() && closePolygon(session);
  },
};
