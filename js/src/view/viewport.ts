// What part of a plane a pane shows, and how points of the pane and of the plane belong together.
import type { PlaneGeometry, PlanePoint } from "../volume/planeGeometry";

export interface Viewport {
  /** 1 shows the whole plane, 2 the half of it. */
  readonly zoom: number;
  /** How far the plane's middle is from the pane's, in mm to the right and downwards. */
  readonly offset: readonly [number, number];
}

export interface Size {
  width: number;
  height: number;
}

export const WHOLE: Viewport = { zoom: 1, offset: [0, 0] };
const MIN_ZOOM = 0.5;
const MAX_ZOOM = 60;
const MARGIN = 8;

export function clampZoom(zoom: number): number {
  return Math.min(MAX_ZOOM, Math.max(MIN_ZOOM, zoom));
}

/** A viewport in a pane of a certain size; lengths on the screen are CSS pixels from the pane's top left corner. */
export class Frame {
  /** CSS pixels for a millimetre. */
  readonly scale: number;
  /** Where the plane's outer top left corner is. */
  readonly left: number;
  readonly top: number;
  private readonly geometry: PlaneGeometry;
  private readonly viewport: Viewport;
  private readonly size: Size;

  constructor(geometry: PlaneGeometry, viewport: Viewport, size: Size) {
    const [width, height] = geometry.extent;
    const fit = Math.min(Math.max(1, size.width - 2 * MARGIN) / width, Math.max(1, size.height - 2 * MARGIN) / height);
    this.geometry = geometry;
    this.viewport = viewport;
    this.size = size;
    this.scale = fit * viewport.zoom;
    this.left = size.width / 2 + (viewport.offset[0] - width / 2) * this.scale;
    this.top = size.height / 2 + (viewport.offset[1] - height / 2) * this.scale;
  }

  /** CSS pixels that a voxel is wide and high. */
  get voxel(): [number, number] {
    return [this.geometry.pixel[0] * this.scale, this.geometry.pixel[1] * this.scale];
  }

  toScreen([column, row]: PlanePoint): [number, number] {
    const [width, height] = this.voxel;
    return [this.left + (column + 0.5) * width, this.top + (row + 0.5) * height];
  }

  toPlane(x: number, y: number): PlanePoint {
    const [width, height] = this.voxel;
    return [(x - this.left) / width - 0.5, (y - this.top) / height - 0.5];
  }

  /** The viewport after a drag of that many CSS pixels; some of the plane always stays in sight. */
  panned(dx: number, dy: number): Viewport {
    const [width, height] = this.geometry.extent;
    const keep = (offset: number, extent: number, pane: number) => {
      const most = extent / 2 + (pane / 2 - 24) / this.scale;
      return Math.min(most, Math.max(-most, offset));
    };
    const { zoom, offset } = this.viewport;
    return {
      zoom,
      offset: [
        keep(offset[0] + dx / this.scale, width, this.size.width),
        keep(offset[1] + dy / this.scale, height, this.size.height),
      ],
    };
  }

  /** The viewport that is `factor` times larger, with the point at (x, y) left where it is. */
  zoomed(factor: number, x: number, y: number): Viewport {
    const { zoom, offset } = this.viewport;
    const next = clampZoom(zoom * factor);
    const [dx, dy] = [x - this.size.width / 2, y - this.size.height / 2];
    const shift = (zoom / next - 1) / this.scale;
    return { zoom: next, offset: [offset[0] + dx * shift, offset[1] + dy * shift] };
  }
}
