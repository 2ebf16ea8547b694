// The 3D view with three.js: the labels' surfaces, the volume around them, the crosshair. Drawn only when asked.
import {
  AmbientLight,
  Color,
  DirectionalLight,
  Matrix4,
  OrthographicCamera,
  Raycaster,
  Scene as Stage,
  Vector2,
  Vector3,
  WebGLRenderer,
} from "three";
import type { Position } from "../protocol";
import type { Block, Look, Mesh, Scene } from "./api";
import { Layers } from "./layers";
import { Marks } from "./marks";
import { axesOf, FRONT, type Orbit } from "./orbit";
import { Surfaces } from "./surfaces";
import { VolumeBox } from "./volumeBox";

const BACKGROUND = 0x0b0d10;
/** Of the pane's smaller side, what the volume's longest diagonal fills. */
const FILL = 0.94;

export class ThreeScene implements Scene {
  private readonly renderer: WebGLRenderer;
  private readonly stage = new Stage();
  private readonly haze = new Stage();
  private readonly camera = new OrthographicCamera();
  private readonly surfaces = new Surfaces();
  private readonly marks = new Marks();
  private readonly volume = new VolumeBox();
  private readonly layers = new Layers();
  /** Voxel index to the scene, whose origin is the volume's middle, so that far-off millimetres lose no digits. */
  private toWorld = new Matrix4();
  private readonly middle = new Vector3();
  private shape: Position = [1, 1, 1];
  private diameter = 1;
  private orbit: Orbit = FRONT;
  private look: Look = { content: "surfaces", colors: new Map(), hidden: new Set(), opacity: 1 };
  private size = { width: 1, height: 1 };

  constructor(canvas: HTMLCanvasElement) {
    this.renderer = new WebGLRenderer({ canvas, antialias: true });
    this.renderer.setClearColor(new Color(BACKGROUND), 1);
    const headlight = new DirectionalLight(0xffffff, 2.3);
    headlight.position.set(0.25, 0.35, 1);
    this.camera.add(headlight, headlight.target);
    headlight.target.position.set(0, 0, 0);
    this.stage.add(this.camera, new AmbientLight(0xffffff, 0.9), this.surfaces.group, this.marks.group);
    this.haze.add(this.volume.mesh);
  }

  open(shape: Position, affine: number[][]): void {
    this.surfaces.clear();
    this.volume.set(null, new Matrix4());
    this.shape = shape;
    const toMm = matrixOf(affine);
    const [a, b] = [new Vector3(-0.5, -0.5, -0.5), new Vector3(...shape).subScalar(0.5)];
    this.middle.copy(a).add(b).multiplyScalar(0.5).applyMatrix4(toMm);
    this.toWorld = this.centred(toMm);
    this.surfaces.group.position.copy(this.middle).negate();
    this.diameter = diameterOf(shape, this.toWorld);
    this.marks.setBox(shape, this.toWorld);
  }

  setSurface(value: number, mesh: Mesh | null): void {
    this.surfaces.set(value, mesh);
  }

  setVolume(block: Block | null): void {
    this.volume.set(block, block ? this.centred(matrixOf(block.affine)) : new Matrix4());
  }

  setLook(look: Look): void {
    this.look = look;
    this.surfaces.setLook(look);
  }

  setOrbit(orbit: Orbit): void {
    this.orbit = orbit;
    this.aim();
  }

  setCursor(position: Position): void {
    this.marks.setCross(position, this.shape, this.toWorld);
  }

  resize(width: number, height: number, ratio: number): void {
    this.size = { width, height };
    this.renderer.setPixelRatio(ratio);
    this.renderer.setSize(width, height, false);
    this.aim();
  }

  get scale(): number {
    return ((Math.min(this.size.width, this.size.height) * FILL) / this.diameter) * this.orbit.zoom;
  }

  render(draft: boolean): void {
    const { renderer, camera, stage } = this;
    this.surfaces.setDraft(draft);
    if (this.look.content === "surfaces" || this.volume.empty) {
      renderer.setRenderTarget(null);
      renderer.render(stage, camera);
      return;
    }
    const { near, thin } = this.layers.fit(renderer, draft);
    renderer.setRenderTarget(near);
    renderer.render(stage, camera);
    const { toward } = axesOf(this.orbit);
    this.volume.aim({
      toward: new Vector3(...toward),
      clipToWorld: camera.matrixWorld.clone().multiply(camera.projectionMatrixInverse),
      behind: this.layers.depth,
      size: new Vector2(thin.width, thin.height),
      both: this.look.content === "both",
      draft,
    });
    renderer.setRenderTarget(thin);
    renderer.setClearColor(0x000000, 0);
    renderer.render(this.haze, camera);
    renderer.setClearColor(BACKGROUND, 1);
    renderer.setRenderTarget(null);
    this.layers.join(renderer);
  }

  pick(x: number, y: number): Position | null {
    const { width, height } = this.size;
    const ray = new Raycaster();
    ray.setFromCamera(new Vector2((x / width) * 2 - 1, 1 - (y / height) * 2), this.camera);
    const found = this.surfaces.hit(ray)?.applyMatrix4(this.toWorld.clone().invert());
    if (!found) return null;
    const inside = (v: number, n: number) => Math.min(n - 1, Math.max(0, Math.round(v)));
    return [inside(found.x, this.shape[0]), inside(found.y, this.shape[1]), inside(found.z, this.shape[2])];
  }

  close(): void {
    this.surfaces.clear();
    this.marks.close();
    this.volume.close();
    this.layers.close();
    this.renderer.dispose();
    // A page has few contexts; this one is given back at once.
    this.renderer.forceContextLoss();
  }

  private centred(toMm: Matrix4): Matrix4 {
    return new Matrix4().makeTranslation(-this.middle.x, -this.middle.y, -this.middle.z).multiply(toMm);
  }

  private aim(): void {
    const { camera, size, diameter } = this;
    const { right, up, toward } = axesOf(this.orbit);
    const [r, u, t] = [new Vector3(...right), new Vector3(...up), new Vector3(...toward)];
    const [halfWidth, halfHeight] = [size.width / this.scale / 2, size.height / this.scale / 2];
    Object.assign(camera, { left: -halfWidth, right: halfWidth, bottom: -halfHeight, top: halfHeight });
    Object.assign(camera, { near: 0.1 * diameter, far: 3.9 * diameter });
    camera.quaternion.setFromRotationMatrix(new Matrix4().makeBasis(r, u, t));
    const [x, y] = this.orbit.pan;
    camera.position
      .set(0, 0, 0)
      .addScaledVector(r, x)
      .addScaledVector(u, y)
      .addScaledVector(t, 2 * diameter);
    camera.updateProjectionMatrix();
    camera.updateMatrixWorld();
  }
}

function matrixOf(rows: number[][]): Matrix4 {
  const [a, b, c, d, e, f, g, h, i, j, k, l] = rows.flat() as [number, ...number[]];
  return new Matrix4().set(
    a,
    b ?? 0,
    c ?? 0,
    d ?? 0,
    e ?? 0,
    f ?? 0,
    g ?? 0,
    h ?? 0,
    i ?? 0,
    j ?? 0,
    k ?? 0,
    l ?? 0,
    0,
    0,
    0,
    1,
  );
}

function diameterOf(shape: Position, toWorld: Matrix4): number {
  const lengths = [0, 1].flatMap((j) =>
    [0, 1].map((k) => {
      const far = new Vector3(shape[0], j ? shape[1] : 0, k ? shape[2] : 0);
      const near = new Vector3(0, j ? 0 : shape[1], k ? 0 : shape[2]);
      return far.applyMatrix4(toWorld).distanceTo(near.applyMatrix4(toWorld));
    }),
  );
  return Math.max(1e-6, ...lengths);
}
