// What brush, eraser and polygon have in common: a stroke that may be begun, or words that say why not.
import type { Session } from "../session/session";
import { DrawnStroke } from "../volume/stroke";

/** The value that a painting tool gives the voxels: the active label's, or 0 to erase. Null, in words, where it cannot. */
export function paintedValue(session: Session, erases: boolean): number | null {
  if (erases) return 0;
  const value = session.activeValue;
  if (value === null) {
    session.fail("There is no label to paint with: the app declares none.");
    return null;
  }
  if (!session.rules.isLocked(value)) return value;
  session.fail(`${session.chosen("label")} is locked; unlock it to paint.`);
  return null;
}

/** A stroke under the present rules and in the present range of intensities; null, in words, where it cannot begin. */
export function beginStroke(session: Session, erases: boolean): DrawnStroke | null {
  const value = paintedValue(session, erases);
  const { mask, brush } = session;
  if (!mask || value === null) return null;
  const accept = brush.accept;
  if (accept && session.loaded.peek() < 1) {
    session.fail("The image is still loading; painting in a range of intensities needs all of it.");
    return null;
  }
  session.display.show(value);
  return new DrawnStroke(mask, value, { guard: session.rules.guard.peek(), accept });
}
