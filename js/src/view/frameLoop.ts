// Draws the panes of a view, once a frame and only those that have something new.
import type { Store } from "../store/store";

export interface Drawable {
  draw(): void;
}

export class FrameLoop {
  private readonly store: Store;
  private readonly waiting = new Set<Drawable>();
  private frame = 0;

  constructor(store: Store) {
    this.store = store;
  }

  request(pane: Drawable): void {
    this.waiting.add(pane);
    if (this.frame === 0) this.frame = requestAnimationFrame(this.run);
  }

  forget(pane: Drawable): void {
    this.waiting.delete(pane);
  }

  close(): void {
    cancelAnimationFrame(this.frame);
    this.waiting.clear();
  }

  private readonly run = (): void => {
    this.frame = 0;
    const panes = [...this.waiting];
    this.waiting.clear();
    for (const pane of panes) pane.draw();
    const shown = this.store.draft.unseenMask;
    if (!shown) return;
    this.store.draft.unseenMask = null;
    performance.mark("jlabel:painted", { detail: shown });
  };
}
