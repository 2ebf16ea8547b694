// A look inside for the browser tests and the bench: `jlabelDebug` on the root element.
import type { PlaneName, Position } from "./protocol";
import { Frame } from "./view/viewport";
import type { ViewState } from "./view/viewstate";
import type { Orbit } from "./view3d/orbit";

export interface DebugView {
  /** Where the middle of a voxel is on the page, whether or not its slice is shown; null where the plane is not. */
  voxelToClient(plane: PlaneName, position: Position): { x: number; y: number } | null;
  maskAt(position: Position): number;
  /** Sum of all label values. */
  maskSum(): number;
  voxelAt(position: Position): number[] | null;
  /** How much the person did that the kernel is not known to have heard. */
  unheard(): number;
  setRadius(mm: number): void;
  /** How many voxels are shown as uncertain. */
  uncertain(): number;
  windowLevel(): [number, number];
  cursor(): Position;
  /** From where the 3D pane looks. */
  orbit(): Orbit;
}

export function exposeDebug(root: HTMLElement, view: ViewState): void {
  const { session } = view;
  const debug: DebugView = {
    voxelToClient: (plane, position) => voxelToClient(root, view, plane, position),
    maskAt: (position) => session.mask?.at(position) ?? 0,
    maskSum() {
      let sum = 0;
      for (const value of session.mask?.data ?? []) sum += value;
      return sum;
    },
    voxelAt: (position) => session.volume?.at(position) ?? null,
    unheard: () => session.unheard.value,
    setRadius: (mm) => session.display.setRadius(mm),
    uncertain: () => session.uncertain.count,
    windowLevel: () => [...session.display.window.value],
    cursor: () => [...session.display.cursor.value],
    orbit: () => view.orbit.value,
  };
  Object.defineProperty(root, "jlabelDebug", { value: Object.freeze(debug), configurable: true });
}

function voxelToClient(root: HTMLElement, view: ViewState, plane: PlaneName, position: Position) {
  const canvas = root.querySelector(`.jl-pane[data-plane="${plane}"] canvas`);
  const geometry = view.geometries.value?.[plane];
  if (!(canvas instanceof HTMLCanvasElement) || !geometry) return null;
  const size = { width: canvas.clientWidth, height: canvas.clientHeight };
  const frame = new Frame(geometry, view.viewports[plane].value, size);
  const [x, y] = frame.toScreen(geometry.toPlane(position));
  const box = canvas.getBoundingClientRect();
  return { x: box.left + x, y: box.top + y };
}
