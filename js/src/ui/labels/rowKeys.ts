// Keys in the list of labels.
import type { RowProps } from "./rowState";

const STEPS: Readonly<Record<string, (at: number, last: number) => number>> = {
  ArrowUp: (at) => at - 1,
  ArrowDown: (at) => at + 1,
  Home: () => 0,
  End: (_, last) => last,
};

/** Keys while the focus is in a row: they belong to the list, not to the picture. */
export function onRowKey(props: RowProps, event: KeyboardEvent): void {
  if (event.target instanceof HTMLInputElement || event.target instanceof HTMLSelectElement) {
    if (event.key === "Escape") done(event, closeDetails(props, event));
    return;
  }
  const onName = (event.target as Element).classList.contains("jl-label-name");
  const handled = event.key === "Escape" ? closeDetails(props, event) : onName && act(props, event);
  done(event, handled);
}

function act({ view, rows, label, place }: RowProps, event: KeyboardEvent): boolean {
  const step = STEPS[event.key];
  if (step && event.altKey) view.store.labels.move(label.value, step(place, Infinity));
  else if (step) return focusRow(event.currentTarget as Element, step);
  else if (event.key === "F2") rows.renaming.value = label.value;
  else if (event.key === "Delete") {
    rows.removing.value = { value: label.value, into: null };
    rows.open.value = { value: label.value, byKey: true };
  } else if (event.key === "ContextMenu" || (event.key === "F10" && event.shiftKey))
    rows.open.value = { value: label.value, byKey: true };
  else return false;
  return true;
}

function focusRow(row: Element, step: (at: number, last: number) => number): boolean {
  const all = [...(row.parentElement?.querySelectorAll<HTMLElement>(".jl-label-name") ?? [])];
  const last = all.length - 1;
  const at = all.findIndex((name) => row.contains(name));
  all[Math.max(0, Math.min(last, step(at, last)))]?.focus();
  return true;
}

/** Scroll the list, and nothing else, so far that the element is seen. */
export function reveal(element: Element | null): void {
  const list = element?.closest(".jl-labels");
  if (!element || !list) return;
  const [there, here] = [element.getBoundingClientRect(), list.getBoundingClientRect()];
  if (there.bottom > here.bottom) list.scrollTop += there.bottom - here.bottom;
  else if (there.top < here.top) list.scrollTop -= here.top - there.top;
}

/** Escape: the question goes first, then the details; the focus is on the label's name again. */
function closeDetails({ rows, label }: RowProps, event: KeyboardEvent): boolean {
  if (rows.open.value?.value !== label.value) return false;
  rows.removing.value = null;
  rows.open.value = null;
  (event.currentTarget as Element).querySelector<HTMLElement>(".jl-label-name")?.focus();
  return true;
}

function done(event: KeyboardEvent, handled: boolean): void {
  if (!handled) return;
  event.preventDefault();
  event.stopPropagation();
}
