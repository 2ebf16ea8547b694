// Tells the kernel how the person looks at the image, so that the static picture in the notebook shows the same.
import { effect } from "@preact/signals";
import type { Display } from "./display";
import type { Kernel } from "./kernel";
import type { OpenImage } from "./openImage";
import type { Slice } from "./slice";

/** After the last change. */
const SETTLED_MS = 1000;

export function viewportReport(
  kernel: Pick<Kernel, "send">,
  image: Pick<OpenImage, "header" | "epoch">,
  { cursor, window, hidden, opacity }: Pick<Display, "cursor" | "window" | "hidden" | "opacity">,
): Slice {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let last: unknown = null;
  const stop = effect(() => {
    const header = image.header.value;
    const shown = { cursor: cursor.value, window: window.value, hidden: [...hidden.value], opacity: opacity.value };
    clearTimeout(timer);
    // An image as it opens is nothing to tell: the kernel chooses the slices with the labels.
    const opening = header !== last;
    last = header;
    if (!header || opening) return;
    const { epoch } = image;
    timer = setTimeout(() => kernel.send({ type: "viewport", epoch, ...shown }), SETTLED_MS);
  });
  return {
    dispose: () => {
      stop();
      clearTimeout(timer);
    },
  };
}
