// What brush, eraser and polygon have in common: a stroke that may be begun, or words that say why not.
import type { Store } from "../store/store";
import { DrawnStroke } from "../volume/stroke";

/** The value that a painting tool gives the voxels: the active label's, or 0 to erase. Null, in words, where it cannot. */
export function paintedValue(store: Store, erases: boolean): number | null {
  if (erases) return 0;
  const value = store.choices.activeValue;
  if (value === null) {
    store.kernel.fail("There is no label to paint with: the app declares none.");
    return null;
  }
  if (store.paintSettings.isLocked(value)) {
    store.kernel.fail(`${store.choices.chosen("label")} is locked; unlock it to paint.`);
    return null;
  }
  if (!store.objects.beginning.value) return value;
  store.kernel.fail("The new object is not there yet: the kernel is busy. Paint again in a moment.");
  return null;
}

/** A stroke under the present rules and in the present range of intensities; null, in words, where it cannot begin. */
export function beginStroke(store: Store, erases: boolean): DrawnStroke | null {
  const value = paintedValue(store, erases);
  const { mask } = store.draft;
  const { brush } = store;
  if (!mask || value === null) return null;
  const accept = brush.accept;
  if (accept && store.image.loaded.peek() < 1) {
    store.kernel.fail("The image is still loading; painting in a range of intensities needs all of it.");
    return null;
  }
  store.display.show(erases ? 0 : (store.choices.activeLabel?.value ?? 0));
  return new DrawnStroke(mask, value, { rules: store.paintSettings.rules.peek(), accept });
}
