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
import { simplified } from "./simplify";

const SPARE = "#a0a0a0";
/** Of all surfaces together while something moves: what a processor without a graphics card draws smoothly. */
const DRAFT_TRIANGLES = 45_000;

interface Surface {
  data: SurfaceData;
  fine: BufferGeometry;
  /** Made when it is first wanted. */
  draft: BufferGeometry | null;
  mesh: Mesh<BufferGeometry, MeshPhongMaterial>;
}

export class Surfaces {
  readonly group = new Group();
  private readonly surfaces = new Map<number, Surface>();
  private look: Look | null = null;

  set(value: number, data: SurfaceData | null): void {
    this.drop(value);
    if (!data) return;
    const fine = geometryOf(data);
    const mesh = new Mesh(fine, new MeshPhongMaterial({ shininess: 18, specular: 0x222222 }));
    this.surfaces.set(value, { data, fine, draft: null, mesh });
    this.group.add(mesh);
    if (this.look) style(mesh, value, this.look);
  }

  setLook(look: Look): void {
    this.look = look;
    this.group.visible = look.content !== "volume";
    for (const [value, { mesh }] of this.surfaces) style(mesh, value, look);
  }

  /** What is drawn next: coarser surfaces, or all of them as they are. */
  setDraft(draft: boolean): void {
    const shown = [...this.surfaces.values()].filter(({ mesh }) => mesh.visible);
    const all = shown.reduce((sum, { data }) => sum + data.faces.length / 3, 0);
    for (const surface of shown)
      surface.mesh.geometry = draft && all > DRAFT_TRIANGLES ? draftOf(surface, all) : surface.fine;
  }

  /** The nearest point that is shown. */
  hit(ray: Raycaster): Vector3 | null {
    if (!this.group.visible) return null;
    this.setDraft(false);
    const shown = [...this.surfaces.values()].map(({ mesh }) => mesh).filter((mesh) => mesh.visible);
    return ray.intersectObjects(shown, false)[0]?.point ?? null;
  }

  clear(): void {
    for (const value of [...this.surfaces.keys()]) this.drop(value);
  }

  private drop(value: number): void {
    const surface = this.surfaces.get(value);
    if (!surface) return;
    this.surfaces.delete(value);
    this.group.remove(surface.mesh);
    surface.fine.dispose();
    surface.draft?.dispose();
    surface.mesh.material.dispose();
  }
}

/** Each surface has its share of the triangles. */
function draftOf(surface: Surface, all: number): BufferGeometry {
  const share = (DRAFT_TRIANGLES * surface.data.faces.length) / 3 / all;
  surface.draft ??= geometryOf(simplified(surface.data, share));
  return surface.draft;
}

function geometryOf({ vertices, faces }: SurfaceData): BufferGeometry {
  const geometry = new BufferGeometry();
  geometry.setAttribute("position", new BufferAttribute(vertices, 3));
  geometry.setIndex(new BufferAttribute(faces, 1));
  geometry.computeVertexNormals();
  return geometry;
}

function style(mesh: Surface["mesh"], value: number, { colors, hidden, opacity }: Look): void {
  const solid = opacity >= 1;
  mesh.visible = !hidden.has(value) && opacity > 0;
  mesh.material.color.set(colors.get(value) ?? SPARE);
  mesh.material.opacity = opacity;
  mesh.material.transparent = !solid;
  mesh.material.depthWrite = solid;
  mesh.material.side = solid ? FrontSide : DoubleSide;
  mesh.material.needsUpdate = true;
}
