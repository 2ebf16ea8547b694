// The line between picture and side bar: dragged, or moved with the arrow keys; every labeler in this browser begins with
// the width that was chosen last.
import { type Signal, signal } from "@preact/signals";
import type { TargetedKeyboardEvent, TargetedPointerEvent } from "preact";
import { isNumber, Memory } from "../../store/memory";

export const NARROWEST = 200;
export const WIDEST = 640;
/** Where nobody has chosen a width and the words are as large as usual. */
const USUAL = 248;
/** The picture is left as much as this. */
const MOST_OF_ALL = 0.6;
const STEP = 16;

const memory = new Memory("sidebar-width", "localStorage", isNumber);

/** In CSS pixels; null for the width that suits the size of the words. One for all labelers of the page. */
export const sidebarWidth: Signal<number | null> = signal(memory.value === null ? null : limited(memory.value));

export function SidebarEdge() {
  const width = sidebarWidth.value;
  return (
    // biome-ignore lint/a11y/useSemanticElements: it takes the focus and is moved, which a line does not
    <div
      class="jl-edge"
      role="separator"
      aria-orientation="vertical"
      aria-label="Width of the side bar"
      aria-valuemin={NARROWEST}
      aria-valuemax={WIDEST}
      aria-valuenow={width ?? USUAL}
      aria-valuetext={width === null ? "as wide as suits" : `${width} pixels`}
      tabIndex={0}
      title="Drag, or press the arrow keys, to make the side bar wider or narrower; double-click for the usual width"
      onPointerDown={drag}
      onDblClick={() => choose(null)}
      onKeyDown={byKey}
    />
  );
}

export function choose(width: number | null): void {
  sidebarWidth.value = width === null ? null : limited(width);
  memory.value = sidebarWidth.value;
}

function limited(width: number): number {
  return Math.round(Math.min(WIDEST, Math.max(NARROWEST, width)));
}

function drag(event: TargetedPointerEvent<HTMLElement>): void {
  if (event.button !== 0) return;
  event.preventDefault();
  const edge = event.currentTarget;
  edge.focus({ preventScroll: true });
  const [before, from, most] = [shown(edge), event.clientX, mostOf(edge)];
  edge.setPointerCapture(event.pointerId);
  const move = ({ clientX }: PointerEvent) => {
    sidebarWidth.value = Math.min(most, limited(before + from - clientX));
  };
  const end = () => {
    edge.removeEventListener("pointermove", move);
    edge.removeEventListener("lostpointercapture", end);
    memory.value = sidebarWidth.value;
  };
  edge.addEventListener("pointermove", move);
  edge.addEventListener("lostpointercapture", end);
}

function byKey(event: TargetedKeyboardEvent<HTMLElement>): void {
  const edge = event.currentTarget;
  const to = {
    ArrowLeft: shown(edge) + STEP,
    ArrowRight: shown(edge) - STEP,
    Home: NARROWEST,
    End: WIDEST,
  }[event.key];
  if (to === undefined) return;
  event.preventDefault();
  // The arrow keys step through slices elsewhere.
  event.stopPropagation();
  choose(Math.min(mostOf(edge), to));
}

/** How wide the side bar is now. */
function shown(edge: HTMLElement): number {
  const bar = edge.parentElement?.querySelector(".jl-sidebar");
  return bar?.getBoundingClientRect().width || (sidebarWidth.peek() ?? NARROWEST);
}

function mostOf(edge: HTMLElement): number {
  const whole = edge.parentElement?.getBoundingClientRect().width;
  return whole ? Math.max(NARROWEST, whole * MOST_OF_ALL) : WIDEST;
}
