// Brush and eraser: a disc in the slice, or a ball, its radius in mm. One press to release is one stroke, and one step of undo.
import type { Position } from "../protocol";
import type { Session } from "../session/session";
import { sweep, type Tip } from "../volume/sweep";
import { beginStroke } from "./strokes";
import type { Gesture, PointerSpot, Tool } from "./tool";

function paint(session: Session, spot: PointerSpot, eraser: boolean): Gesture | null {
  const header = session.header.value;
  if (!header) return null;
  if (spot.picks && session.brush.limited.value) {
    session.brush.pick(spot.voxel);
    return null;
  }
  const stroke = beginStroke(session, spot.alternate !== eraser);
  if (!stroke) return null;
  const { display, brush } = session;
  const tip: Tip = { normal: spot.geometry.normal, radius: 0, ball: brush.ball.peek() };
  let last: Position = spot.position;
  session.drawing = stroke;
  const valid = () => session.drawing === stroke;
  const draw = ({ position, size }: PointerSpot) => {
    if (!valid()) return;
    tip.radius = display.radius.peek() * size;
    sweep(stroke, header.spacing, tip, last, position);
    last = position;
  };
  draw(spot);
  session.strokeChanged();
  const end = () => {
    if (valid()) session.commit(stroke.finish());
  };
  return {
    move(spots) {
      for (const next of spots) draw(next);
      session.strokeChanged();
    },
    end,
    cancel: end,
  };
}

export const brush: Tool = {
  name: "brush",
  title: "Brush: paint the active label (shift: erase)",
  label: "Brush",
  key: "b",
  cursor: "none",
  sized: true,
  press: (session, spot) => paint(session, spot, false),
};

export const eraser: Tool = {
  name: "eraser",
  title: "Eraser: erase any label (shift: paint)",
  label: "Eraser",
  key: "e",
  cursor: "none",
  sized: true,
  press: (session, spot) => paint(session, spot, true),
};
