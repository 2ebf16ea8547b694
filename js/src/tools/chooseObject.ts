// Choosing an object by pointing at it, where the chosen label's objects are told apart.
import type { Position } from "../protocol";
import type { Store } from "../store/store";

/** The object at a voxel becomes the active one; returns whether there is one. */
export function chooseObject({ draft, objects, choices }: Store, voxel: Position): boolean {
  const value = draft.mask?.at(voxel) ?? 0;
  const label = value === 0 ? undefined : objects.labelOf(value);
  if (!label?.instances || label.name !== choices.chosen("label")) return false;
  objects.choose(value);
  return true;
}
