// The edges of the volume and the crosshair: lines along the array's own axes.
import { BufferAttribute, BufferGeometry, Group, LineBasicMaterial, LineSegments, type Matrix4, Vector3 } from "three";
import type { Position } from "../protocol";

const EDGE = 0x59636e;
const CROSS = 0x6ebeff;
/** How much of the crosshair is seen through what lies before it. */
const THROUGH = 0.35;

export class Marks {
  readonly group = new Group();
  private readonly edges = lines(EDGE, 1, true);
  private readonly cross = lines(CROSS, 1, true);
  private readonly ghost = lines(CROSS, THROUGH, false);

  constructor() {
    this.ghost.geometry = this.cross.geometry;
    this.group.add(this.edges, this.cross, this.ghost);
  }

  setBox(shape: Position, toWorld: Matrix4): void {
    const ends: Vector3[] = [];
    for (let axis = 0; axis < 3; axis++)
      for (const [b, c] of [
        [0, 0],
        [0, 1],
        [1, 0],
        [1, 1],
      ] as const)
        for (const a of [0, 1]) {
          const at = [0, 0, 0];
          [at[axis], at[(axis + 1) % 3], at[(axis + 2) % 3]] = [a, b, c];
          ends.push(corner(at, shape).applyMatrix4(toWorld));
        }
    put(this.edges.geometry, ends);
  }

  setCross(position: Position, shape: Position, toWorld: Matrix4): void {
    const ends: Vector3[] = [];
    for (let axis = 0; axis < 3; axis++)
      for (const a of [-0.5, (shape[axis] as number) - 0.5]) {
        const at = new Vector3(...position);
        at.setComponent(axis, a);
        ends.push(at.applyMatrix4(toWorld));
      }
    put(this.cross.geometry, ends);
  }

  close(): void {
    for (const line of [this.edges, this.cross, this.ghost]) {
      line.geometry.dispose();
      line.material.dispose();
    }
  }
}

/** A corner of the voxels' outer edges. */
function corner(at: number[], shape: Position): Vector3 {
  const [x, y, z] = at.map((side, axis) => (side ? (shape[axis] as number) : 0) - 0.5);
  return new Vector3(x, y, z);
}

function lines(color: number, opacity: number, depthTest: boolean): LineSegments<BufferGeometry, LineBasicMaterial> {
  const material = new LineBasicMaterial({ color, opacity, transparent: opacity < 1, depthTest });
  const segments = new LineSegments(new BufferGeometry(), material);
  segments.frustumCulled = false;
  return segments;
}

function put(geometry: BufferGeometry, ends: Vector3[]): void {
  geometry.setAttribute("position", new BufferAttribute(new Float32Array(ends.flatMap((v) => v.toArray())), 3));
}
