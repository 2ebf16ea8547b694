// The keyboard: one table that is both obeyed and shown in the help.
import { TOOLS } from "../tools";
import type { ViewState } from "../view/viewstate";
import * as actions from "./actions";

export interface Binding {
  /** As `keyOf` names them: `s`, `mod+z` (control or command), `ArrowUp`. */
  keys: string[];
  /** How the help writes them. */
  shown: string;
  text: string;
  run(view: ViewState, key: string): void;
}

const step = (slices: number) => (view: ViewState) => {
  const geometry = view.activeGeometry;
  if (geometry) view.step(geometry, slices);
};

export const BINDINGS: readonly Binding[] = [
  ...TOOLS.map((tool) => ({
    keys: [tool.key],
    shown: tool.key.toUpperCase(),
    text: tool.title,
    run: (view: ViewState) => {
      view.session.display.tool.value = tool.name;
    },
  })),
  {
    keys: ["1", "2", "3", "4", "5", "6", "7", "8", "9"],
    shown: "1 – 9",
    text: "Choose a label",
    run: (view, key) => actions.chooseLabel(view, Number(key) - 1),
  },
  { keys: ["["], shown: "[", text: "Smaller brush", run: (view) => actions.scaleBrush(view, 1 / 1.2) },
  { keys: ["]"], shown: "]", text: "Larger brush", run: (view) => actions.scaleBrush(view, 1.2) },
  { keys: ["ArrowUp", "ArrowRight"], shown: "↑ →", text: "One slice up, forwards or to the right", run: step(1) },
  { keys: ["ArrowDown", "ArrowLeft"], shown: "↓ ←", text: "One slice back", run: step(-1) },
  { keys: ["PageUp"], shown: "Page up", text: "Ten slices on", run: step(10) },
  { keys: ["PageDown"], shown: "Page down", text: "Ten slices back", run: step(-10) },
  { keys: ["+", "="], shown: "+", text: "Zoom in", run: (view) => view.zoom(1.25) },
  { keys: ["-"], shown: "-", text: "Zoom out", run: (view) => view.zoom(1 / 1.25) },
  { keys: ["mod+z"], shown: "Ctrl Z", text: "Undo", run: actions.undo },
  { keys: ["mod+shift+z", "mod+y"], shown: "Ctrl Shift Z", text: "Redo", run: actions.redo },
  { keys: ["s", "mod+s"], shown: "S", text: "Save", run: actions.save },
  { keys: ["n"], shown: "N", text: "Next image", run: (view) => actions.leave(view, "next") },
  {
    keys: ["w"],
    shown: "W",
    text: "Next window: automatic, for CT also brain, lung …",
    run: (view) => view.cycleWindow(),
  },
  {
    keys: ["o"],
    shown: "O",
    text: "Labels as outlines, or filled",
    run: ({ session }) => session.display.toggleOutline(),
  },
  { keys: ["r"], shown: "R", text: "Reset zoom, position and window", run: (view) => view.reset() },
  { keys: ["?"], shown: "?", text: "Show or hide this help", run: toggleHelp },
  { keys: ["Escape"], shown: "Esc", text: "Give up what is being drawn; close what is open; else navigate", run: back },
];

function toggleHelp(view: ViewState): void {
  view.panel.value = view.panel.value === "help" ? null : "help";
}

function back(view: ViewState): void {
  if (view.session.prompts.dropSketch()) return;
  if (view.panel.value) view.panel.value = null;
  else if (view.leaving.value) view.leaving.value = null;
  else view.session.display.tool.value = "navigate";
}

export function keyOf(event: KeyboardEvent): string {
  const named = event.key.length > 1;
  const mod = event.ctrlKey || event.metaKey;
  const key = named ? event.key : event.key.toLowerCase();
  return `${mod ? "mod+" : ""}${event.shiftKey && (mod || named) ? "shift+" : ""}${key}`;
}

/** Keys that a form control under the keyboard's focus needs for itself. */
function isForControl(event: KeyboardEvent): boolean {
  const target = event.target as HTMLElement;
  if (target instanceof HTMLInputElement) return target.type !== "range" || /^(Arrow|Page|Home|End)/.test(event.key);
  return target instanceof HTMLSelectElement && event.key !== "Escape";
}

export function onKeyDown(view: ViewState, event: KeyboardEvent): void {
  if (event.altKey || isForControl(event)) return;
  if (event.key === " " && !(event.target instanceof HTMLButtonElement)) {
    view.panning.value = true;
    return take(event);
  }
  const key = keyOf(event);
  const binding = BINDINGS.find(({ keys }) => keys.includes(key));
  if (!binding) return;
  take(event);
  binding.run(view, key);
}

export function onKeyUp(view: ViewState, event: KeyboardEvent): void {
  if (event.key === " ") view.panning.value = false;
}

function take(event: KeyboardEvent): void {
  event.preventDefault();
  event.stopPropagation();
}
