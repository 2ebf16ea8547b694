// How prompts look on a slice. A click's sign is told by its shape; colour only says which label it is for. What waits for
// an answer is dashed, the selected one has a ring and handles, and those of other labels are fainter.
import type { LabelInfo, PromptInfo } from "../protocol";
import { colorOf } from "./palette";
import type { Pen } from "./pen";
import { boxEdges, boxHandles, inSlice, type Showing } from "./promptHandles";
import type { Frame } from "./viewport";

/** A click shows in this many slices before and after its own, fainter. */
const REACH = 2;
const RADIUS = 7;
const DARK = "#14171a";
const HALO = "rgba(0, 0, 0, 0.6)";

export interface ShownPrompts {
  known: readonly PromptInfo[];
  sent: readonly PromptInfo[];
  selected?: string | null;
  /** The chosen label; prompts of others are fainter. */
  label?: string | null;
  /** The active object; so are prompts of other objects. */
  object?: number | null;
}

interface Look {
  color: string;
  selected: boolean;
}

export function drawPrompts(pen: Pen, prompts: ShownPrompts, labels: readonly LabelInfo[], showing: Showing): void {
  const draw = (prompt: PromptInfo, waiting: boolean) => {
    const strength = strengthOf(prompt, showing);
    if (strength === 0) return;
    const color = promptColor(prompt, labels) ?? "#bbbbbb";
    const selected = prompt.id !== undefined && prompt.id === prompts.selected;
    const elsewhere = prompt.value !== undefined && prompts.object != null && prompt.value !== prompts.object;
    const other = !selected && prompts.label != null && (prompt.label !== prompts.label || elsewhere);
    pen.globalAlpha = strength * (other ? 0.45 : 1);
    pen.setLineDash(waiting ? [3, 3] : []);
    drawPrompt(pen, prompt, { color, selected: selected && strength === 1 }, showing);
  };
  for (const prompt of prompts.known) draw(prompt, prompt.waits === true);
  for (const prompt of prompts.sent) draw(prompt, true);
  pen.globalAlpha = 1;
  pen.setLineDash([]);
}

/** The colour of the label that a prompt is for, or of its object. */
export function promptColor({ label, value }: PromptInfo, labels: readonly LabelInfo[]): string | undefined {
  return value === undefined ? labels.find(({ name }) => name === label)?.color : colorOf(value, labels);
}

/** 1 in a prompt's own slice; a click is seen in its neighbours too, but for one of a model that works in one slice. */
function strengthOf(prompt: PromptInfo, showing: Showing): number {
  if (inSlice(prompt, showing)) return 1;
  if (prompt.kind !== "click" || prompt.slice) return 0;
  const away = Math.abs((prompt.position?.[showing.geometry.normal] ?? 0) - showing.slice);
  return away <= REACH ? 0.55 - 0.15 * away : 0;
}

function drawPrompt(pen: Pen, prompt: PromptInfo, look: Look, showing: Showing): void {
  const { geometry, frame, slice } = showing;
  const place = (position: readonly number[]) => frame.toScreen(geometry.toPlane(position));
  if (prompt.kind === "click" && prompt.position) {
    drawClick(pen, place(prompt.position), prompt.positive !== false, look);
  } else if (prompt.kind === "box") {
    drawBox(pen, prompt, look, showing);
  } else if (prompt.kind === "lasso" && prompt.points?.[0]) {
    drawOutline(pen, prompt.points.map(place), look);
    if (prompt.positive === false) drawClick(pen, place(prompt.points[0]), false, look);
    else drawHandle(pen, place(prompt.points[0]), look);
  } else if (prompt.kind === "scribble") {
    const points = (prompt.positions ?? []).filter((p) => (p[geometry.normal] ?? 0) === slice).map(place);
    drawScribble(pen, points, prompt, frame, look);
  }
}

function drawClick(pen: Pen, [x, y]: readonly [number, number], positive: boolean, { color, selected }: Look): void {
  if (selected) drawRing(pen, x, y);
  pen.beginPath();
  pen.arc(x, y, RADIUS, 0, 2 * Math.PI);
  pen.fillStyle = positive ? "#ffffff" : DARK;
  pen.fill();
  stroke(pen, HALO, 4);
  stroke(pen, color, 2.5);
  const dash = pen.getLineDash();
  pen.setLineDash([]);
  pen.beginPath();
  pen.moveTo(x - 3.5, y);
  pen.lineTo(x + 3.5, y);
  if (positive) {
    pen.moveTo(x, y - 3.5);
    pen.lineTo(x, y + 3.5);
  }
  stroke(pen, positive ? DARK : "#ffffff", 2);
  pen.setLineDash(dash);
}

function drawBox(pen: Pen, prompt: PromptInfo, look: Look, showing: Showing): void {
  const { left, top, right, bottom } = boxEdges(prompt, showing);
  const corners: [number, number][] = [
    [left, top],
    [right, top],
    [right, bottom],
    [left, bottom],
  ];
  drawOutline(pen, corners, look);
  if (look.selected) for (const { x, y } of boxHandles(prompt, showing)) drawHandle(pen, [x, y], look);
}

function drawOutline(pen: Pen, points: readonly (readonly [number, number])[], { color, selected }: Look): void {
  pen.beginPath();
  for (const [x, y] of points) pen.lineTo(x, y);
  pen.closePath();
  if (selected) stroke(pen, "#ffffff", 6);
  stroke(pen, HALO, 4);
  stroke(pen, color, 2);
}

/** A small square to take hold of. */
function drawHandle(pen: Pen, [x, y]: readonly [number, number], { color, selected }: Look): void {
  const side = selected ? 8 : 6;
  const dash = pen.getLineDash();
  pen.setLineDash([]);
  pen.beginPath();
  pen.rect(x - side / 2, y - side / 2, side, side);
  pen.fillStyle = selected ? "#ffffff" : color;
  pen.fill();
  stroke(pen, DARK, 1.5);
  pen.setLineDash(dash);
}

/** Around the selected one: white on dark, seen on any picture. */
function drawRing(pen: Pen, x: number, y: number): void {
  const dash = pen.getLineDash();
  pen.setLineDash([]);
  pen.beginPath();
  pen.arc(x, y, RADIUS + 5, 0, 2 * Math.PI);
  stroke(pen, DARK, 5);
  stroke(pen, "#ffffff", 2.5);
  pen.setLineDash(dash);
}

function stroke(pen: Pen, style: string, width: number): void {
  pen.strokeStyle = style;
  pen.lineWidth = width;
  pen.stroke();
}

function drawScribble(
  pen: Pen,
  points: readonly [number, number][],
  { positive, waits }: PromptInfo,
  frame: Frame,
  look: Look,
): void {
  const size = Math.max(2, Math.min(...frame.voxel));
  const fill = (style: string, side: number, every = 1) => {
    pen.fillStyle = style;
    points.forEach(([x, y], n) => {
      if (n % every === 0) pen.fillRect(x - side / 2, y - side / 2, side, side);
    });
  };
  if (look.selected) fill("#ffffff", size + 6);
  pen.globalAlpha *= 0.8;
  // Outside of the structure: dark, with an edge in the label's colour. What waits is dotted.
  const every = waits ? 2 : 1;
  fill(look.color, positive === false ? size + 3 : size, every);
  if (positive === false) fill(DARK, size, every);
  if (points[0]) drawHandle(pen, points[0], look);
}
