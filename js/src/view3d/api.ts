// What the labeler and the 3D view, which is a script of its own and loaded only when asked for, know of each other.
import type { Position } from "../protocol";
import type { Orbit } from "./orbit";

export interface Mesh {
  /** x, y, z in RAS millimetres, vertex by vertex. */
  vertices: Float32Array;
  /** Three vertices a triangle, counter-clockwise from outside. */
  faces: Uint32Array;
}

export interface Block {
  shape: Position;
  /** 4×4, row by row: voxel index to RAS millimetres. */
  affine: number[][];
  /** One byte a voxel, as it is shown through the window; the first axis is the fastest. */
  data: Uint8Array;
}

export type Content = "surfaces" | "volume" | "both";

/** How things are shown; given whole whenever any of it changes. */
export interface Look {
  content: Content;
  /** CSS colours by label value. */
  colors: ReadonlyMap<number, string>;
  hidden: ReadonlySet<number>;
  /** Of the surfaces, 0 to 1. */
  opacity: number;
}

export interface Scene {
  /** Forget what was shown, and take the grid of another image. */
  open(shape: Position, affine: number[][]): void;
  setSurface(value: number, mesh: Mesh | null): void;
  setVolume(block: Block | null): void;
  setLook(look: Look): void;
  setOrbit(orbit: Orbit): void;
  setCursor(position: Position): void;
  /** In CSS pixels. */
  resize(width: number, height: number, ratio: number): void;
  /** A draft is quicker, for while something moves. */
  render(draft: boolean): void;
  /** The voxel under a point of the canvas (CSS pixels from its top left corner) on the nearest surface shown. */
  pick(x: number, y: number): Position | null;
  /** CSS pixels for a millimetre. */
  readonly scale: number;
  close(): void;
}

export interface View3dModule {
  createScene(canvas: HTMLCanvasElement): Scene;
}
