// The volume as light and shade along each line of sight, up to the first surface that hides the rest.
import {
  BackSide,
  BoxGeometry,
  Data3DTexture,
  type DepthTexture,
  GLSL3,
  LinearFilter,
  Matrix3,
  Matrix4,
  Mesh,
  RedFormat,
  ShaderMaterial,
  type Vector2,
  Vector3,
} from "three";
import type { Position } from "../protocol";
import type { Block } from "./api";

const VERTEX = `
out vec3 place;
void main() {
  place = position + 0.5;
  gl_Position = projectionMatrix * modelViewMatrix * vec4(position, 1.0);
}`;

// Emission and absorption (N. Max, "Optical models for direct volume rendering", 1995), front to back, with a headlight.
const FRAGMENT = `
precision highp float;
precision highp sampler3D;
uniform sampler3D voxels;
uniform sampler2D behind;
uniform vec2 size;
uniform vec3 shape;
uniform vec3 sight;
uniform vec3 toward;
uniform mat4 clipToPlace;
uniform mat3 normals;
uniform float density;
uniform float steps;
uniform bool lit;
in vec3 place;
out vec4 color;

float noise(vec2 at) { return fract(sin(dot(at, vec2(12.9898, 78.233))) * 43758.5453); }
float at(vec3 p) { return texture(voxels, p).r; }

void main() {
  vec3 low = (place - vec3(0.0)) / sight, high = (place - vec3(1.0)) / sight;
  vec3 far = max(low, high);
  float reach = min(min(far.x, far.y), far.z);
  vec3 start = place - sight * reach;
  vec2 on = gl_FragCoord.xy / size;
  float depth = texture(behind, on).r;
  if (depth < 1.0) {
    vec4 hidden = clipToPlace * vec4(on * 2.0 - 1.0, depth * 2.0 - 1.0, 1.0);
    reach = min(reach, dot(hidden.xyz / hidden.w - start, sight) / dot(sight, sight));
  }
  float stride = 1.0 / steps;
  vec4 sum = vec4(0.0);
  for (float t = stride * noise(gl_FragCoord.xy); t < reach; t += stride) {
    vec3 p = start + sight * t;
    float v = at(p);
    if (v < 0.06) continue;
    float opaque = 1.0 - pow(1.0 - 0.9 * smoothstep(0.06, 0.85, v) * density, 200.0 / steps);
    float shade = 1.0;
    if (lit && opaque > 0.01) {
      vec3 d = 1.0 / shape;
      vec3 slope = vec3(at(p + vec3(d.x, 0, 0)) - at(p - vec3(d.x, 0, 0)), at(p + vec3(0, d.y, 0)) - at(p - vec3(0, d.y, 0)),
                        at(p + vec3(0, 0, d.z)) - at(p - vec3(0, 0, d.z)));
      vec3 normal = normals * slope;
      float steep = length(normal);
      if (steep > 1e-4) shade = mix(1.0, 0.25 + 0.85 * abs(dot(normal / steep, toward)), smoothstep(0.0, 0.15, length(slope)));
    }
    float light = pow(v, 1.6) * shade;
    sum += (1.0 - sum.a) * opaque * vec4(vec3(light), 1.0);
    if (sum.a > 0.98) break;
  }
  color = sum;
}`;

/** Samples along the volume's longest diagonal. */
const STEPS = { draft: 110, full: 320 };
const DENSITY = { volume: 0.22, both: 0.05 };

interface Aim {
  /** To the eye, length 1. */
  toward: Vector3;
  /** Undoes the camera. */
  clipToWorld: Matrix4;
  /** How far away the surfaces are. */
  behind: DepthTexture;
  /** Pixels of the picture that is drawn. */
  size: Vector2;
  /** Surfaces are to be seen inside. */
  both: boolean;
  draft: boolean;
}

export class VolumeBox {
  readonly mesh: Mesh<BoxGeometry, ShaderMaterial>;
  private texture: Data3DTexture | null = null;
  private shape: Position = [1, 1, 1];

  constructor() {
    const material = new ShaderMaterial({
      glslVersion: GLSL3,
      vertexShader: VERTEX,
      fragmentShader: FRAGMENT,
      side: BackSide,
      depthTest: false,
      depthWrite: false,
      transparent: false,
    });
    this.mesh = new Mesh(new BoxGeometry(1, 1, 1), material);
    this.mesh.matrixAutoUpdate = false;
    this.mesh.frustumCulled = false;
  }

  get empty(): boolean {
    return this.texture === null;
  }

  /** `toWorld` takes a voxel index of the block to the scene. */
  set(block: Block | null, toWorld: Matrix4): void {
    this.texture?.dispose();
    this.texture = null;
    if (!block) return;
    const [nx, ny, nz] = block.shape;
    this.texture = new Data3DTexture(block.data as Uint8Array<ArrayBuffer>, nx, ny, nz);
    this.texture.format = RedFormat;
    this.texture.minFilter = this.texture.magFilter = LinearFilter;
    this.texture.unpackAlignment = 1;
    this.texture.needsUpdate = true;
    const outer = new Matrix4().makeTranslation((nx - 1) / 2, (ny - 1) / 2, (nz - 1) / 2);
    this.mesh.matrix
      .copy(toWorld)
      .multiply(outer)
      .scale(new Vector3(nx, ny, nz));
    this.mesh.matrixWorldNeedsUpdate = true;
    this.shape = block.shape;
  }

  /** How the next picture is taken. */
  aim({ toward, clipToWorld, behind, size, both, draft }: Aim): void {
    const toPlace = new Matrix4().makeTranslation(0.5, 0.5, 0.5).multiply(this.mesh.matrix.clone().invert());
    const linear = new Matrix3().setFromMatrix4(toPlace);
    const sight = toward.clone().multiplyScalar(-this.longest()).applyMatrix3(linear);
    for (let axis = 0; axis < 3; axis++) if (Math.abs(sight.getComponent(axis)) < 1e-6) sight.setComponent(axis, 1e-6);
    const [nx, ny, nz] = this.shape;
    const toVoxel = new Matrix3().set(nx, 0, 0, 0, ny, 0, 0, 0, nz).multiply(linear);
    Object.assign(this.mesh.material.uniforms, {
      voxels: { value: this.texture },
      shape: { value: new Vector3(nx, ny, nz) },
      behind: { value: behind },
      size: { value: size },
      sight: { value: sight },
      toward: { value: toward },
      clipToPlace: { value: toPlace.multiply(clipToWorld) },
      normals: { value: toVoxel.transpose() },
      density: { value: both ? DENSITY.both : DENSITY.volume },
      steps: { value: draft ? STEPS.draft : STEPS.full },
      lit: { value: !draft },
    });
  }

  /** Of the four diagonals. */
  private longest(): number {
    const axes = [0, 1, 2].map((axis) => new Vector3().setFromMatrixColumn(this.mesh.matrix, axis));
    const [a, b, c] = axes as [Vector3, Vector3, Vector3];
    const lengths = [1, -1].flatMap((s) =>
      [1, -1].map((t) => a.clone().addScaledVector(b, s).addScaledVector(c, t).length()),
    );
    return Math.max(...lengths);
  }

  close(): void {
    this.texture?.dispose();
    this.mesh.geometry.dispose();
    this.mesh.material.dispose();
  }
}
