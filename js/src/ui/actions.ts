// What buttons and keys do, each in one place.
import type { PromptInfo } from "../protocol";
import { MAX_RADIUS, MIN_RADIUS } from "../session/display";
import { placeOf } from "../view/handles";
import type { Leave, PanelName, ViewState } from "../view/viewstate";

export function canSave({ session }: ViewState): boolean {
  return session.header.value !== null && session.state.value !== null;
}

export function save({ session }: ViewState): void {
  if (session.header.value) session.ask({ type: "save" });
}

/** Go to another image; with unsaved changes, ask the person first. */
export function leave(view: ViewState, ask: Leave): void {
  view.panel.value = null;
  if (view.session.state.value?.dirty) view.leaving.value = ask;
  else view.session.ask(ask);
}

export function saveAndLeave(view: ViewState): void {
  const ask = view.leaving.value;
  view.leaving.value = null;
  // What is saved need not be skipped any more.
  if (ask) view.session.saveThen(ask.type === "skip" ? { type: "next" } : ask);
}

export function discardAndLeave(view: ViewState): void {
  const ask = view.leaving.value;
  view.leaving.value = null;
  if (ask) view.session.ask({ ...ask, discard: true });
}

export function undo({ session }: ViewState): void {
  if (session.drawing === null) session.ask({ type: "undo" });
}

export function redo({ session }: ViewState): void {
  if (session.drawing === null) session.ask({ type: "redo" });
}

export function run(view: ViewState): void {
  const { session } = view;
  const geometry = view.activeGeometry;
  if (!geometry) return;
  const slice = session.display.cursor.value[geometry.normal];
  session.ask({ type: "run", epoch: session.currentEpoch, axis: geometry.normal, slice });
}

/** With prompts that wait and the pointer used last: run the model; returns whether it was that. */
export function runWaiting(view: ViewState): boolean {
  const { prompts } = view.session;
  const runs = !prompts.autoRun.on.value && prompts.waiting.value > 0 && !view.pointer.inUse.value;
  if (runs) run(view);
  return runs;
}

/** The chosen label as it is now is what the model starts from. */
export function addMaskPrompt({ session, activeGeometry: geometry }: ViewState): void {
  const label = session.chosen("label");
  const model = session.state.value?.models.find(({ name }) => name === session.chosen("model"));
  if (!geometry || label === null || !session.header.value) return;
  if (!model?.takesMask) return session.fail(`${model?.name ?? "The model"} cannot start from a mask.`);
  session.prompts.add({ kind: "mask", label }, geometry.normal, session.display.cursor.value[geometry.normal]);
}

/** Select a prompt, and show the slices that it lies in. */
export function goToPrompt({ session }: ViewState, prompt: PromptInfo): void {
  session.prompts.select(prompt.id ?? null);
  const place = placeOf(prompt);
  if (place && session.header.value) session.display.moveCursor(place, session.header.value.shape);
}

export function stepPrompt(view: ViewState, places: 1 | -1): void {
  const { prompts } = view.session;
  const id = prompts.beside(prompts.chosen.value?.id ?? null, places);
  const prompt = prompts.known.value.find((one) => one.id === id);
  if (prompt) goToPrompt(view, prompt);
}

export function removePrompt({ session }: ViewState): void {
  if (session.outline.removeLast()) return;
  const id = session.prompts.chosen.value?.id;
  if (id) session.prompts.remove(id);
}

export function flipPrompt({ session }: ViewState): void {
  const id = session.prompts.chosen.value?.id;
  if (id) session.prompts.flip(id);
}

export function clearPrompts({ session }: ViewState): void {
  session.ask({ type: "clear_prompts", epoch: session.currentEpoch });
}

export function cancel({ session }: ViewState): void {
  session.solid.giveUp();
  session.ask({ type: "cancel" });
}

/** Choose the label at a place in the list, from 0. */
export function chooseLabel({ session }: ViewState, place: number): void {
  const label = session.state.value?.labels[place];
  if (label) session.choose("label", label.name);
}

export function scaleBrush({ session }: ViewState, factor: number): void {
  session.display.setRadius(session.display.radius.value * factor);
}

/** The brush slider goes in equal factors: 0 is the smallest radius, 1 the largest. */
export const BRUSH_SCALE = {
  toSlider: (mm: number) => Math.log(mm / MIN_RADIUS) / Math.log(MAX_RADIUS / MIN_RADIUS),
  toRadius: (place: number) => MIN_RADIUS * (MAX_RADIUS / MIN_RADIUS) ** place,
};

export function toggleFilled({ filled }: ViewState): void {
  filled.value = !filled.value;
}

export function toggleHelp(view: ViewState): void {
  togglePanel(view, "help");
}

export function togglePanel(view: ViewState, panel: PanelName): void {
  view.panel.value = view.panel.value === panel ? null : panel;
}

export function back(view: ViewState): void {
  const { outline, prompts } = view.session;
  if (view.pointer.cancel() || prompts.dropSketch() || outline.giveUp()) return;
  if (view.panel.value) view.panel.value = null;
  else if (view.leaving.value) view.leaving.value = null;
  else if (view.session.prompts.selected.value !== null) view.session.prompts.select(null);
  else if (view.filled.value) view.filled.value = false;
  else view.session.display.tool.value = "navigate";
}
