// Half-open boxes of voxels in the array's own axes: [x0, y0, z0, x1, y1, z1].
import type { Position, Region } from "../protocol";

export function regionShape(region: Region): Position {
  return [Math.max(0, region[3] - region[0]), Math.max(0, region[4] - region[1]), Math.max(0, region[5] - region[2])];
}

export function regionSize(region: Region): number {
  const [x, y, z] = regionShape(region);
  return x * y * z;
}

export function wholeRegion(shape: Position): Region {
  return [0, 0, 0, shape[0], shape[1], shape[2]];
}

export function regionInside(region: Region, shape: Position): boolean {
  return [0, 1, 2].every(
    (axis) =>
      (region[axis] as number) >= 0 &&
      (region[axis] as number) <= (region[axis + 3] as number) &&
      (region[axis + 3] as number) <= (shape[axis] as number),
  );
}

export function regionsMeet(a: Region, b: Region): boolean {
  return [0, 1, 2].every(
    (axis) => (a[axis] as number) < (b[axis + 3] as number) && (b[axis] as number) < (a[axis + 3] as number),
  );
}

export function inShape(position: readonly number[], shape: Position): boolean {
  return shape.every((n, axis) => (position[axis] ?? 0) >= 0 && (position[axis] ?? 0) < n);
}

/** How far apart, in a flat Fortran-ordered array, neighbours along each axis are. */
export function strides(shape: Position): Position {
  return [1, shape[0], shape[0] * shape[1]];
}

/** The two array axes other than `normal`, in increasing order. */
export function otherAxes(normal: number): [number, number] {
  return normal === 0 ? [1, 2] : normal === 1 ? [0, 2] : [0, 1];
}

/** The smallest box that holds both. */
export function joinRegions(a: Region, b: Region): Region {
  return a.map((v, n) => (n < 3 ? Math.min : Math.max)(v, b[n] as number)) as Region;
}
