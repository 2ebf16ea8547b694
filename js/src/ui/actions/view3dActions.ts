// Actions of the 3D pane. Their keys work while it has the focus, and come before those of the whole labeler there.
import type { ViewState } from "../../view/viewState";
import { FRONT, type Orbit, panned, rotated, zoomed } from "../../view3d/orbit";
import type { Action } from "./action";

const DEGREES_A_KEY = 15;
const PIXELS_A_KEY = 30;
const ZOOM_A_KEY = 1.25;

/** From where a side of the patient is seen, in degrees. */
export const SIDES: Readonly<Record<string, Pick<Orbit, "azimuth" | "elevation">>> = {
  Front: { azimuth: 0, elevation: 0 },
  Back: { azimuth: 180, elevation: 0 },
  Left: { azimuth: 90, elevation: 0 },
  Right: { azimuth: -90, elevation: 0 },
  Above: { azimuth: 0, elevation: 90 },
  Below: { azimuth: 0, elevation: -90 },
};

const DIRECTIONS = [
  ["left", -1, 0],
  ["right", 1, 0],
  ["up", 0, -1],
  ["down", 0, 1],
] as const;

/** The orbit from a side, with the volume in the middle. */
export function lookFrom(orbit: Orbit, from: Pick<Orbit, "azimuth" | "elevation">): Orbit {
  return { ...orbit, ...from, pan: [0, 0] };
}

function change(id: string, text: string, keys: readonly string[], to: (orbit: Orbit, scale: number) => Orbit): Action {
  const run = ({ orbit, view3dPane }: ViewState) => {
    if (view3dPane) orbit.value = to(orbit.value, view3dPane.scene.scale);
  };
  return { id, group: "In the 3D pane", scope: "solid", text, keys, run };
}

export const VIEW_3D_ACTIONS: readonly Action[] = [
  ...DIRECTIONS.map(([way, x, y]) =>
    change(`turn-3d-${way}`, "Turn the 3D view", [way], (orbit) =>
      rotated(orbit, -x * DEGREES_A_KEY, y * DEGREES_A_KEY),
    ),
  ),
  ...DIRECTIONS.map(([way, x, y]) =>
    change(`pan-3d-${way}`, "Pan the 3D view", [`shift+${way}`], (orbit, scale) =>
      panned(orbit, x * PIXELS_A_KEY, y * PIXELS_A_KEY, scale),
    ),
  ),
  change("zoom-3d-in", "Zoom in on the 3D view", ["+", "="], (orbit) => zoomed(orbit, ZOOM_A_KEY)),
  change("zoom-3d-out", "Zoom out of the 3D view", ["-"], (orbit) => zoomed(orbit, 1 / ZOOM_A_KEY)),
  change("reset-3d", "Reset the 3D view", ["home"], () => FRONT),
  ...Object.entries(SIDES).map(([side, from]) =>
    change(`look-3d-${side.toLowerCase()}`, "Look from a side of the patient", [], (orbit) => lookFrom(orbit, from)),
  ),
];
