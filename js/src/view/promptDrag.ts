// Prompts under the pointer: which one a press takes hold of, and how it is moved.
import type { Position, PromptInfo } from "../protocol";
import type { ToolName } from "../store/display";
import { type Hit, hitPrompt, moved, type Showing } from "./promptHandles";
import type { ViewState } from "./viewState";

/** Tools that leave a press on a prompt to the prompt; with the others one works on the mask. */
const PROMPT_TOOLS: ReadonlySet<ToolName> = new Set([
  "navigate",
  "click-add",
  "click-remove",
  "box",
  "scribble",
  "lasso",
]);
/** Moving less than this selects a prompt and leaves it where it is. */
const CLICK_DISTANCE = 4;
/** The right button in `buttons`. */
const RIGHT = 2;

/** The pane that is pressed, as far as it matters here. */
interface PressedPane {
  readonly view: ViewState;
  readonly canvas: HTMLCanvasElement;
  readonly showing: Showing | null;
}

/** The prompt that a press at a point of a pane takes hold of: the selected one first, then the chosen label's newest. */
export function hitAt(view: ViewState, showing: Showing, x: number, y: number): Hit | null {
  const { store } = view;
  if (!PROMPT_TOOLS.has(store.display.tool.peek()) || view.panning.peek()) return null;
  const [selected, label] = [store.prompts.selected.peek(), store.choices.chosen("label")];
  const rank = ({ id, label: of }: PromptInfo) => (id === selected ? 2 : of === label ? 1 : 0);
  const prompts = [...store.prompts.known.peek()].reverse().sort((a, b) => rank(b) - rank(a));
  return hitPrompt(prompts, showing, x, y);
}

/** What the pointer looks like over a handle. */
export function cursorOver({ sides: [column, row] }: Hit): string {
  if (column === 0 && row === 0) return "grab";
  if (column === 0) return "ns-resize";
  if (row === 0) return "ew-resize";
  return column === row ? "nwse-resize" : "nesw-resize";
}

/** A press in a pane: take hold of the prompt that lies there; without one, none is selected any more. */
export function startPromptDrag({ view, canvas, showing }: PressedPane, event: PointerEvent) {
  const box = canvas.getBoundingClientRect();
  const hit = showing && hitAt(view, showing, event.clientX - box.left, event.clientY - box.top);
  if (hit) return dragPrompt(view, hit, showing, event);
  view.store.prompts.select(null);
  return null;
}

/** Move a prompt with the pointer: select it, show where it goes, and tell the kernel when it is let go. */
function dragPrompt(view: ViewState, { prompt, sides }: Hit, showing: Showing, start: PointerEvent) {
  const { store } = view;
  const { prompts } = store;
  const { geometry, frame } = showing;
  const id = prompt.id as string;
  const shape = store.image.header.value?.shape as Position;
  let now: PromptInfo | null = null;
  prompts.select(id);
  prompts.sketch.value = null;
  const valid = () => now === null || prompts.sketch.peek()?.prompt === now;
  const stop = () => {
    if (now && valid()) prompts.sketch.value = null;
  };
  return {
    move(event: PointerEvent) {
      // A second button pressed during a drag comes as a move: the person thought better of it.
      if (event.buttons & RIGHT && now) prompts.dropSketch();
      if (!valid()) return;
      const [dx, dy] = [event.clientX - start.clientX, event.clientY - start.clientY];
      if (now === null && Math.hypot(dx, dy) < CLICK_DISTANCE) return;
      now = moved(prompt, sides, wayOf(dx, dy), geometry, shape);
      prompts.sketch.value = { prompt: now };
    },
    end() {
      const done = valid() ? now : null;
      stop();
      if (done && JSON.stringify(done) !== JSON.stringify(prompt)) prompts.change(id, done);
    },
    cancel: stop,
  };

  function wayOf(dx: number, dy: number): Position {
    const [width, height] = frame.voxel;
    const { right, down } = geometry.plane;
    const way: Position = [0, 0, 0];
    way[right[0]] = (dx / width) * right[1];
    way[down[0]] = (dy / height) * down[1];
    return way;
  }
}

/** Move the selected prompt by one voxel in the active plane: to the right and downwards on the screen. */
export function nudgePrompt(view: ViewState, columns: number, rows: number): void {
  const { store } = view;
  const [prompt, geometry, header] = [store.prompts.chosen.peek(), view.activeGeometry, store.image.header.peek()];
  if (!prompt?.id || !geometry || !header) return;
  if (prompt.slice && prompt.slice[0] !== geometry.normal) return;
  const { right, down } = geometry.plane;
  const way: Position = [0, 0, 0];
  way[right[0]] = columns * right[1];
  way[down[0]] = rows * down[1];
  const to = moved(prompt, [0, 0], way, geometry, header.shape);
  if (JSON.stringify(to) !== JSON.stringify(prompt)) store.prompts.change(prompt.id, to);
}
