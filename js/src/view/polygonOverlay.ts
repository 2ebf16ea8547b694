// The polygon that is being drawn, and the line to where its next corner would be.

import type { LabelInfo } from "../protocol";
import type { Polygon } from "../store/polygonSketch";
import type { PlaneGeometry } from "../volume/planeGeometry";
import type { Pen } from "./pen";
import type { Frame } from "./viewport";

export function drawPolygonSketch(
  pen: Pen,
  sketch: Polygon,
  label: LabelInfo | undefined,
  { geometry, frame, slice }: { geometry: PlaneGeometry; frame: Frame; slice: number },
  pointer: { x: number; y: number } | null,
): void {
  if (sketch.geometry.name !== geometry.name || sketch.slice !== slice) return;
  const corners = sketch.points.map((point) => frame.toScreen(geometry.toPlane(point)));
  const color = sketch.erases ? "#ffffff" : (label?.color ?? "#ffffff");
  pen.lineJoin = "round";
  for (const [style, width] of [
    ["rgba(0, 0, 0, 0.7)", 4],
    [color, 2],
  ] as const) {
    pen.strokeStyle = style;
    pen.lineWidth = width;
    pen.setLineDash(sketch.erases && style === color ? [6, 4] : []);
    pen.beginPath();
    for (const [x, y] of corners) pen.lineTo(x, y);
    if (pointer) pen.lineTo(pointer.x, pointer.y);
    pen.stroke();
  }
  pen.setLineDash([]);
  const [x, y] = corners[0] as [number, number];
  pen.beginPath();
  pen.arc(x, y, 4.5, 0, 2 * Math.PI);
  pen.fillStyle = color;
  pen.fill();
  pen.lineWidth = 1.5;
  pen.strokeStyle = "rgba(0, 0, 0, 0.8)";
  pen.stroke();
}
