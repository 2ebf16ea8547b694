// Where a plane's columns and rows lie in the voxel array.
import type { Header, PlaneInfo, PlaneName, Position, Region } from "../protocol";

/** A point of a plane in voxels: column to the right, row downwards; a voxel's centre at whole numbers. */
export type PlanePoint = [column: number, row: number];

/** Columns left to right and rows top to bottom, half open. */
export interface Part {
  left: number;
  top: number;
  right: number;
  bottom: number;
}

export class PlaneGeometry {
  readonly plane: PlaneInfo;
  readonly name: PlaneName;
  readonly normal: number;
  readonly columns: number;
  readonly rows: number;
  readonly slices: number;
  /** Millimetres from one column to the next and from one row to the next. */
  readonly pixel: [number, number];
  readonly whole: Part;

  constructor(plane: PlaneInfo, shape: Position, spacing: Position) {
    const [across, down] = [plane.right[0], plane.down[0]];
    this.plane = plane;
    this.name = plane.name;
    this.normal = plane.normal;
    this.columns = shape[across] as number;
    this.rows = shape[down] as number;
    this.slices = shape[plane.normal] as number;
    this.pixel = [spacing[across] as number, spacing[down] as number];
    this.whole = { left: 0, top: 0, right: this.columns, bottom: this.rows };
  }

  static of(header: Header, name: PlaneName): PlaneGeometry {
    const plane = header.planes.find((p) => p.name === name) as PlaneInfo;
    return new PlaneGeometry(plane, header.shape, header.spacing);
  }

  /** Width and height in mm, from the outer edge of the first voxel to that of the last. */
  get extent(): [number, number] {
    return [this.columns * this.pixel[0], this.rows * this.pixel[1]];
  }

  toVoxel([column, row]: PlanePoint, slice: number): Position {
    const { right, down, normal } = this.plane;
    const position: Position = [0, 0, 0];
    position[right[0]] = right[1] > 0 ? column : this.columns - 1 - column;
    position[down[0]] = down[1] > 0 ? row : this.rows - 1 - row;
    position[normal] = slice;
    return position;
  }

  toPlane(position: readonly number[]): PlanePoint {
    const { right, down } = this.plane;
    const [across, along] = [position[right[0]] ?? 0, position[down[0]] ?? 0];
    return [right[1] > 0 ? across : this.columns - 1 - across, down[1] > 0 ? along : this.rows - 1 - along];
  }

  /** What a slice shows of a region, and of `margin` pixels around it; null for nothing. */
  partOf(region: Region, slice: number, margin = 0): Part | null {
    const { normal } = this;
    if (slice < (region[normal] as number) || slice >= (region[normal + 3] as number)) return null;
    const [a, b] = [this.toPlane(region.slice(0, 3)), this.toPlane(region.slice(3).map((v) => v - 1))];
    const part = {
      left: Math.max(0, Math.min(a[0], b[0]) - margin),
      top: Math.max(0, Math.min(a[1], b[1]) - margin),
      right: Math.min(this.columns, Math.max(a[0], b[0]) + 1 + margin),
      bottom: Math.min(this.rows, Math.max(a[1], b[1]) + 1 + margin),
    };
    return part.left < part.right && part.top < part.bottom ? part : null;
  }

  /** How to walk a flat array in screen order: where the slice's top left voxel is, and the step to the next column and row. */
  walk(slice: number, strides: Position): { start: number; column: number; row: number } {
    const corner = this.toVoxel([0, 0], slice);
    const { right, down } = this.plane;
    return {
      start: corner[0] * strides[0] + corner[1] * strides[1] + corner[2] * strides[2],
      column: right[1] * (strides[right[0]] as number),
      row: down[1] * (strides[down[0]] as number),
    };
  }
}
