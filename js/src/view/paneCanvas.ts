// The canvas of one pane: follows its size, redraws what changed, and knows where on it a voxel is.
import { computed, effect, type ReadonlySignal, untracked } from "@preact/signals";
import type { PlaneName, Position } from "../protocol";
import type { PointerSpot } from "../tools/tool";
import type { Mask } from "../volume/mask";
import type { PlaneGeometry } from "../volume/planeGeometry";
import { inShape } from "../volume/region";
import type { Volume } from "../volume/volume";
import { ComparisonOutline } from "./comparisonOutline";
import type { FrameLoop } from "./frameLoop";
import { drawOverlay } from "./overlay";
import { hitAt } from "./promptDrag";
import type { Hit, Showing } from "./promptHandles";
import { SlicePicture } from "./slicePicture";
import { UncertainOverlay } from "./uncertainOverlay";
import type { Frame } from "./viewport";
import type { ViewState } from "./viewState";

const BACKGROUND = "#0b0d10";
/** What a pointer says besides where it is. */
type Held = Partial<Pick<PointerSpot, "alternate" | "picks" | "size">>;
const PLAIN = { alternate: false, picks: false, size: 1 };

/** Whose label a pane shows: the draft's, or the one that is compared with. */
export type Whose = "draft" | "other";

export class PaneCanvas {
  readonly view: ViewState;
  readonly name: PlaneName;
  readonly canvas: HTMLCanvasElement;
  readonly whose: Whose;
  readonly slice: ReadonlySignal<number>;
  private readonly loop: FrameLoop;
  private readonly context: CanvasRenderingContext2D;
  private readonly picture = new SlicePicture();
  private readonly other = new ComparisonOutline();
  private readonly uncertain = new UncertainOverlay();
  private readonly observer: ResizeObserver;
  private readonly stops: (() => void)[];
  private stale = true;
  /** The label that the picture shows, and how far it had changed by then. */
  private drawn: { mask: Mask | null; at: number } = { mask: null, at: 0 };

  constructor(view: ViewState, name: PlaneName, canvas: HTMLCanvasElement, loop: FrameLoop, whose: Whose) {
    this.view = view;
    this.whose = whose;
    this.name = name;
    this.canvas = canvas;
    this.loop = loop;
    this.context = canvas.getContext("2d", { alpha: false }) as CanvasRenderingContext2D;
    this.slice = computed(() => {
      const geometry = view.geometries.value?.[name];
      return geometry ? (view.store.display.cursor.value[geometry.normal] as number) : 0;
    });
    this.observer = new ResizeObserver(() => this.resize());
    this.observer.observe(canvas);
    const watches = [this.watchSlice, this.watchMask, this.watchOverlay, this.watchHover];
    this.stops = watches.map((watch) => effect(() => watch.call(this)));
  }

  close(): void {
    for (const stop of this.stops) stop();
    this.observer.disconnect();
    this.loop.forget(this);
  }

  /** How plane and screen belong together now; null while there is no image. */
  get frame(): Frame | null {
    return this.view.frameOf(this.name);
  }

  /** What lies at a point of the canvas, in CSS pixels from its top left corner. */
  spotAt(x: number, y: number, held: Held = {}): PointerSpot | null {
    const geometry = this.view.geometries.peek()?.[this.name];
    const header = this.view.store.image.header.peek();
    const frame = this.frame;
    if (!geometry || !header || !frame) return null;
    const position = geometry.toVoxel(frame.toPlane(x, y), this.slice.peek());
    const voxel = position.map(Math.round) as Position;
    return {
      geometry,
      position,
      voxel,
      inside: inShape(voxel, header.shape),
      ...PLAIN,
      pixel: 1 / frame.scale,
      ...held,
    };
  }

  /** What is shown and how; null while there is no image. */
  get showing(): Showing | null {
    const geometry = this.view.geometries.peek()?.[this.name];
    const frame = this.frame;
    return geometry && frame ? { geometry, frame, slice: this.slice.peek() } : null;
  }

  /** The prompt that a press at a point takes hold of. */
  hitAt(x: number, y: number): Hit | null {
    const showing = this.showing;
    return showing && hitAt(this.view, showing, x, y);
  }

  hoverAt(x: number, y: number): void {
    const spot = this.spotAt(x, y);
    this.view.pointer.inUse.value = false;
    this.view.hover.value = spot && { name: this.name, spot, x, y, hit: this.hitAt(x, y) };
  }

  draw(): void {
    const { store } = this.view;
    const geometry = this.view.geometries.peek()?.[this.name];
    const frame = this.frame;
    const ratio = window.devicePixelRatio || 1;
    const context = this.context;
    context.setTransform(1, 0, 0, 1, 0, 0);
    context.fillStyle = BACKGROUND;
    context.fillRect(0, 0, this.canvas.width, this.canvas.height);
    if (!geometry || !frame || !store.image.volume) return;
    this.drawPicture(geometry, store.image.volume);
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    const [width, height] = frame.voxel;
    context.imageSmoothingEnabled = Math.min(width, height) * ratio < 1;
    const { columns, rows } = geometry;
    context.drawImage(this.picture.canvas, frame.left, frame.top, columns * width, rows * height);
    if (this.whose === "draft") this.uncertain.draw(context, this.view, geometry, frame, this.slice.peek());
    if (store.comparison.by.peek() === "outline")
      this.other.draw(context, this.view, geometry, frame, this.slice.peek());
    drawOverlay(context, this.view, geometry, frame, this.view.sizes[this.name], this.slice.peek());
  }

  /** The slice with its labels: all of it, or where the label changed since. */
  private drawPicture(geometry: PlaneGeometry, volume: Volume): void {
    const { store, shading, palette } = this.view;
    const mask = this.whose === "draft" ? store.draft.mask : store.comparison.mask;
    const slice = this.slice.peek();
    const changed = this.stale || mask !== this.drawn.mask ? null : (mask?.changes.since(this.drawn.at) ?? null);
    // An outline depends on the voxels beside it.
    const part = changed ? geometry.partOf(changed, slice, 1) : geometry.whole;
    this.stale = false;
    this.drawn = { mask, at: mask?.changes.now ?? 0 };
    const outline = store.display.outline.peek();
    const voxels = this.whose === "draft" ? store.uncertainty.drawn : null;
    const unsure = voxels && { voxels, colors: this.view.uncertaintyColors.peek() };
    if (part) this.picture.draw(geometry, slice, volume, mask, shading.peek(), palette.peek(), outline, part, unsure);
  }

  private watchMask(): void {
    this.view.store.draft.version.value;
    this.loop.request(this);
  }

  private watchSlice(): void {
    const { store, shading, palette, geometries, uncertaintyColors } = this.view;
    geometries.value;
    store.uncertainty.version.value;
    if (store.uncertainty.shown.on.value) uncertaintyColors.value;
    this.slice.value;
    store.image.version.value;
    store.comparison.version.value;
    store.comparison.by.value;
    shading.value;
    palette.value;
    store.display.outline.value;
    this.stale = true;
    this.loop.request(this);
  }

  private watchOverlay(): void {
    const { store, viewports, prompts, active, pointer } = this.view;
    const { cursor, tool, radius } = store.display;
    viewports[this.name].value;
    prompts.value;
    store.polygon.sketch.value;
    store.uncertainBorder.version.value;
    store.uncertainBorder.shown.on.value;
    active.value;
    cursor.value;
    if (this.hovered.value !== null || pointer.inUse.value) {
      tool.value;
      radius.value;
    }
    this.loop.request(this);
  }

  private readonly hovered = computed(() => {
    const hover = this.view.hover.value;
    return hover?.name === this.name ? hover : null;
  });

  /** The slice or the viewport moved under a resting pointer. */
  private watchHover(): void {
    this.slice.value;
    this.view.viewports[this.name].value;
    untracked(() => {
      const hover = this.hovered.value;
      if (hover) this.hoverAt(hover.x, hover.y);
    });
  }

  private resize(): void {
    const { clientWidth, clientHeight } = this.canvas;
    if (clientWidth === 0 || clientHeight === 0) return;
    const ratio = window.devicePixelRatio || 1;
    this.view.sizes[this.name] = { width: clientWidth, height: clientHeight };
    this.canvas.width = Math.round(clientWidth * ratio);
    this.canvas.height = Math.round(clientHeight * ratio);
    this.draw();
  }
}
