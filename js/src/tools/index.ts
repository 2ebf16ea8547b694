// The tools in the order of the toolbar: to look, to point things out to a model, to paint.

import type { ToolName } from "../store/display";
import { clickAdd, clickRemove } from "./click";
import { box, lasso, scribble } from "./drawnPrompts";
import { fill } from "./fill";
import { navigate } from "./navigate";
import { brush, eraser } from "./paint";
import { polygon } from "./polygon";
import type { Tool } from "./tool";

export const TOOL_GROUPS: readonly { name: string; tools: readonly Tool[] }[] = [
  { name: "Look", tools: [navigate] },
  { name: "Prompts for the model", tools: [clickAdd, clickRemove, box, scribble, lasso] },
  { name: "Paint", tools: [brush, eraser, polygon, fill] },
];

export const TOOLS: readonly Tool[] = TOOL_GROUPS.flatMap(({ tools }) => tools);

export function toolNamed(name: ToolName): Tool {
  return TOOLS.find((tool) => tool.name === name) as Tool;
}
