import { expect, it } from "vitest";
import type { Mesh } from "./api";
import { simplified } from "./simplify";

/** A ball of radius 50 around a far point. */
function ball(rings: number): Mesh {
  const vertices: number[] = [];
  const faces: number[] = [];
  const around = rings * 2;
  for (let i = 0; i <= rings; i++)
    for (let j = 0; j <= around; j++) {
      const [theta, phi] = [(Math.PI * i) / rings, (2 * Math.PI * j) / around];
      vertices.push(
        -300 + 50 * Math.sin(theta) * Math.cos(phi),
        20 + 50 * Math.sin(theta) * Math.sin(phi),
        50 * Math.cos(theta),
      );
      if (i === rings || j === around) continue;
      const a = i * (around + 1) + j;
      faces.push(a, a + around + 1, a + 1, a + 1, a + around + 1, a + around + 2);
    }
  return { vertices: Float32Array.from(vertices), faces: Uint32Array.from(faces) };
}

function volume({ vertices, faces }: Mesh): number {
  let sum = 0;
  for (let at = 0; at < faces.length; at += 3) {
    const [a, b, c] = [0, 1, 2].map((corner) => {
      const from = (faces[at + corner] as number) * 3;
      return [(vertices[from] as number) + 300, (vertices[from + 1] as number) - 20, vertices[from + 2] as number];
    }) as [number[], number[], number[]];
    const [ax, ay, az] = a as [number, number, number];
    const [bx, by, bz] = b as [number, number, number];
    const [cx, cy, cz] = c as [number, number, number];
    sum += ax * (by * cz - bz * cy) + ay * (bz * cx - bx * cz) + az * (bx * cy - by * cx);
  }
  return sum / 6;
}

it("keeps shape, place and direction with far fewer triangles", () => {
  const fine = ball(120);
  const coarse = simplified(fine, 8000);
  const triangles = coarse.faces.length / 3;
  expect(triangles).toBeLessThan(14_000);
  expect(triangles).toBeGreaterThan(3000);
  expect(volume(coarse) / volume(fine)).toBeCloseTo(1, 1);
  expect(Math.max(...coarse.faces)).toBeLessThan(coarse.vertices.length / 3);
});

it("leaves a small mesh as it is", () => {
  const mesh = ball(10);
  expect(simplified(mesh, 1000)).toBe(mesh);
});
