// The list of images: the parts of it that were looked at, asked for page by page.
import { batch, type Signal, signal } from "@preact/signals";
import type { ImageEntry, ImageFilter, Tell } from "../protocol";
import type { Session } from "./session";

const PAGE = 50;

export class Gallery {
  readonly search = signal("");
  readonly filter: Signal<ImageFilter | null> = signal(null);
  /** How many images there are in the list; null until the kernel has said so. */
  readonly total: Signal<number | null> = signal(null);
  /** Grows when entries have come. */
  readonly version = signal(0);
  private readonly session: Session;
  private entries = new Map<number, ImageEntry>();
  private request = 0;
  /** One question at a time: who scrolls fast does not wait for what has scrolled by. */
  private waiting = false;
  private shown: [number, number] = [0, PAGE];

  constructor(session: Session) {
    this.session = session;
    session.on("images", (message) => this.take(message));
  }

  /** The image at a place of the list; undefined where it has not come yet. */
  at(place: number): ImageEntry | undefined {
    return this.entries.get(place);
  }

  /** Look for other images, or for the same ones again. */
  look(search = this.search.value, filter = this.filter.value): void {
    batch(() => {
      this.search.value = search;
      this.filter.value = filter;
      this.entries = new Map();
      this.shown = [0, PAGE];
      this.waiting = false;
      this.ask(0);
    });
  }

  /** These places are on the screen, the last one not included. */
  show(first: number, last: number): void {
    this.shown = [first, last];
    if (!this.waiting) this.askForMissing();
  }

  private askForMissing(): void {
    const end = Math.min(this.shown[1], this.total.value ?? 0);
    for (let place = this.shown[0]; place < end; place++) if (!this.entries.has(place)) return this.ask(place);
  }

  private ask(place: number): void {
    this.waiting = true;
    this.session.send({
      type: "browse",
      client: this.session.client,
      request: ++this.request,
      search: this.search.value.trim(),
      state: this.filter.value,
      offset: place - (place % PAGE),
      limit: PAGE,
    });
  }

  private take({ request, offset, total, entries }: Extract<Tell, { type: "images" }>): void {
    if (request !== this.request) return;
    this.waiting = false;
    this.total.value = total;
    entries.forEach((entry, place) => {
      this.entries.set(offset + place, entry);
    });
    this.version.value++;
    // A list that has got shorter meanwhile gives nothing: asking again would not end.
    if (entries.length > 0) this.askForMissing();
  }
}
