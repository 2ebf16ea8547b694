// A look inside for the browser tests and the bench: `jlabelDebug` on the root element.
import type { PlaneName, Position } from "../protocol";
import type { Orbit } from "../view3d/orbit";
import { Frame } from "./viewport";
import type { ViewState } from "./viewState";

export interface DebugView {
  /** Where the middle of a voxel is on the page, whether or not its slice is shown; null where the plane is not. */
  voxelToClient(plane: PlaneName, position: Position): { x: number; y: number } | null;
  maskAt(position: Position): number;
  /** Sum of all label values. */
  maskSum(): number;
  voxelAt(position: Position): number[] | null;
  /** How much the person did that the kernel is not known to have heard. */
  unacked(): number;
  setRadius(mm: number): void;
  /** How many voxels are shown as uncertain. */
  uncertain(): number;
  /** How many voxels of the model's uncertainty are here and shown. */
  unsure(): number;
  windowLevel(): [number, number];
  cursor(): Position;
  /** From where the 3D pane looks. */
  orbit(): Orbit;
}

export function exposeDebug(root: HTMLElement, view: ViewState): void {
  const { store } = view;
  const debug: DebugView = {
    voxelToClient: (plane, position) => voxelToClient(root, view, plane, position),
    maskAt: (position) => store.draft.mask?.at(position) ?? 0,
    maskSum() {
      let sum = 0;
      for (const value of store.draft.mask?.data ?? []) sum += value;
      return sum;
    },
    voxelAt: (position) => store.image.volume?.at(position) ?? null,
    unacked: () => store.connection.unacked.value,
    setRadius: (mm) => store.display.setRadius(mm),
    uncertain: () => store.uncertainBorder.count,
    unsure: () => store.uncertainty.drawn?.bits.reduce((sum, level) => sum + (level ? 1 : 0), 0) ?? 0,
    windowLevel: () => [...store.display.window.value],
    cursor: () => [...store.display.cursor.value],
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
