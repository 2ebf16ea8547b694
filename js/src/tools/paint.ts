// Brush and eraser: a disc in the plane, its radius in mm. One press to release is one stroke, and one step of undo.
import type { Position } from "../protocol";
import type { Session } from "../session/session";
import { SliceStroke } from "../volume/stroke";
import type { Gesture, PointerSpot, Tool } from "./tool";

function paint(session: Session, spot: PointerSpot, value: number): Gesture | null {
  const { header, mask, currentEpoch, display } = session;
  if (!header.value || !mask) return null;
  const { shape, spacing } = header.value;
  const { normal } = spot.geometry;
  const stroke = new SliceStroke(shape, spacing, normal, spot.voxel[normal] as number, value);
  let last: Position = spot.position;
  session.drawing = stroke;
  display.show(value);
  const valid = () => session.drawing === stroke && session.currentEpoch === currentEpoch;
  const sweep = (to: Position) => {
    if (!valid()) return;
    stroke.sweep(mask, last, to, display.radius.peek());
    last = to;
  };
  sweep(spot.position);
  session.strokeChanged();
  const end = () => {
    if (valid()) session.commit(stroke.finish());
  };
  return {
    move(spots) {
      for (const { position } of spots) sweep(position);
      session.strokeChanged();
    },
    end,
    cancel: end,
  };
}

export const brush: Tool = {
  name: "brush",
  title: "Brush: paint the active label",
  label: "Brush",
  key: "b",
  cursor: "none",
  sized: true,
  press(session, spot) {
    const value = session.activeValue;
    if (value !== null) return paint(session, spot, value);
    session.fail("There is no label to paint with: the app declares none.");
    return null;
  },
};

export const eraser: Tool = {
  name: "eraser",
  title: "Eraser: erase any label",
  label: "Eraser",
  key: "e",
  cursor: "none",
  sized: true,
  press: (session, spot) => paint(session, spot, 0),
};
