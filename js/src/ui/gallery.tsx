// The list of images over the picture: search, states, and rows of which only those on the screen are in the page.
import { useEffect, useId, useRef, useState } from "preact/hooks";
import type { ImageEntry, ImageFilter } from "../protocol";
import type { Gallery } from "../session/gallery";
import type { ViewState } from "../view/viewstate";
import { leave } from "./actions";
import { Icon } from "./icons";
import { Panel } from "./panel";

/** Height of a row in CSS pixels; style.css has it too. */
const ROW = 56;
/** Rows above and below the screen that are there already. */
const MARGIN = 4;

const FILTERS: readonly [ImageFilter | "", string][] = [
  ["", "All images"],
  ["unlabelled", "Unlabelled"],
  ["model", "Model's label only"],
  ["draft", "Unsaved draft"],
  ["final", "Labelled"],
];

export function GalleryPanel({ view }: { view: ViewState }) {
  const { gallery } = view.session;
  const [active, setActive] = useState(0);
  const list = useRef<HTMLDivElement>(null);
  const id = useId();
  useEffect(() => {
    gallery.look();
    return () => gallery.leave();
  }, [gallery]);
  const total = gallery.total.value ?? 0;
  const move = (place: number) => {
    const to = Math.max(0, Math.min(total - 1, place));
    setActive(to);
    reveal(list.current, to);
  };
  const look = (search: string, filter: ImageFilter | null) => {
    gallery.look(search, filter);
    move(0);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const page = Math.floor((list.current?.clientHeight ?? ROW) / ROW);
    const step = { ArrowDown: 1, ArrowUp: -1, PageDown: page, PageUp: -page }[event.key];
    if (step !== undefined) move(active + step);
    else if (event.key === "Enter") open(view, gallery.at(active));
    else return;
    event.preventDefault();
    event.stopPropagation();
  };
  return (
    <Panel view={view} title="Images">
      <div class="jl-gallery">
        <div class="jl-gallery-head">
          <label class="jl-search">
            <Icon name="search" />
            <input
              type="search"
              data-focus-first
              placeholder="Search by name"
              // biome-ignore lint/a11y/noRedundantRoles: without a datalist it would be a mere search field
              role="combobox"
              list={undefined}
              aria-label="Search images by name"
              aria-expanded="true"
              aria-controls={`${id}-list`}
              aria-activedescendant={gallery.at(active) ? `${id}-${active}` : undefined}
              value={gallery.search.value}
              onInput={(event) => look(event.currentTarget.value, gallery.filter.value)}
              onKeyDown={onKeyDown}
            />
          </label>
          <select
            class="jl-select"
            aria-label="Which images"
            data-choose="image-state"
            value={gallery.filter.value ?? ""}
            onChange={(event) => look(gallery.search.value, (event.currentTarget.value || null) as ImageFilter | null)}
          >
            {FILTERS.map(([value, text]) => (
              <option key={value} value={value} selected={value === (gallery.filter.value ?? "")}>
                {text}
              </option>
            ))}
          </select>
          <span class="jl-count" role="status">
            {gallery.total.value === null ? "…" : `${total.toLocaleString()} ${total === 1 ? "image" : "images"}`}
          </span>
        </div>
        <Rows view={view} list={list} id={id} active={active} />
      </div>
    </Panel>
  );
}

interface RowsProps {
  view: ViewState;
  list: { current: HTMLDivElement | null };
  id: string;
  active: number;
}

function Rows({ view, list, id, active }: RowsProps) {
  const { gallery } = view.session;
  const [span, setSpan] = useState<[number, number]>([0, 0]);
  gallery.version.value;
  const total = gallery.total.value ?? 0;
  const measure = () => {
    const element = list.current;
    if (!element) return;
    const first = Math.max(0, Math.floor(element.scrollTop / ROW) - MARGIN);
    const last = Math.ceil((element.scrollTop + element.clientHeight) / ROW) + MARGIN;
    if (first !== span[0] || last !== span[1]) setSpan([first, last]);
    gallery.show(first, last);
  };
  useEffect(measure, [total, gallery.version.value]);
  const places = placesOf(span, total);
  return (
    <div ref={list} id={`${id}-list`} class="jl-gallery-list" role="listbox" aria-label="Images" onScroll={measure}>
      {total === 0 && gallery.total.value !== null && <p class="jl-hint">{nothing(gallery)}</p>}
      <div class="jl-gallery-all" style={{ height: `${total * ROW}px` }}>
        {places.map((place) => (
          <Row
            key={place}
            view={view}
            id={id}
            place={place}
            entry={gallery.at(place)}
            picture={gallery.thumbnail(gallery.at(place)?.id ?? "")}
            active={place === active}
          />
        ))}
      </div>
    </div>
  );
}

interface RowProps {
  view: ViewState;
  id: string;
  place: number;
  entry: ImageEntry | undefined;
  picture: string | undefined;
  active: boolean;
}

function Row({ view, id, place, entry, picture, active }: RowProps) {
  const here = entry !== undefined && entry.id === view.session.header.value?.id;
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: Enter in the search field opens the active row
    // biome-ignore lint/a11y/useFocusableInteractive: see above
    <div
      id={`${id}-${place}`}
      class={`jl-gallery-row${active ? " jl-active-row" : ""}`}
      role="option"
      aria-selected={active}
      aria-posinset={place + 1}
      aria-setsize={view.session.gallery.total.value ?? 0}
      data-image={entry?.id}
      style={{ top: `${place * ROW}px` }}
      onClick={() => open(view, entry)}
    >
      <span class="jl-thumbnail">{picture && <img src={picture} alt="" draggable={false} />}</span>
      <span class="jl-gallery-text">
        <span class="jl-name" title={entry?.id}>
          {entry?.id ?? "…"}
        </span>
        {entry && <span class="jl-gallery-saved">{savedBy(entry)}</span>}
      </span>
      {here && <span class="jl-chip">Open</span>}
      {entry?.draft && <span class="jl-chip">Unsaved draft</span>}
      {entry && <span class={`jl-chip jl-state-${entry.state}`}>{STATES[entry.state]}</span>}
    </div>
  );
}

const STATES = { unlabelled: "Unlabelled", model: "Model's", final: "Labelled" } as const;

function open(view: ViewState, entry: ImageEntry | undefined): void {
  if (!entry) return;
  if (entry.id === view.session.header.value?.id) view.panel.value = null;
  else leave(view, { type: "open", image: entry.id });
}

export function placesOf([first, last]: readonly [number, number], total: number): number[] {
  const end = Math.min(last, total);
  return Array.from({ length: Math.max(0, end - first) }, (_, place) => first + place);
}

function reveal(list: HTMLElement | null, place: number): void {
  if (!list) return;
  const top = place * ROW;
  if (top < list.scrollTop) list.scrollTop = top;
  else if (top + ROW > list.scrollTop + list.clientHeight) list.scrollTop = top + ROW - list.clientHeight;
}

function nothing({ search, filter }: Gallery): string {
  return search.value || filter.value ? "No image fits the search." : "The studies hold no images.";
}

export function savedBy({ author, time }: Pick<ImageEntry, "author" | "time">): string {
  const when = time && new Date(time).toLocaleString(undefined, { dateStyle: "medium", timeStyle: "short" });
  return [author, when].filter(Boolean).join(", ");
}
