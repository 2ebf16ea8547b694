// Notices whatever a person does in a labeler with keys and the pointer.
import type { Effort } from "../store/effort";

/** Returns how to end that. */
export function followActivity(root: HTMLElement, effort: Pick<Effort, "active">): () => void {
  const listeners = new AbortController();
  // Before whoever takes them for itself.
  const options = { signal: listeners.signal, capture: true, passive: true };
  for (const type of ["pointerdown", "pointermove", "wheel", "keydown"])
    root.addEventListener(type, () => effort.active(), options);
  return () => listeners.abort();
}
