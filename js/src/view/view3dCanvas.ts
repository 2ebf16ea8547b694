// The canvas of the 3D pane: tells the scene what has changed, and draws it.
import { effect } from "@preact/signals";
import type { VersionedMesh } from "../store/view3d";
import type { Look, Scene, View3dModule } from "../view3d/api";
import type { FrameLoop } from "./frameLoop";
import { colorOf } from "./palette";
import type { ViewState } from "./viewState";

/** After the last movement, before the picture is drawn in full. */
const REST_MS = 180;
const MOST_PIXELS = 2;

export class View3dCanvas {
  readonly view: ViewState;
  readonly canvas: HTMLCanvasElement;
  readonly scene: Scene;
  private readonly loop: FrameLoop;
  private readonly observer: ResizeObserver;
  private readonly stops: (() => void)[];
  private given: ReadonlyMap<number, VersionedMesh> = new Map();
  private rest: ReturnType<typeof setTimeout> | undefined;
  private moving = false;

  /** Throws where the browser gives no WebGL context. */
  constructor(view: ViewState, module: View3dModule, canvas: HTMLCanvasElement, loop: FrameLoop) {
    this.view = view;
    this.canvas = canvas;
    this.loop = loop;
    this.scene = module.createScene(canvas);
    this.observer = new ResizeObserver(() => this.resize());
    this.observer.observe(canvas);
    canvas.addEventListener("webglcontextrestored", this.request);
    view.view3dPane = this;
    this.stops = [
      effect(() => this.watchImage()),
      effect(() => this.watchSurfaces()),
      effect(() => this.watchVolume()),
      effect(() => this.watchLook()),
      effect(() => this.watchView()),
    ];
  }

  close(): void {
    for (const stop of this.stops) stop();
    clearTimeout(this.rest);
    this.canvas.removeEventListener("webglcontextrestored", this.request);
    this.observer.disconnect();
    this.loop.forget(this);
    if (this.view.view3dPane === this) this.view.view3dPane = null;
    this.scene.close();
  }

  draw(): void {
    this.scene.render(this.moving);
  }

  private watchImage(): void {
    const header = this.view.store.image.header.value;
    if (!header) return;
    this.given = new Map();
    this.scene.open(header.shape, header.affine);
    this.request();
  }

  private watchSurfaces(): void {
    this.view.store.image.header.value;
    const surfaces = this.view.store.view3d.surfaces.value;
    for (const value of this.given.keys()) if (!surfaces.has(value)) this.scene.setSurface(value, null);
    for (const [value, mesh] of surfaces)
      if (this.given.get(value)?.version !== mesh.version) this.scene.setSurface(value, mesh);
    this.given = surfaces;
    this.request();
  }

  private watchVolume(): void {
    this.view.store.image.header.value;
    this.scene.setVolume(this.view.store.view3d.volume.value);
    this.request();
  }

  private watchLook(): void {
    this.scene.setLook(lookOf(this.view));
    this.request();
  }

  private watchView(): void {
    const { orbit, store } = this.view;
    store.image.header.value;
    this.scene.setOrbit(orbit.value);
    this.scene.setCursor(store.display.cursor.value);
    this.moving = true;
    clearTimeout(this.rest);
    this.rest = setTimeout(() => {
      this.moving = false;
      this.request();
    }, REST_MS);
    this.request();
  }

  private readonly request = (): void => this.loop.request(this);

  private resize(): void {
    const { clientWidth, clientHeight } = this.canvas;
    if (clientWidth === 0 || clientHeight === 0) return;
    this.scene.resize(clientWidth, clientHeight, Math.min(MOST_PIXELS, window.devicePixelRatio || 1));
    this.draw();
  }
}

export function lookOf({ store }: ViewState): Look {
  const { display, view3d } = store;
  const labels = store.kernel.state.value?.labels ?? [];
  const objects = [...view3d.surfaces.value.keys()].filter((value) => store.objects.labelOf(value)?.instances);
  const hidden = objects.filter((value) => display.hidden.value.has(store.objects.labelOf(value)?.value ?? value));
  return {
    content: view3d.content.value,
    colors: new Map([
      ...objects.map((value): [number, string] => [value, colorOf(value, labels)]),
      ...labels.map(({ value, color }): [number, string] => [value, color]),
    ]),
    hidden: new Set([...display.hidden.value, ...hidden]),
    opacity: surfaceOpacity(display.opacity.value),
  };
}

/** Labels that hide half of a slice are solid bodies; below that they let more and more through. */
export function surfaceOpacity(opacity: number): number {
  return Math.min(1, opacity * 2);
}
