// Tells the kernel how the person looks at the image, so that the still picture in the notebook shows the same.
import { effect } from "@preact/signals";
import type { Session } from "./session";

const RESTED_MS = 1000;

export function tellSeen(session: Session): () => void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let first: unknown = null;
  const stop = effect(() => {
    const { cursor, window, hidden, opacity } = session.display;
    const header = session.header.value;
    const seen = {
      cursor: cursor.value,
      window: window.value,
      hidden: [...hidden.value],
      opacity: opacity.value,
    };
    clearTimeout(timer);
    // An image as it opens is nothing to tell: the kernel chooses the slices with the labels.
    const opening = header !== first;
    first = header;
    if (!header || opening) return;
    const epoch = session.currentEpoch;
    timer = setTimeout(() => session.send({ type: "seen", epoch, ...seen }), RESTED_MS);
  });
  return () => {
    stop();
    clearTimeout(timer);
  };
}
