// How prompts look on a slice. A click's sign is told by its shape; colour only says which label it is for.
import type { LabelInfo, PromptInfo } from "../protocol";
import type { Pen } from "./overlay";
import type { PlaneGeometry } from "./plane";
import type { Frame } from "./viewport";

/** A click shows in this many slices before and after its own, fainter. */
const REACH = 2;
const RADIUS = 7;

export function drawPrompts(
  pen: Pen,
  prompts: { known: readonly PromptInfo[]; sent: readonly PromptInfo[] },
  labels: readonly LabelInfo[],
  geometry: PlaneGeometry,
  frame: Frame,
  slice: number,
): void {
  const draw = (prompt: PromptInfo, waiting: boolean) => {
    const color = labels.find((label) => label.name === prompt.label)?.color ?? "#bbbbbb";
    drawPrompt(pen, prompt, color, waiting, geometry, frame, slice);
  };
  for (const prompt of prompts.known) draw(prompt, false);
  for (const prompt of prompts.sent) draw(prompt, true);
  pen.globalAlpha = 1;
  pen.setLineDash([]);
}

function drawPrompt(
  pen: Pen,
  prompt: PromptInfo,
  color: string,
  waiting: boolean,
  geometry: PlaneGeometry,
  frame: Frame,
  slice: number,
): void {
  const depth = (position: readonly number[]) => position[geometry.normal] ?? 0;
  const place = (position: readonly number[]) => frame.toScreen(geometry.toPlane(position));
  pen.setLineDash(waiting ? [3, 3] : []);
  if (prompt.kind === "click" && prompt.position) {
    const away = Math.abs(depth(prompt.position) - slice);
    if (away > REACH) return;
    pen.globalAlpha = away === 0 ? 1 : 0.55 - 0.15 * away;
    drawClick(pen, place(prompt.position), prompt.positive !== false, color);
  } else if (prompt.kind === "box" && prompt.lower && prompt.upper) {
    if (slice < depth(prompt.lower) || slice > depth(prompt.upper)) return;
    drawOutline(
      pen,
      boxCorners(geometry, prompt.lower, prompt.upper).map((corner) => frame.toScreen(corner)),
      color,
    );
  } else if (prompt.kind === "lasso" && prompt.points?.[0]) {
    if (prompt.plane !== geometry.normal || depth(prompt.points[0]) !== slice) return;
    drawOutline(pen, prompt.points.map(place), color);
    if (prompt.positive === false) drawClick(pen, place(prompt.points[0]), false, color);
  } else if (prompt.kind === "scribble") {
    drawScribble(pen, (prompt.positions ?? []).filter((p) => depth(p) === slice).map(place), prompt, frame, color);
  }
}

function drawClick(pen: Pen, [x, y]: [number, number], positive: boolean, color: string): void {
  pen.beginPath();
  pen.arc(x, y, RADIUS, 0, 2 * Math.PI);
  pen.fillStyle = positive ? "#ffffff" : "#14171a";
  pen.fill();
  pen.lineWidth = 4;
  pen.strokeStyle = "rgba(0, 0, 0, 0.6)";
  pen.stroke();
  pen.lineWidth = 2.5;
  pen.strokeStyle = color;
  pen.stroke();
  pen.setLineDash([]);
  pen.strokeStyle = positive ? "#14171a" : "#ffffff";
  pen.lineWidth = 2;
  pen.beginPath();
  pen.moveTo(x - 3.5, y);
  pen.lineTo(x + 3.5, y);
  if (positive) {
    pen.moveTo(x, y - 3.5);
    pen.lineTo(x, y + 3.5);
  }
  pen.stroke();
}

/** The outer edges of a box whose first and last voxels are both inside. */
function boxCorners(geometry: PlaneGeometry, lower: readonly number[], upper: readonly number[]) {
  const [a, b] = [geometry.toPlane(lower), geometry.toPlane(upper)];
  const [left, right] = [Math.min(a[0], b[0]) - 0.5, Math.max(a[0], b[0]) + 0.5];
  const [top, bottom] = [Math.min(a[1], b[1]) - 0.5, Math.max(a[1], b[1]) + 0.5];
  return [
    [left, top],
    [right, top],
    [right, bottom],
    [left, bottom],
  ] as [number, number][];
}

function drawOutline(pen: Pen, points: readonly [number, number][], color: string): void {
  pen.beginPath();
  for (const [x, y] of points) pen.lineTo(x, y);
  pen.closePath();
  pen.lineWidth = 4;
  pen.strokeStyle = "rgba(0, 0, 0, 0.6)";
  pen.stroke();
  pen.lineWidth = 2;
  pen.strokeStyle = color;
  pen.stroke();
}

function drawScribble(
  pen: Pen,
  points: readonly [number, number][],
  { positive }: PromptInfo,
  frame: Frame,
  color: string,
): void {
  const size = Math.max(2, Math.min(...frame.voxel));
  const fill = (style: string, side: number) => {
    pen.fillStyle = style;
    for (const [x, y] of points) pen.fillRect(x - side / 2, y - side / 2, side, side);
  };
  pen.globalAlpha = 0.8;
  // Outside of the structure: dark, with an edge in the label's colour.
  fill(color, positive === false ? size + 3 : size);
  if (positive === false) fill("#14171a", size);
}
