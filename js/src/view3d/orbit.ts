// From where a volume is looked at: on a ball around its middle, the patient's head always up.

export type Vector = [number, number, number];

export interface Orbit {
  /** Degrees from the front towards the patient's left. */
  readonly azimuth: number;
  /** Degrees upwards, -90 to 90. */
  readonly elevation: number;
  /** 1 shows the whole volume. */
  readonly zoom: number;
  /** Where the middle of the picture lies, in mm to the right of and above the volume's middle. */
  readonly pan: readonly [number, number];
}

export const FRONT: Orbit = { azimuth: 25, elevation: 15, zoom: 1.25, pan: [0, 0] };
const MIN_ZOOM = 0.3;
const MAX_ZOOM = 30;
const DEGREES_A_PIXEL = 0.4;
/** A letter is written at an edge when its direction is within about 45° of it. */
const CLEAR = 0.7;

/** Unit vectors in RAS: to the right and to the top of the picture, and towards the eye. */
export function axesOf({ azimuth, elevation }: Orbit): { right: Vector; up: Vector; toward: Vector } {
  const [a, e] = [(azimuth * Math.PI) / 180, (elevation * Math.PI) / 180];
  const [sa, ca, se, ce] = [Math.sin(a), Math.cos(a), Math.sin(e), Math.cos(e)];
  return { right: [-ca, -sa, 0], up: [sa * se, -ca * se, ce], toward: [-sa * ce, ca * ce, se] };
}

export function rotated(orbit: Orbit, degreesLeft: number, degreesUp: number): Orbit {
  const azimuth = ((((orbit.azimuth + degreesLeft + 180) % 360) + 360) % 360) - 180;
  return { ...orbit, azimuth, elevation: Math.min(90, Math.max(-90, orbit.elevation + degreesUp)) };
}

/** The front of the volume follows the pointer. */
export function dragged(orbit: Orbit, dx: number, dy: number): Orbit {
  return rotated(orbit, -dx * DEGREES_A_PIXEL, dy * DEGREES_A_PIXEL);
}

/** The picture follows the pointer; `scale` is CSS pixels for a millimetre. */
export function panned(orbit: Orbit, dx: number, dy: number, scale: number): Orbit {
  return { ...orbit, pan: [orbit.pan[0] - dx / scale, orbit.pan[1] + dy / scale] };
}

/** Larger by a factor, with the point (x, y), in mm to the right of and above the picture's middle, left where it is. */
export function zoomed(orbit: Orbit, factor: number, x = 0, y = 0): Orbit {
  const zoom = Math.min(MAX_ZOOM, Math.max(MIN_ZOOM, orbit.zoom * factor));
  const stays = 1 - orbit.zoom / zoom;
  return { ...orbit, zoom, pan: [orbit.pan[0] + x * stays, orbit.pan[1] + y * stays] };
}

/** Anatomical letters at the left, right, top and bottom edge; empty where a direction is not clear. */
export function lettersOf(orbit: Orbit): [string, string, string, string] {
  const { right, up } = axesOf(orbit);
  const minus = (v: Vector): Vector => [-v[0], -v[1], -v[2]];
  return [letter(minus(right)), letter(right), letter(up), letter(minus(up))];
}

function letter(direction: Vector): string {
  const axis = [0, 1, 2].find((n) => Math.abs(direction[n] as number) > CLEAR);
  if (axis === undefined) return "";
  return ["LR", "PA", "IS"][axis]?.charAt((direction[axis] as number) > 0 ? 1 : 0) ?? "";
}
