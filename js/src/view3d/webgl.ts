// Whether this browser can show 3D at all.
let known: boolean | null = null;

/** Asked once for the page: every question costs a context, and a page has few. */
export function hasWebgl(): boolean {
  known ??= ask();
  return known;
}

function ask(): boolean {
  const context = document.createElement("canvas").getContext("webgl2");
  context?.getExtension("WEBGL_lose_context")?.loseContext();
  return context !== null;
}
