// The picture in two layers, where a volume is shown: the surfaces with their depth, and the volume before them, coarser.
import {
  DepthTexture,
  FloatType,
  GLSL3,
  HalfFloatType,
  Mesh,
  OrthographicCamera,
  PlaneGeometry,
  ShaderMaterial,
  Scene as Stage,
  Vector2,
  type WebGLRenderer,
  WebGLRenderTarget,
} from "three";

const VERTEX = `
out vec2 on;
void main() { on = uv; gl_Position = vec4(position.xy, 0.0, 1.0); }`;

const FRAGMENT = `
precision highp float;
uniform sampler2D near;
uniform sampler2D thin;
in vec2 on;
layout(location = 0) out vec4 color;
vec3 shown(vec3 v) { return mix(v * 12.92, 1.055 * pow(v, vec3(1.0 / 2.4)) - 0.055, step(0.0031308, v)); }
void main() {
  vec4 before = texture(thin, on);
  color = vec4(shown(clamp(texture(near, on).rgb * (1.0 - before.a) + before.rgb, 0.0, 1.0)), 1.0);
}`;

/** Pixels of the volume's layer for one of the picture's. */
const FINE = { draft: 0.4, full: 0.8 };

export class Layers {
  readonly depth = new DepthTexture(1, 1, FloatType);
  private readonly near = new WebGLRenderTarget(1, 1, { type: HalfFloatType, samples: 4, depthTexture: this.depth });
  private readonly thin = new WebGLRenderTarget(1, 1, { type: HalfFloatType, depthBuffer: false });
  private readonly stage = new Stage();
  private readonly camera = new OrthographicCamera();
  private readonly quad: Mesh<PlaneGeometry, ShaderMaterial>;

  constructor() {
    const material = new ShaderMaterial({
      glslVersion: GLSL3,
      vertexShader: VERTEX,
      fragmentShader: FRAGMENT,
      uniforms: { near: { value: this.near.texture }, thin: { value: this.thin.texture } },
      depthTest: false,
      depthWrite: false,
    });
    this.quad = new Mesh(new PlaneGeometry(2, 2), material);
    this.quad.frustumCulled = false;
    this.stage.add(this.quad);
  }

  fit(renderer: WebGLRenderer, draft: boolean): { near: WebGLRenderTarget; thin: WebGLRenderTarget } {
    const { x, y } = renderer.getDrawingBufferSize(new Vector2());
    const fine = draft ? FINE.draft : FINE.full;
    this.near.setSize(x, y);
    this.thin.setSize(Math.max(1, Math.round(x * fine)), Math.max(1, Math.round(y * fine)));
    return { near: this.near, thin: this.thin };
  }

  /** Both layers into the target that is set. */
  join(renderer: WebGLRenderer): void {
    renderer.render(this.stage, this.camera);
  }

  close(): void {
    this.near.dispose();
    this.thin.dispose();
    this.quad.geometry.dispose();
    this.quad.material.dispose();
  }
}
