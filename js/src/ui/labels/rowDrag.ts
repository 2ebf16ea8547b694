// Taking a label's row to another place: with mouse, finger or pen by its handle, with the mouse by its name too.
import type { RowProps } from "./rowState";

/** On a name, moving less than this is a click. */
const CLICK_DISTANCE = 5;
/** So near to an end of the list, in pixels, the list is scrolled, by so many pixels each time. */
const EDGE = 14;
const SCROLL = 6;
const SCROLL_MS = 30;

/** Where a row shows that the dragged one would come to lie; null where it would not. */
export function dropSide({ view, rows, label, place }: RowProps): "above" | "below" | null {
  const dragged = rows.dragged.value;
  if (dragged?.over !== label.value || dragged.value === label.value) return null;
  return place < placeOf(view, dragged.value) ? "above" : "below";
}

export function onRowPress(props: RowProps, event: PointerEvent): void {
  const { rows } = props;
  if (event.button !== 0 || !event.isPrimary || rows.dragged.peek() || rows.renaming.peek() !== null) return;
  const target = event.target as Element;
  const byHandle = target.closest(".jl-grip") !== null;
  if (byHandle || (event.pointerType === "mouse" && target.closest(".jl-label-name"))) follow(props, event, byHandle);
}

function follow({ view, rows, label }: RowProps, down: PointerEvent, byHandle: boolean): void {
  const row = down.currentTarget as HTMLElement;
  const list = row.parentElement as HTMLElement;
  const listeners = new AbortController();
  const options = { signal: listeners.signal, capture: true };
  let y = down.clientY;
  let timer: ReturnType<typeof setInterval> | undefined;

  const aim = () => {
    rows.dragged.value = { value: label.value, over: valueAt(list, y) ?? label.value };
  };
  const take = () => {
    row.setPointerCapture(down.pointerId);
    timer = setInterval(() => scrolled(list, y) && aim(), SCROLL_MS);
    aim();
  };
  const end = (drop: boolean) => {
    listeners.abort();
    clearInterval(timer);
    const over = rows.dragged.peek()?.over ?? label.value;
    rows.dragged.value = null;
    if (drop && over !== label.value) view.store.labels.move(label.value, placeOf(view, over));
  };
  const on = <Name extends "pointermove" | "pointerup" | "pointercancel" | "keydown">(
    name: Name,
    act: (event: DocumentEventMap[Name]) => void,
  ) => row.ownerDocument.addEventListener(name, act, options);

  on("pointermove", (event) => {
    if (event.pointerId !== down.pointerId) return;
    y = event.clientY;
    if (timer !== undefined) aim();
    else if (Math.abs(y - down.clientY) >= CLICK_DISTANCE) take();
  });
  on("pointerup", (event) => {
    if (event.pointerId !== down.pointerId) return;
    if (timer !== undefined) swallowClick(row.ownerDocument);
    end(true);
  });
  on("pointercancel", (event) => event.pointerId === down.pointerId && end(false));
  on("keydown", (event) => {
    if (event.key !== "Escape") return;
    event.preventDefault();
    event.stopPropagation();
    end(false);
  });
  if (byHandle) take();
}

/** The label whose row is at this height of the page, or nearest to it. */
function valueAt(list: Element, y: number): number | undefined {
  const all = [...list.querySelectorAll<HTMLElement>(".jl-label")];
  const found = all.find((row) => y < row.getBoundingClientRect().bottom) ?? all.at(-1);
  return found && Number(found.dataset.value);
}

function scrolled(list: Element, y: number): boolean {
  const box = list.getBoundingClientRect();
  const before = list.scrollTop;
  if (y < box.top + EDGE) list.scrollTop -= SCROLL;
  else if (y > box.bottom - EDGE) list.scrollTop += SCROLL;
  return list.scrollTop !== before;
}

function placeOf(view: RowProps["view"], value: number): number {
  return view.store.labels.list.peek().findIndex((one) => one.value === value);
}

/** What was dragged by its name is not chosen by that. */
function swallowClick(page: Document): void {
  const swallow = (event: Event) => {
    event.preventDefault();
    event.stopPropagation();
  };
  page.addEventListener("click", swallow, { capture: true, once: true });
  setTimeout(() => page.removeEventListener("click", swallow, { capture: true }));
}
