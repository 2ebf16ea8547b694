// The list of images: the parts of it that were looked at, asked for page by page.
import { batch, type Signal, signal } from "@preact/signals";
import type { ImageFilter, ImageOrder, ImageRow, State, TagChoice, Tell } from "../protocol";
import { leastShownAs } from "../text/scoreText";
import type { Kernel } from "./kernel";
import type { Handlers, Slice } from "./slice";

const PAGE = 50;
/** Thumbnails kept in the page. */
const MOST_THUMBNAILS = 1000;

export class ImageList implements Slice {
  readonly search = signal("");
  readonly filter: Signal<ImageFilter | null> = signal(null);
  readonly order: Signal<ImageOrder> = signal("id");
  /** Only images with a score that is not less; null for all images. */
  readonly leastScore: Signal<number | null> = signal(null);
  /** Only images with this tag; null for all images. */
  readonly tagged: Signal<TagChoice | null> = signal(null);
  /** Which scores the images have; null where there are none. */
  readonly scores: Signal<string | null> = signal(null);
  /** How many images there are in the list; null until the kernel has said so. */
  readonly total: Signal<number | null> = signal(null);
  /** What a person should know about the folder, such as what was left out of the list. */
  readonly notes: Signal<readonly string[]> = signal([]);
  /** Grows when entries have come. */
  readonly version = signal(0);
  readonly handlers: Handlers = {
    images: (message) => this.take(message),
    thumbnail: (message, buffers) => this.takeThumbnail(message, buffers[0]),
    images_changed: () => this.refresh(),
  };
  private readonly kernel: Pick<Kernel, "send" | "client">;
  private entries = new Map<number, ImageRow>();
  private request = 0;
  /** Addresses of the thumbnails by image, the oldest first. */
  private readonly thumbnails = new Map<string, string>();
  /** Images whose thumbnail has come since the list was opened, or of which there is none. */
  private readonly known = new Set<string>();
  private wanted = "";
  /** One question at a time: who scrolls fast does not wait for what has scrolled by. */
  private waiting = false;
  /** What is on its way may be otherwise by now. */
  private stale = false;
  private open = false;
  private strategy: string | null = null;
  private shown: [number, number] = [0, PAGE];

  constructor(kernel: Pick<Kernel, "send" | "client">) {
    this.kernel = kernel;
  }

  /** The image at a place of the list; undefined where it has not come yet. */
  at(place: number): ImageRow | undefined {
    return this.entries.get(place);
  }

  /** The address of an image's thumbnail, once it is there. */
  thumbnail(image: string): string | undefined {
    return this.thumbnails.get(image);
  }

  /** The list is closed: no thumbnail is waited for. */
  close(): void {
    this.open = false;
    this.want([]);
  }

  /** The scores are those that the chosen strategy goes by. */
  onState({ strategy }: State): void {
    const another = this.strategy !== null && strategy !== this.strategy;
    this.strategy = strategy;
    if (another) this.refresh();
  }

  /** What is on the screen may be otherwise by now; the rest is asked for again when it is scrolled to. */
  refresh(): void {
    if (!this.open) return;
    if (this.waiting) {
      this.stale = true;
      return;
    }
    const page = this.shown[0] - (this.shown[0] % PAGE);
    for (const place of [...this.entries.keys()])
      if (place < page || place >= this.shown[1]) this.entries.delete(place);
    this.ask(page, true);
  }

  /** Look for other images, or for the same ones again. */
  query(search = this.search.value, filter = this.filter.value, order = this.order.value): void {
    this.open = true;
    batch(() => {
      this.search.value = search;
      this.filter.value = filter;
      this.order.value = order;
      this.entries = new Map();
      this.known.clear();
      this.shown = [0, PAGE];
      this.waiting = this.stale = false;
      this.ask(0);
    });
  }

  /** Leave out what has a lower score, or no score. */
  chooseLeastScore(least: number | null): void {
    this.leastScore.value = least;
    this.query();
  }

  /** Leave out images without this tag. */
  chooseTag(tagged: TagChoice | null): void {
    this.tagged.value = tagged;
    this.query();
  }

  /** These places are on the screen, the last one not included. */
  show(first: number, last: number): void {
    this.shown = [first, last];
    this.askForThumbnails();
    if (!this.waiting) this.askForMissing();
  }

  private askForMissing(): void {
    const end = Math.min(this.shown[1], this.total.value ?? 0);
    for (let place = this.shown[0]; place < end; place++) if (!this.entries.has(place)) return this.ask(place);
  }

  private askForThumbnails(): void {
    const places = Array.from({ length: this.shown[1] - this.shown[0] }, (_, n) => this.shown[0] + n);
    const images = places.map((place) => this.entries.get(place)?.id).filter((id) => id !== undefined);
    this.want(images.filter((id) => !this.known.has(id)));
  }

  private want(images: string[]): void {
    const wanted = JSON.stringify(images);
    if (wanted === this.wanted) return;
    this.wanted = wanted;
    this.kernel.send({ type: "thumbnails", client: this.kernel.client, images });
  }

  private takeThumbnail({ image }: Extract<Tell, { type: "thumbnail" }>, jpeg: Uint8Array | undefined): void {
    this.known.add(image);
    const before = this.thumbnails.get(image);
    if (before) URL.revokeObjectURL(before);
    this.thumbnails.delete(image);
    if (jpeg) this.thumbnails.set(image, URL.createObjectURL(new Blob([jpeg as BlobPart], { type: "image/jpeg" })));
    const oldest = this.thumbnails.size > MOST_THUMBNAILS ? this.thumbnails.entries().next().value : undefined;
    if (oldest) {
      URL.revokeObjectURL(oldest[1]);
      this.thumbnails.delete(oldest[0]);
      this.known.delete(oldest[0]);
    }
    this.version.value++;
  }

  private ask(place: number, again = false): void {
    const least = this.leastScore.value;
    this.waiting = true;
    this.kernel.send({
      type: "browse",
      client: this.kernel.client,
      request: ++this.request,
      search: this.search.value.trim(),
      state: this.filter.value,
      offset: place - (place % PAGE),
      limit: PAGE,
      again,
      order: this.order.value,
      ...(least !== null && { leastScore: leastShownAs(least) }),
      ...(this.tagged.value !== null && { tagged: this.tagged.value }),
    });
  }

  private take({ request, offset, total, entries, notes, scores }: Extract<Tell, { type: "images" }>): void {
    if (request !== this.request) return;
    this.waiting = false;
    // Images have come or gone: what is known of other parts of the list lies elsewhere by now.
    if (this.total.value !== null && this.total.value !== total) this.entries = new Map();
    this.total.value = total;
    this.notes.value = notes;
    this.scores.value = scores;
    entries.forEach((entry, place) => {
      this.entries.set(offset + place, entry);
    });
    this.version.value++;
    // A list that has got shorter meanwhile gives nothing: asking again would not end.
    if (entries.length > 0) this.askForMissing();
    if (this.stale && !this.waiting) {
      this.stale = false;
      this.refresh();
    }
  }
}
