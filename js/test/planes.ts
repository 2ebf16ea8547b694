// Planes for tests: every way in which an array's axes can lie on the screen.
import type { PlaneInfo } from "../src/protocol";

const ORDERS = [
  [0, 1, 2],
  [0, 2, 1],
  [1, 0, 2],
  [1, 2, 0],
  [2, 0, 1],
  [2, 1, 0],
] as const;

export function plane(right: [number, number], down: [number, number], superiorStep = 1): PlaneInfo {
  const normal = 3 - right[0] - down[0];
  return { name: "axial", normal, right, down, letters: ["R", "L", "A", "P"], superiorStep };
}

/** All 24 pairs of screen axes and directions. */
export const ALL_PLANES: readonly PlaneInfo[] = ORDERS.flatMap(([across, along]) =>
  [1, -1].flatMap((right) => [1, -1].map((down) => plane([across, right], [along, down]))),
);
