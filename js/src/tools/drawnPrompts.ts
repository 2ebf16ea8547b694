// Prompts that are drawn: box, scribble and lasso. One press to release is one prompt, in the slice that it began in.
import type { Position, PromptInfo } from "../protocol";
import type { Sketch } from "../store/prompts";
import type { Store } from "../store/store";
import { clampInto, corners, lineOfVoxels } from "../volume/path";
import { inShape } from "../volume/region";
import type { Gesture, PointerSpot, Tool } from "./tool";

/** Voxels of one scribble, and points of one lasso: plenty for one slice, and still a small message. */
const MOST = 10_000;

interface Start {
  voxel: Position;
  shape: Position;
  normal: number;
  label: string;
  positive: boolean;
}

/** What is being drawn: told of every voxel the pointer comes to, also outside of the image. */
interface Drawing {
  to(voxel: Position): void;
  prompt(): PromptInfo;
  /** Why it cannot be sent, or null. */
  fault(): string | null;
}

export function drawBox({ voxel, shape, label }: Start): Drawing {
  const from = clampInto(voxel, shape);
  let to = from;
  const corner = (pick: (...values: number[]) => number) => from.map((v, axis) => pick(v, to[axis] as number));
  return {
    to(next) {
      to = clampInto(next, shape);
    },
    prompt: () => ({ kind: "box", lower: corner(Math.min), upper: corner(Math.max), label }),
    fault: () => (from.every((v, axis) => v === to[axis]) ? "Drag from corner to corner to draw a box." : null),
  };
}

export function drawScribble({ voxel, shape, label, positive }: Start): Drawing {
  const positions: Position[] = [];
  const drawn = new Set<string>();
  let last = voxel;
  return {
    to(next) {
      for (const passed of lineOfVoxels(last, next)) {
        const key = passed.join();
        if (positions.length >= MOST || drawn.has(key) || !inShape(passed, shape)) continue;
        drawn.add(key);
        positions.push(passed);
      }
      last = next;
    },
    prompt: () => ({ kind: "scribble", positions, positive, label }),
    fault: () => (positions.length === 0 ? "Scribble over voxels of the image." : null),
  };
}

export function drawLasso({ shape, normal, label, positive }: Start): Drawing {
  const outline: Position[] = [];
  return {
    to(next) {
      if (outline.length < MOST) outline.push(clampInto(next, shape));
    },
    prompt: () => ({ kind: "lasso", points: corners(outline), plane: normal, positive, label }),
    fault: () => (corners(outline).length < 3 ? "Drag around the structure to draw a lasso." : null),
  };
}

function draw(store: Store, spot: PointerSpot, begin: (start: Start) => Drawing): Gesture | null {
  const header = store.image.header.value;
  const label = store.choices.chosen("label");
  if (!header) return null;
  if (label === null) {
    store.kernel.fail("There is no label to draw for: the app declares none.");
    return null;
  }
  const { normal } = spot.geometry;
  const { shape } = header;
  const drawing = begin({ voxel: spot.voxel, shape, normal, label, positive: !spot.alternate });
  let sketch: Sketch | null = null;
  // Another image, or a person who thought better of it, takes the sketch away.
  const valid = () => sketch === store.prompts.sketch.peek();
  const take = (spots: readonly PointerSpot[]) => {
    if (!valid()) return;
    for (const { voxel } of spots) drawing.to(inSlice(voxel, normal, spot.voxel));
    sketch = { prompt: drawing.prompt() };
    store.prompts.sketch.value = sketch;
  };
  store.prompts.sketch.value = null;
  take([spot]);
  const cancel = () => {
    if (valid()) store.prompts.sketch.value = null;
  };
  return {
    move: take,
    cancel,
    end() {
      if (!valid()) return;
      store.prompts.sketch.value = null;
      const fault = drawing.fault();
      if (fault !== null) return store.kernel.fail(fault);
      store.display.show(store.choices.activeLabel?.value ?? 0);
      store.prompts.add(drawing.prompt(), normal);
    },
  };
}

function inSlice(voxel: Position, normal: number, slice: Position): Position {
  return voxel.map((v, axis) => (axis === normal ? (slice[axis] as number) : v)) as Position;
}

export const box: Tool = {
  name: "box",
  title: "Box: drag around the structure; the box is one slice thick",
  label: "Box",
  key: "m",
  cursor: "crosshair",
  sized: false,
  press: (store, spot) => draw(store, spot, drawBox),
};

export const scribble: Tool = {
  name: "scribble",
  title: "Scribble: draw over what belongs to the structure (shift: over what does not)",
  label: "Scribble",
  key: "d",
  cursor: "crosshair",
  sized: false,
  press: (store, spot) => draw(store, spot, drawScribble),
};

export const lasso: Tool = {
  name: "lasso",
  title: "Lasso: draw around what belongs to the structure (shift: around what does not)",
  label: "Lasso",
  key: "l",
  cursor: "crosshair",
  sized: false,
  press: (store, spot) => draw(store, spot, drawLasso),
};
