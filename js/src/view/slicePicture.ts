// One pane's slice as a picture, drawn anew only when something it shows has changed.
import type { BoxVoxels } from "../store/boxVoxels";
import type { Mask } from "../volume/mask";
import type { Part, PlaneGeometry } from "../volume/planeGeometry";
import type { Volume } from "../volume/volume";
import type { Palette } from "./palette";
import { renderLabels, renderSlice, renderUncertainty, type Shading } from "./render";
import type { UncertaintyColors } from "./uncertaintyColors";

/** How unsure a model is, and the colours of that. */
export interface Unsure {
  voxels: BoxVoxels;
  colors: UncertaintyColors;
}

export class SlicePicture {
  readonly canvas = document.createElement("canvas");
  private readonly context = this.canvas.getContext("2d", { alpha: false }) as CanvasRenderingContext2D;
  private image: ImageData | null = null;
  private pixels = new Uint32Array(0);

  draw(
    geometry: PlaneGeometry,
    slice: number,
    volume: Volume,
    mask: Mask | null,
    shading: Shading,
    palette: Palette,
    outline: boolean,
    part: Part = geometry.whole,
    unsure: Unsure | null = null,
  ): void {
    const image = this.fit(geometry.columns, geometry.rows);
    renderSlice(this.pixels, geometry, slice, volume, shading, part);
    if (mask) renderLabels(this.pixels, geometry, slice, mask, palette, outline, part);
    if (unsure) renderUncertainty(this.pixels, geometry, slice, unsure.voxels, unsure.colors, part);
    const { left, top, right, bottom } = part;
    this.context.putImageData(image, 0, 0, left, top, right - left, bottom - top);
  }

  private fit(width: number, height: number): ImageData {
    if (this.image?.width !== width || this.image.height !== height) {
      this.canvas.width = width;
      this.canvas.height = height;
      this.image = this.context.createImageData(width, height);
      this.pixels = new Uint32Array(this.image.data.buffer);
    }
    return this.image;
  }
}
