// Notices whatever a person does in a labeler with keys and the pointer.

interface Listener {
  active(): void;
}

/** Returns how to end that. */
export function followActivity(root: HTMLElement, listeners: readonly Listener[]): () => void {
  const following = new AbortController();
  // Before whoever takes them for itself.
  const options = { signal: following.signal, capture: true, passive: true };
  const active = () => {
    for (const one of listeners) one.active();
  };
  for (const type of ["pointerdown", "pointermove", "wheel", "keydown"]) root.addEventListener(type, active, options);
  return () => following.abort();
}
