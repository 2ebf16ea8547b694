// The labels' surfaces: one mesh for each value.
import {
  BufferAttribute,
  BufferGeometry,
  DoubleSide,
  FrontSide,
  Group,
  Mesh,
  MeshPhongMaterial,
  type Raycaster,
  type Vector3,
} from "three";
import type { Look, Mesh as SurfaceData } from "./api";

const SPARE = "#a0a0a0";

type Surface = Mesh<BufferGeometry, MeshPhongMaterial>;

export class Surfaces {
  readonly group = new Group();
  private readonly meshes = new Map<number, Surface>();
  private look: Look | null = null;

  set(value: number, data: SurfaceData | null): void {
    const mesh = this.meshes.get(value);
    if (!data) {
      if (mesh) this.drop(value, mesh);
      return;
    }
    const geometry = geometryOf(data);
    if (mesh) {
      mesh.geometry.dispose();
      mesh.geometry = geometry;
      return;
    }
    const made = new Mesh(geometry, new MeshPhongMaterial({ shininess: 18, specular: 0x222222 }));
    this.meshes.set(value, made);
    this.group.add(made);
    if (this.look) style(made, value, this.look);
  }

  setLook(look: Look): void {
    this.look = look;
    this.group.visible = look.content !== "volume";
    for (const [value, mesh] of this.meshes) style(mesh, value, look);
  }

  /** The nearest point that is shown. */
  hit(ray: Raycaster): Vector3 | null {
    if (!this.group.visible) return null;
    const shown = [...this.meshes.values()].filter((mesh) => mesh.visible);
    return ray.intersectObjects(shown, false)[0]?.point ?? null;
  }

  clear(): void {
    for (const [value, mesh] of this.meshes) this.drop(value, mesh);
  }

  private drop(value: number, mesh: Surface): void {
    this.group.remove(mesh);
    mesh.geometry.dispose();
    mesh.material.dispose();
    this.meshes.delete(value);
  }
}

function geometryOf({ vertices, faces }: SurfaceData): BufferGeometry {
  const geometry = new BufferGeometry();
  geometry.setAttribute("position", new BufferAttribute(vertices, 3));
  geometry.setIndex(new BufferAttribute(faces, 1));
  geometry.computeVertexNormals();
  return geometry;
}

function style(mesh: Surface, value: number, { colors, hidden, opacity }: Look): void {
  const solid = opacity >= 1;
  mesh.visible = !hidden.has(value) && opacity > 0;
  mesh.material.color.set(colors.get(value) ?? SPARE);
  mesh.material.opacity = opacity;
  mesh.material.transparent = !solid;
  mesh.material.depthWrite = solid;
  mesh.material.side = solid ? FrontSide : DoubleSide;
  mesh.material.needsUpdate = true;
}
