// A coarser mesh, to be drawn while something moves: vertices that share a cell of a grid become one (J. Rossignac and
// P. Borrel, "Multi-resolution 3D approximations for rendering complex scenes", 1993).
import type { Mesh } from "./api";

const SAMPLES = 500;

/** The mesh with about that many triangles; itself where it has no more. */
export function simplified(mesh: Mesh, triangles: number): Mesh {
  const ratio = mesh.faces.length / 3 / triangles;
  if (ratio <= 1) return mesh;
  return clustered(mesh, meanEdge(mesh) * Math.sqrt(ratio) * 1.1);
}

function meanEdge({ vertices, faces }: Mesh): number {
  const step = Math.max(3, Math.floor(faces.length / SAMPLES / 3) * 3);
  let [sum, count] = [0, 0];
  for (let at = 0; at < faces.length; at += step, count++) {
    const [a, b] = [(faces[at] as number) * 3, (faces[at + 1] as number) * 3];
    const length = (axis: number) => (vertices[a + axis] as number) - (vertices[b + axis] as number);
    sum += Math.hypot(length(0), length(1), length(2));
  }
  return sum / count;
}

/** One vertex for each cell of a grid, in the middle of those that it stands for. */
function clustered({ vertices, faces }: Mesh, cell: number): Mesh {
  const cells = new Map<number, number>();
  const owner = new Uint32Array(vertices.length / 3);
  const sums: number[] = [];
  const index = (v: number) => Math.floor(v / cell) + 0x8000;
  for (let n = 0; n < owner.length; n++) {
    const [x, y, z] = [vertices[n * 3] as number, vertices[n * 3 + 1] as number, vertices[n * 3 + 2] as number];
    // 16 bits an axis, in a number that holds 53.
    const key = (index(x) * 0x10000 + index(y)) * 0x10000 + index(z);
    let at = cells.get(key);
    if (at === undefined) {
      at = cells.size;
      cells.set(key, at);
      sums.push(0, 0, 0, 0);
    }
    owner[n] = at;
    sums[at * 4] = (sums[at * 4] as number) + x;
    sums[at * 4 + 1] = (sums[at * 4 + 1] as number) + y;
    sums[at * 4 + 2] = (sums[at * 4 + 2] as number) + z;
    sums[at * 4 + 3] = (sums[at * 4 + 3] as number) + 1;
  }
  const middles = Float32Array.from({ length: cells.size * 3 }, (_, n) => {
    const at = Math.floor(n / 3) * 4;
    return (sums[at + (n % 3)] as number) / (sums[at + 3] as number);
  });
  return { vertices: middles, faces: kept(faces, owner) };
}

/** The triangles whose corners are still three. */
function kept(faces: Uint32Array, owner: Uint32Array): Uint32Array {
  const left = new Uint32Array(faces.length);
  let to = 0;
  for (let at = 0; at < faces.length; at += 3) {
    const a = owner[faces[at] as number] as number;
    const b = owner[faces[at + 1] as number] as number;
    const c = owner[faces[at + 2] as number] as number;
    if (a === b || b === c || a === c) continue;
    left[to] = a;
    left[to + 1] = b;
    left[to + 2] = c;
    to += 3;
  }
  return left.slice(0, to);
}
