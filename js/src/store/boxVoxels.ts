// One byte for each voxel of a box of the image, in Fortran order, put together from parts.
import type { Region } from "../protocol";
import { regionInside, regionShape, strides } from "../volume/region";

export interface BoxVoxels {
  box: Region;
  bits: Uint8Array;
}

/** The voxels of `region`, which lies in the box, are now these. */
export function putInBox({ box, bits }: BoxVoxels, region: Region, values: ArrayLike<number>): void {
  const [x0, y0, z0, x1, y1, z1] = region.map((at, axis) => at - (box[axis % 3] as number)) as Region;
  const shape = regionShape(box);
  if (!regionInside([x0, y0, z0, x1, y1, z1], shape)) throw new RangeError(`${region} does not lie in ${box}`);
  const [, row, slice] = strides(shape);
  let from = 0;
  for (let z = z0; z < z1; z++)
    for (let y = y0; y < y1; y++)
      for (let x = x0; x < x1; x++) bits[x + y * row + z * slice] = values[from++] as number;
}
