// One plane: a bar with its slices, and the canvas.

import { useComputed } from "@preact/signals";
import { useEffect, useLayoutEffect, useRef } from "preact/hooks";
import type { PlaneName } from "../../protocol";
import { toolNamed } from "../../tools";
import type { FrameLoop } from "../../view/frameLoop";
import { PaneCanvas, type Whose } from "../../view/paneCanvas";
import { attachPanePointer } from "../../view/panePointer";
import { cursorOver } from "../../view/promptDrag";
import { isGrid, type ViewState } from "../../view/viewState";
import { tooltip } from "../actions/keymap";
import { Button } from "../controls/button";
import { titleOf } from "../panels/comparison";
import { isPicture } from "../panels/status";

/** Keys act on the plane that has the focus. */
const FOCUSABLE = { tabIndex: 0 };

interface PaneProps {
  view: ViewState;
  name: PlaneName;
  loop: FrameLoop;
  whose?: Whose;
}

export function Pane({ view, name, loop, whose = "draft" }: PaneProps) {
  const canvas = useRef<HTMLCanvasElement>(null);
  // At once: a stroke that begins before the next frame is not lost.
  useLayoutEffect(() => {
    const element = canvas.current as HTMLCanvasElement;
    const pane = new PaneCanvas(view, name, element, loop, whose);
    const detach = attachPanePointer(pane, element);
    return () => {
      detach();
      pane.close();
    };
  }, [view, name, loop, whose]);
  const isActive = view.active.value === name;
  // Keys that go to another plane take the focus along.
  useEffect(() => {
    const root = canvas.current?.closest(".jlabel");
    if (isActive && root?.querySelector("canvas:focus")) canvas.current?.focus({ preventScroll: true });
  }, [isActive]);
  const over = useComputed(() => {
    const hover = view.hover.value;
    return hover?.name === name && hover.hit ? cursorOver(hover.hit) : null;
  });
  const { display } = view.store;
  const geometry = view.geometries.value?.[name];
  const slice = geometry ? (display.cursor.value[geometry.normal] as number) : 0;
  const alone = view.shown.value.length === 1;
  const cursor = view.panning.value ? "grab" : (over.value ?? toolNamed(display.tool.value).cursor);
  return (
    <div
      class={`jl-pane${isActive && !alone ? " jl-active" : ""}`}
      data-plane={name}
      data-slice={slice}
      data-whose={whose}
      onFocusIn={() => {
        view.active.value = name;
      }}
    >
      <PaneBar view={view} name={name} slice={slice} whose={whose} />
      <canvas ref={canvas} style={{ cursor }} role="img" aria-label={`${name} slice ${slice}`} {...FOCUSABLE} />
    </div>
  );
}

function PaneBar({ view, name, slice, whose }: { view: ViewState; name: PlaneName; slice: number; whose: Whose }) {
  const header = view.store.image.header.value;
  const geometry = view.geometries.value?.[name];
  if (!header || !geometry) return null;
  const last = geometry.slices - 1;
  // Rightwards on the slider is upwards in the patient, however the file stores its slices.
  const turned = (index: number) => (geometry.plane.superiorStep > 0 ? index : last - index);
  const alone = !isGrid(view.layout.value);
  return (
    <div
      class="jl-panebar"
      role="toolbar"
      aria-label={`${name} plane`}
      onDblClick={(event) => enlargeFrom(view, name, event.target as Element)}
    >
      <span class="jl-plane-name">{isPicture(header) ? "image" : name}</span>
      {view.sideBySide.value && <span class="jl-whose">{whoseText(view, whose)}</span>}
      {last > 0 ? (
        <>
          <input
            type="range"
            min={0}
            max={last}
            step={1}
            value={turned(slice)}
            aria-label={`${name} slice`}
            aria-valuetext={`slice ${slice} of 0 to ${last}`}
            onInput={(event) => {
              const step = turned(Number(event.currentTarget.value)) - slice;
              view.active.value = name;
              view.step(geometry, step * geometry.plane.superiorStep);
            }}
          />
          <span class="jl-slice" title={`Slice ${slice}, counted from 0; the last one is ${last}`}>
            {slice} <span class="jl-last">/ {last}</span>
          </span>
        </>
      ) : (
        <span class="jl-space" />
      )}
      {!header.flat && (
        <Button
          icon={alone ? "shrink" : "enlarge"}
          label={alone ? "Show all panes" : `Enlarge ${name}`}
          title={tooltip(
            view,
            "enlarge",
            alone ? "Show all panes; double-click" : "Show this plane alone; double-click",
          )}
          bare
          onClick={() => view.enlarge(name)}
        />
      )}
    </div>
  );
}

/** In the bar a double click enlarges with any tool: in the picture it belongs to the tool. */
function enlargeFrom(view: ViewState, name: PlaneName, target: Element): void {
  if (!view.store.image.header.value?.flat && !target.closest("input, button")) view.enlarge(name);
}

function whoseText({ store }: ViewState, whose: Whose): string {
  const other = store.kernel.state.value?.comparing;
  return whose === "draft" || !other ? "Draft" : titleOf(other.tag, other.version);
}
