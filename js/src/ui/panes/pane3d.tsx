// The 3D pane: a bar, the canvas, and in its place what stands in the way.
import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import type { FrameLoop } from "../../view/frameLoop";
import { View3dCanvas } from "../../view/view3dCanvas";
import { attachView3dPointer } from "../../view/view3dPointer";
import type { ViewState } from "../../view/viewState";
import type { Content, View3dModule } from "../../view3d/api";
import { FRONT, lettersOf } from "../../view3d/orbit";
import { hasWebgl } from "../../view3d/webgl";
import { tooltip } from "../actions/keymap";
import { lookFrom, SIDES } from "../actions/view3dActions";
import { Button } from "../controls/button";
import { View3dHint } from "./view3dHint";

const NO_WEBGL =
  "This browser shows no 3D: WebGL 2 is switched off or missing. Switch on graphics (hardware) acceleration in the " +
  "browser's settings, or use another browser. Everything else works without it.";

export function Pane3d({ view, loop }: { view: ViewState; loop: FrameLoop }) {
  const { view3d } = view.store;
  const supported = hasWebgl();
  useEffect(() => (supported ? view3d.show() : undefined), [view3d, supported]);
  const { left, surfaces, script } = view3d;
  const state = supported ? script.state.value : "unsupported";
  return (
    <div
      class="jl-pane jl-pane3d"
      data-solid={state}
      data-surfaces={surfaces.value.size}
      data-left={left.value ?? ""}
      data-volume={String(view3d.volume.value !== null)}
    >
      <Bar view={view} ready={state === "ready"} />
      {state === "unsupported" && <p class="jl-instead">{NO_WEBGL}</p>}
      {(state === "loading" || state === "absent") && <p class="jl-instead">Loading the 3D view …</p>}
      {state === "failed" && <Failed view={view} />}
      {state === "ready" && script.module && <Picture view={view} loop={loop} module={script.module} />}
    </div>
  );
}

function Failed({ view }: { view: ViewState }) {
  const { script } = view.store.view3d;
  return (
    <div class="jl-instead" role="alert">
      <p>The 3D view did not load. {script.problem.value}</p>
      <Button
        icon="reset"
        label="Retry"
        title="Load the 3D view again"
        action="retry-3d"
        onClick={() => script.want()}
      />
    </div>
  );
}

function Picture({ view, loop, module }: { view: ViewState; loop: FrameLoop; module: View3dModule }) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const [problem, setProblem] = useState("");
  // At once: a key or a drag that comes before the next frame is not lost.
  useLayoutEffect(() => {
    const shown = open(view, module, canvas.current as HTMLCanvasElement, loop, setProblem);
    if (!shown) return;
    const detach = attachView3dPointer(shown);
    return () => {
      detach();
      shown.close();
    };
  }, [view, module, loop]);
  if (problem) return <p class="jl-instead">{problem}</p>;
  return (
    <div class="jl-solid">
      <canvas
        ref={canvas}
        tabIndex={0}
        role="img"
        data-scope="solid"
        aria-label={tooltip(view, "help", "3D view; the help lists its keys")}
      />
      <Letters view={view} />
      <View3dHint view={view} />
    </div>
  );
}

/** A page has only so many WebGL contexts: with many labelers open the browser refuses one. */
function open(
  view: ViewState,
  module: View3dModule,
  canvas: HTMLCanvasElement,
  loop: FrameLoop,
  fail: (problem: string) => void,
): View3dCanvas | null {
  try {
    return new View3dCanvas(view, module, canvas, loop);
  } catch (error) {
    fail(`The browser could not open the 3D view: ${(error as Error).message}`);
    return null;
  }
}

function Letters({ view }: { view: ViewState }) {
  if (!view.store.image.header.value?.oriented) return null;
  const [left, right, top, bottom] = lettersOf(view.orbit.value);
  return (
    <div class="jl-letters" aria-hidden="true">
      <span>{left}</span>
      <span>{right}</span>
      <span>{top}</span>
      <span>{bottom}</span>
    </div>
  );
}

const CONTENTS: Record<Content, { text: string; title: string }> = {
  surfaces: { text: "Surfaces", title: "Show the labels' surfaces" },
  volume: { text: "Volume", title: "Show the image as a volume, through the window" },
  both: { text: "Both", title: "Show the surfaces inside the volume" },
};

function Bar({ view, ready }: { view: ViewState; ready: boolean }) {
  const alone = view.layout.value === "view3d";
  return (
    <div class="jl-panebar">
      <span class="jl-plane-name">3D</span>
      <span class="jl-space" />
      {ready && <Contents view={view} />}
      {ready && <Sides view={view} />}
      {ready && (
        <Button
          icon="reset"
          label="Reset the 3D view"
          title={tooltip(view, "reset-3d")}
          action="reset-3d"
          bare
          onClick={() => {
            view.orbit.value = FRONT;
          }}
        />
      )}
      <Button
        icon={alone ? "shrink" : "enlarge"}
        label={alone ? "Show all panes" : "Enlarge 3D"}
        title={alone ? "Show all panes (double-click)" : "Show 3D alone (double-click)"}
        action="enlarge-3d"
        bare
        onClick={() => view.enlarge("view3d")}
      />
    </div>
  );
}

function Contents({ view }: { view: ViewState }) {
  const { content } = view.store.view3d;
  return (
    <select
      class="jl-barselect"
      aria-label="What the 3D view shows"
      title={CONTENTS[content.value].title}
      data-choose="content3d"
      value={content.value}
      onChange={(event) => {
        content.value = event.currentTarget.value as Content;
      }}
    >
      {Object.entries(CONTENTS).map(([name, { text, title }]) => (
        <option key={name} value={name} title={title} selected={name === content.value}>
          {text}
        </option>
      ))}
    </select>
  );
}

function Sides({ view }: { view: ViewState }) {
  const { azimuth, elevation } = view.orbit.value;
  const oriented = view.store.image.header.value?.oriented;
  const present = Object.keys(SIDES).find((side) => {
    const from = SIDES[side];
    return from?.elevation === elevation && (Math.abs(from.elevation) === 90 || same(from.azimuth, azimuth));
  });
  if (!oriented) return null;
  return (
    <select
      class="jl-barselect"
      aria-label="Look from"
      title="Look from a side of the patient"
      data-choose="side3d"
      value={present ?? ""}
      onChange={(event) => {
        const from = SIDES[event.currentTarget.value];
        if (from) view.orbit.value = lookFrom(view.orbit.value, from);
      }}
    >
      <option value="" disabled selected={present === undefined}>
        From …
      </option>
      {Object.keys(SIDES).map((side) => (
        <option key={side} value={side} selected={side === present}>
          {side}
        </option>
      ))}
    </select>
  );
}

function same(a: number, b: number): boolean {
  return Math.abs(a - b) % 360 === 0;
}
