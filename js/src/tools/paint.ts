// Brush and eraser: a disc in the slice, or a ball, its radius in mm. One press to release is one stroke, and one step of undo.
import type { Position } from "../protocol";
import type { Store } from "../store/store";
import { lengthOf } from "../volume/path";
import { sweep, type Tip } from "../volume/sweep";
import { beginStroke } from "./beginStroke";
import { chooseObject } from "./chooseObject";
import type { Gesture, PointerSpot, Tool } from "./tool";

function paint(store: Store, spot: PointerSpot, eraser: boolean): Gesture | null {
  const header = store.image.header.value;
  if (!header) return null;
  if (spot.picks && store.brush.limited.value) {
    store.brush.pick(spot.voxel);
    return null;
  }
  if (spot.picks && chooseObject(store, spot.voxel)) return null;
  const stroke = beginStroke(store, spot.alternate !== eraser);
  if (!stroke) return null;
  const { display, brush } = store;
  const tip: Tip = { normal: spot.geometry.normal, radius: 0, ball: brush.ball.peek() };
  let last: Position = spot.position;
  store.draft.drawing = stroke;
  const valid = () => store.draft.drawing === stroke;
  const draw = ({ position, size }: PointerSpot) => {
    if (!valid()) return;
    tip.radius = display.radius.peek() * size;
    sweep(stroke, header.spacing, tip, last, position);
    stroke.length += lengthOf([last, position], header.spacing);
    last = position;
  };
  draw(spot);
  store.draft.strokeChanged();
  const end = () => {
    if (valid()) store.draft.commit(stroke.finish());
  };
  return {
    move(spots) {
      for (const next of spots) draw(next);
      store.draft.strokeChanged();
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
  press: (store, spot) => paint(store, spot, false),
};

export const eraser: Tool = {
  name: "eraser",
  title: "Eraser: erase any label (shift: paint)",
  label: "Eraser",
  key: "e",
  cursor: "none",
  sized: true,
  press: (store, spot) => paint(store, spot, true),
};
