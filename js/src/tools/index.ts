// The tools in the order of the toolbar.
import { clickAdd, clickRemove } from "./click";
import { navigate } from "./navigate";
import { brush, eraser } from "./paint";
import type { Tool, ToolName } from "./tool";

export const TOOLS: readonly Tool[] = [navigate, clickAdd, clickRemove, brush, eraser];

export function toolNamed(name: ToolName): Tool {
  return TOOLS.find((tool) => tool.name === name) as Tool;
}
