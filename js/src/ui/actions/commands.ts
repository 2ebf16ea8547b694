// What buttons and keys do, each in one place.
import type { PromptInfo } from "../../protocol";
import { MAX_RADIUS, MIN_RADIUS } from "../../store/display";
import { placeOf } from "../../view/promptHandles";
import type { Leave, PanelName, ViewState } from "../../view/viewState";

export function canSave({ store }: ViewState): boolean {
  return store.image.header.value !== null && store.kernel.state.value !== null;
}

/** Save the draft; where the saved label could not be shown, or the image is somebody else's, ask the person first. */
export function save(view: ViewState): void {
  if (view.store.image.header.value) saveAndGo(view, null);
}

function saveAndGo(view: ViewState, next: Leave | null): void {
  const { kernel, teamwork } = view.store;
  const why = kernel.state.value?.unshownLabel ? "unshown" : teamwork.isOthers ? "others" : null;
  if (why) view.savingOver.value = { why, next };
  else if (next) kernel.saveThen(next);
  else kernel.ask({ type: "save" });
}

/** The person has been asked: save all the same. */
export function saveAllTheSame(view: ViewState): void {
  const { kernel, teamwork } = view.store;
  const next = view.savingOver.value?.next ?? null;
  const replace = kernel.state.value?.unshownLabel != null;
  view.savingOver.value = null;
  const ask = { type: "save", ...(replace && { replace }), ...(teamwork.isOthers && { anyway: true }) } as const;
  if (next) kernel.saveThen(next, ask);
  else kernel.ask(ask);
}

/** Go to another image; with unsaved changes, ask the person first. */
export function leave(view: ViewState, ask: Leave): void {
  view.panel.value = null;
  if (view.store.kernel.state.value?.dirty) view.leaving.value = ask;
  else view.store.kernel.ask(ask);
}

export function toggleReview(view: ViewState): void {
  const { review } = view.store;
  if (review.now.value) review.end();
  else leave(view, { type: "review" });
}

/** Look through the finished labels that wait for a verdict. */
export function giveVerdicts(view: ViewState): void {
  leave(view, { type: "review", order: "waiting" });
}

/** In a review: this label is right. Where labels wait for a verdict, it is accepted. */
export function looksRight(view: ViewState): void {
  const { review } = view.store;
  if (review.here) leave(view, { type: review.judges ? "accept_label" : "looks_right" });
}

/** Send the label back with what was typed; where nothing was, go to the field. */
export function sendLabelBack(view: ViewState): void {
  const { review, verdicts } = view.store;
  if (!review.here || !review.judges) return;
  const ask = verdicts.sending;
  if (ask) leave(view, ask);
  else view.judging.value += 1;
}

export function saveAndLeave(view: ViewState): void {
  const ask = view.leaving.value;
  view.leaving.value = null;
  if (!ask) return;
  // What is saved need not be skipped any more, and counts as looked at.
  const next: Leave = ask.type === "skip" || ask.type === "looks_right" ? { type: "next" } : ask;
  saveAndGo(view, next);
}

export function discardAndLeave(view: ViewState): void {
  const ask = view.leaving.value;
  view.leaving.value = null;
  if (ask) view.store.kernel.ask({ ...ask, discard: true });
}

export function undo({ store }: ViewState): void {
  if (store.draft.drawing === null) store.kernel.ask({ type: "undo" });
}

export function redo({ store }: ViewState): void {
  if (store.draft.drawing === null) store.kernel.ask({ type: "redo" });
}

export function run(view: ViewState): void {
  const { store } = view;
  const geometry = view.activeGeometry;
  if (!geometry) return;
  const slice = store.display.cursor.value[geometry.normal];
  store.kernel.ask({ type: "run", epoch: store.image.epoch, axis: geometry.normal, slice });
}

/** With prompts that wait and the pointer used last: run the model; returns whether it was that. */
export function runWaiting(view: ViewState): boolean {
  const { prompts } = view.store;
  const runs = !prompts.autoRun.on.value && prompts.waiting.value > 0 && !view.pointer.inUse.value;
  if (runs) run(view);
  return runs;
}

/** The chosen label as it is now is what the model starts from. */
export function addMaskPrompt({ store, activeGeometry: geometry }: ViewState): void {
  const label = store.choices.chosen("label");
  const model = store.kernel.state.value?.models.find(({ name }) => name === store.choices.chosen("model"));
  if (!geometry || label === null || !store.image.header.value) return;
  if (!model?.takesMask) return store.kernel.fail(`${model?.name ?? "The model"} cannot start from a mask.`);
  store.prompts.add({ kind: "mask", label }, geometry.normal, store.display.cursor.value[geometry.normal]);
}

/** Select a prompt, and show the slices that it lies in. */
export function goToPrompt({ store }: ViewState, prompt: PromptInfo): void {
  store.prompts.select(prompt.id ?? null);
  const place = placeOf(prompt);
  if (place && store.image.header.value) store.display.moveCursor(place, store.image.header.value.shape);
}

export function stepPrompt(view: ViewState, places: 1 | -1): void {
  const { prompts } = view.store;
  const id = prompts.beside(prompts.chosen.value?.id ?? null, places);
  const prompt = prompts.known.value.find((one) => one.id === id);
  if (prompt) goToPrompt(view, prompt);
}

export function removePrompt({ store }: ViewState): void {
  if (store.polygon.removeLast()) return;
  const id = store.prompts.chosen.value?.id;
  if (id) store.prompts.remove(id);
}

export function flipPrompt({ store }: ViewState): void {
  const id = store.prompts.chosen.value?.id;
  if (id) store.prompts.flip(id);
}

export function clearPrompts({ store }: ViewState): void {
  store.kernel.ask({ type: "clear_prompts", epoch: store.image.epoch });
}

export function cancel({ store }: ViewState): void {
  store.view3d.giveUp();
  store.kernel.ask({ type: "cancel" });
}

/** Choose the label at a place in the list, from 0. */
export function chooseLabel({ store }: ViewState, place: number): void {
  const label = store.kernel.state.value?.labels[place];
  if (label) store.choices.choose("label", label.name);
}

export function scaleBrush({ store }: ViewState, factor: number): void {
  store.display.setRadius(store.display.radius.value * factor);
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
  const { polygon, prompts } = view.store;
  if (view.pointer.cancel() || prompts.dropSketch() || polygon.giveUp()) return;
  if (view.panel.value) view.panel.value = null;
  else if (view.leaving.value) view.leaving.value = null;
  else if (view.store.prompts.selected.value !== null) view.store.prompts.select(null);
  else if (view.filled.value) view.filled.value = false;
  else view.store.display.tool.value = "navigate";
}
