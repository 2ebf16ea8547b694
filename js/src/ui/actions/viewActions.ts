// Actions of looking and pointing: slices, zoom, window, planes, the crosshair.
import { isPlane, type Layout, PLANES, type ViewState } from "../../view/viewState";
import type { Action } from "./action";
import { runWaiting } from "./commands";

const step = (slices: number) => (view: ViewState) => {
  const geometry = view.activeGeometry;
  if (geometry) view.step(geometry, slices);
};

const look = (id: string, text: string, keys: readonly string[], run: Action["run"]): Action => ({
  id,
  group: "Look",
  text,
  keys,
  run,
});

const LAYOUTS: readonly (readonly [Layout, id: string, text: string])[] = [
  ["three", "show-three", "Show three planes"],
  ...PLANES.map((name) => [name, `show-${name}`, `Show the ${name} plane alone`] as const),
  ["view3d", "show-solid", "Show the labels in 3D alone"],
];

export function showLayout(view: ViewState, layout: Layout): void {
  view.layout.value = layout;
  if (isPlane(layout)) view.active.value = layout;
}

/** Around the planes and the 3D pane, which has the focus while it is the one. */
function turnTo(view: ViewState, step: 1 | -1): void {
  const canvas = view.view3dPane?.canvas;
  const planes = view.shown.value;
  const stops = canvas ? [...planes, "view3d" as const] : planes;
  if (stops.length === 0) return;
  const in3d = canvas?.matches(":focus") ?? false;
  const at = in3d ? planes.length : Math.max(0, planes.indexOf(view.activeGeometry?.name ?? "axial"));
  const to = stops[(at + step + stops.length) % stops.length];
  if (to === "view3d") canvas?.focus({ preventScroll: true });
  else if (to) {
    view.active.value = to;
    if (in3d) canvas?.closest<HTMLElement>(".jlabel")?.focus({ preventScroll: true });
  }
}

export const VIEW_ACTIONS: readonly Action[] = [
  look("slice-up", "Next slice: up, forwards or right", ["up", "right"], step(1)),
  look("slice-down", "Previous slice", ["down", "left"], step(-1)),
  look("slices-up", "Ten slices on", ["pageup"], step(10)),
  look("slices-down", "Ten slices back", ["pagedown"], step(-10)),
  look("first-slice", "First slice", ["home"], step(-1e9)),
  look("last-slice", "Last slice", ["end"], step(1e9)),
  look("next-plane", "Go to the next plane, or to 3D", ["f6"], (view) => turnTo(view, 1)),
  look("previous-plane", "Go to the plane before, or to 3D", ["shift+f6"], (view) => turnTo(view, -1)),
  look("enlarge", "Show this plane alone, or all panes", ["z"], (view) => {
    const name = view.activeGeometry?.name;
    if (name && !view.store.image.header.value?.flat) view.enlarge(name);
  }),
  ...LAYOUTS.map(([layout, id, text]) => look(id, text, [], (view) => showLayout(view, layout))),
  look("view-3d", "Three planes and 3D, or three planes alone", ["t"], (view) => view.toggleView3d()),
  look("zoom-in", "Zoom in", ["+", "="], (view) => view.zoom(1.25)),
  look("zoom-out", "Zoom out", ["-"], (view) => view.zoom(1 / 1.25)),
  look("pan-left", "Pan the plane", ["alt+left"], (view) => view.pan(-0.1, 0)),
  look("pan-right", "Pan the plane", ["alt+right"], (view) => view.pan(0.1, 0)),
  look("pan-up", "Pan the plane", ["alt+up"], (view) => view.pan(0, -0.1)),
  look("pan-down", "Pan the plane", ["alt+down"], (view) => view.pan(0, 0.1)),
  look("window", "Next window: automatic, for CT also brain, lung …", ["w"], (view) => view.cycleWindow()),
  look("brighter", "Brighter", [")"], (view) => view.shiftWindow(0, 12)),
  look("darker", "Darker", ["("], (view) => view.shiftWindow(0, -12)),
  look("less-contrast", "Less contrast: a wider window", [">"], (view) => view.shiftWindow(15, 0)),
  look("more-contrast", "More contrast: a narrower window", ["<"], (view) => view.shiftWindow(-15, 0)),
  look("reset-view", "Reset zoom, position and window", ["r"], (view) => view.reset()),
  {
    ...look("drag-pans", "Hold: a drag pans with any tool", ["space"], (view) => {
      view.panning.value = true;
    }),
    release: (view) => {
      view.panning.value = false;
    },
  },
];

const DIRECTIONS = [
  ["left", -1, 0],
  ["right", 1, 0],
  ["up", 0, -1],
  ["down", 0, 1],
] as const;

const move = (id: string, text: string, key: string, columns: number, rows: number): Action => ({
  id,
  group: "Crosshair",
  text,
  keys: [key],
  run: (view) => view.pointer.move(columns, rows),
});

const press = (id: string, text: string, key: string, alternate: boolean): Action => ({
  id,
  group: "Crosshair",
  text,
  keys: [key],
  run: (view) => (alternate || !runWaiting(view) ? view.pointer.press(alternate) : undefined),
  release: (view) => view.pointer.release(),
});

/** The crosshair is the pointer of those who use none. */
export const CROSSHAIR_ACTIONS: readonly Action[] = [
  ...DIRECTIONS.map(([way, x, y]) => move(`move-${way}`, "Move the crosshair by a voxel", `shift+${way}`, x, y)),
  ...DIRECTIONS.map(([way, x, y]) =>
    move(`move-far-${way}`, "Move the crosshair by ten voxels", `mod+shift+${way}`, 10 * x, 10 * y),
  ),
  press("press", "Use the tool at the crosshair; hold it and move to paint or draw", "enter", false),
  press("press-other", "Use the tool there as with shift: what does not belong", "shift+enter", true),
];
