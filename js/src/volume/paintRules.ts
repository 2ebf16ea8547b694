// Which voxels a change must leave as they are; jlabel/annotation/paint_rules.py is the same for the kernel.

export interface PaintRules {
  /** Values of locked labels: a voxel never gets one, and never loses it. */
  readonly locked: ReadonlySet<number>;
  /** A voxel never goes from one label to another. */
  readonly overBackground: boolean;
}

export const NO_RULES: PaintRules = { locked: new Set(), overBackground: false };

export function mayPaint({ locked, overBackground }: PaintRules, before: number, value: number): boolean {
  if (before === value) return true;
  if (overBackground && before !== 0 && value !== 0) return false;
  return locked.size === 0 || !(locked.has(before) || locked.has(value));
}
