// What a pointer that is down does: pan, zoom with two fingers, change the window, or use a tool.
import type { Gesture, PointerSpot } from "../tools/tool";
import { dragWindow } from "../volume/window";
import type { PaneCanvas } from "./paneCanvas";

/** Moving less than this between press and release is a click. */
const CLICK_DISTANCE = 4;
/** The right button in `buttons`. */
const RIGHT = 2;
/** A second finger within so many ms makes it a gesture of two. */
const SECOND_FINGER = 150;

/** A drag in client coordinates. */
export interface Drag {
  move(event: PointerEvent): void;
  end(event: PointerEvent): void;
  cancel(): void;
}

/** What lies under an event, in the pane that the drag began in. */
type SpotOf = (event: MouseEvent) => PointerSpot | null;

export function toolDrag(gesture: Gesture, spot: SpotOf, giveUp: () => void): Drag {
  return {
    move(event) {
      // A second button pressed during a drag comes as a move.
      if (event.buttons & RIGHT) giveUp();
      const events = event.getCoalescedEvents?.() ?? [];
      const spots = (events.length > 0 ? events : [event]).map(spot).filter((s) => s !== null);
      gesture.move(spots);
    },
    end: () => gesture.end(),
    cancel: () => gesture.cancel(),
  };
}

/** The drag of a first finger: it begins once no second one has followed, with all that the finger did meanwhile. */
export function touchDrag(begin: () => Drag | null): Drag {
  let drag: Drag | null = null;
  let waiting = true;
  const moves: PointerEvent[] = [];
  const start = () => {
    if (!waiting) return;
    waiting = false;
    clearTimeout(timer);
    drag = begin();
    for (const event of moves) drag?.move(event);
  };
  const timer = setTimeout(start, SECOND_FINGER);
  return {
    move(event) {
      if (waiting) moves.push(event);
      else drag?.move(event);
    },
    end(event) {
      start();
      drag?.end(event);
    },
    cancel() {
      clearTimeout(timer);
      waiting = false;
      drag?.cancel();
    },
  };
}

export function panDrag(pane: PaneCanvas, start: PointerEvent, tap?: () => void): Drag {
  const viewport = pane.view.viewports[pane.name];
  let [x, y] = [start.clientX, start.clientY];
  let still = tap !== undefined;
  return {
    move(event) {
      still &&= Math.hypot(event.clientX - start.clientX, event.clientY - start.clientY) < CLICK_DISTANCE;
      if (still) return;
      const frame = pane.frame;
      if (frame) viewport.value = frame.panned(event.clientX - x, event.clientY - y);
      [x, y] = [event.clientX, event.clientY];
    },
    end() {
      if (still) tap?.();
    },
    cancel() {},
  };
}

/** Two fingers: what lies between them stays between them. `at` gives the point of the pane under an event. */
export function pinchDrag(pane: PaneCanvas, fingers: ReadonlyMap<number, PointerEvent>, at: At): Drag {
  const viewport = pane.view.viewports[pane.name];
  const measure = () => {
    const [a, b] = [...fingers.values()].map(at) as [[number, number], [number, number]];
    const apart = Math.max(1, Math.hypot(a[0] - b[0], a[1] - b[1]));
    return { x: (a[0] + b[0]) / 2, y: (a[1] + b[1]) / 2, apart };
  };
  let last = measure();
  return {
    move() {
      const next = measure();
      const panned = pane.frame?.panned(next.x - last.x, next.y - last.y);
      if (panned) viewport.value = panned;
      const zoomed = pane.frame?.zoomed(next.apart / last.apart, next.x, next.y);
      if (zoomed) viewport.value = zoomed;
      last = next;
    },
    end() {},
    cancel() {},
  };
}

type At = (event: MouseEvent) => [number, number];

export function windowDrag(pane: PaneCanvas, start: PointerEvent): Drag {
  const { window } = pane.view.store.display;
  const before = window.value;
  return {
    move(event) {
      if (pane.view.store.image.header.value?.channels === 3) return;
      window.value = dragWindow(before, event.clientX - start.clientX, event.clientY - start.clientY);
    },
    end() {},
    cancel() {},
  };
}
