// The voxels that the model's last answer is not sure of, as the kernel sends them.
import { type Signal, signal } from "@preact/signals";
import type { Region, State, Tell } from "../protocol";
import { unpackMask } from "../volume/codec";
import { regionInside, regionShape, regionSize, strides } from "../volume/region";
import type { Session } from "./session";
import { Switch } from "./switch";

/** One byte for each voxel of a box, in Fortran order: not 0 where the model is not sure. */
export interface UncertainBorder {
  /** Of the label that the model was asked for. */
  value: number;
  box: Region;
  bits: Uint8Array;
}

export class Uncertain {
  readonly shown: Switch;
  /** Grows when the border changes. */
  readonly version: Signal<number> = signal(0);
  private border: UncertainBorder | null = null;
  private number = 0;

  constructor(session: Session) {
    this.shown = new Switch(session, "uncertain_border", (state) => state.uncertainBorder);
    session.on("uncertain", (message, buffers) => this.take(message, buffers[0] as Uint8Array));
    session.on("no_uncertain", () => this.forget());
  }

  /** What is to be drawn; null for nothing. */
  get drawn(): UncertainBorder | null {
    return this.shown.on.peek() ? this.border : null;
  }

  /** How many voxels are shown. */
  get count(): number {
    return this.drawn?.bits.reduce((sum, bit) => sum + (bit ? 1 : 0), 0) ?? 0;
  }

  takeState(state: State): void {
    this.shown.takeState(state);
  }

  forget(): void {
    if (this.border === null) return;
    this.border = null;
    this.version.value++;
  }

  private take({ number, value, box, region }: Extract<Tell, { type: "uncertain" }>, packed: Uint8Array): void {
    if (this.border === null || number !== this.number)
      this.border = { value, box, bits: new Uint8Array(regionSize(box)) };
    this.number = number;
    put(this.border, region, unpackMask(packed, region, "uint8"));
    this.version.value++;
  }
}

function put({ box, bits }: UncertainBorder, region: Region, values: ArrayLike<number>): void {
  const [x0, y0, z0, x1, y1, z1] = region.map((at, axis) => at - (box[axis % 3] as number)) as Region;
  const shape = regionShape(box);
  if (!regionInside([x0, y0, z0, x1, y1, z1], shape)) throw new RangeError(`${region} does not lie in ${box}`);
  const [, row, slice] = strides(shape);
  let from = 0;
  for (let z = z0; z < z1; z++)
    for (let y = y0; y < y1; y++)
      for (let x = x0; x < x1; x++) bits[x + y * row + z * slice] = values[from++] as number;
}
