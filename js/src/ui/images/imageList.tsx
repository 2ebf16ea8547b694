// The list of images over the picture: search, states, and rows of which only those on the screen are in the page.
import { useEffect, useId, useRef, useState } from "preact/hooks";
import type { ImageFilter, ImageRow, RowTag, WorkState } from "../../protocol";
import type { ImageList } from "../../store/imageList";
import { localTime } from "../../text/localTimes";
import { scoreText } from "../../text/scoreText";
import type { ViewState } from "../../view/viewState";
import { leave } from "../actions/commands";
import { Panel } from "../panels/panel";
import { FilterSelect, FolderNotes, LeastScore, OrderSelect, SearchField, TagSelect } from "./imageListHead";
import { inWords, percent } from "./imageTags";

/** Height of a row in CSS pixels; styles/imageList.css has it too. */
const ROW = 56;
/** Rows above and below the screen that are there already. */
const MARGIN = 4;

export function ImageListPanel({ view }: { view: ViewState }) {
  const { imageList } = view.store;
  const [active, setActive] = useState(0);
  const list = useRef<HTMLDivElement>(null);
  const id = useId();
  useEffect(() => {
    imageList.query();
    return () => imageList.close();
  }, [imageList]);
  const total = imageList.total.value ?? 0;
  const move = (place: number) => {
    const to = Math.max(0, Math.min(total - 1, place));
    setActive(to);
    reveal(list.current, to);
  };
  const look = (search: string, filter: ImageFilter | null) => {
    imageList.query(search, filter);
    move(0);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const page = Math.floor((list.current?.clientHeight ?? ROW) / ROW);
    const step = { ArrowDown: 1, ArrowUp: -1, PageDown: page, PageUp: -page }[event.key];
    if (step !== undefined) move(active + step);
    else if (event.key === "Enter") open(view, imageList.at(active));
    else return;
    event.preventDefault();
    event.stopPropagation();
  };
  return (
    <Panel view={view} title="Images">
      <div class="jl-gallery">
        <div class="jl-gallery-head">
          <SearchField view={view} id={id} active={active} onSearch={look} onKeyDown={onKeyDown} />
          <FilterSelect view={view} onChosen={look} />
          <TagSelect view={view} onChosen={() => move(0)} />
          <OrderSelect view={view} onChosen={() => move(0)} />
          <LeastScore view={view} onChosen={() => move(0)} />
          <span class="jl-count" role="status">
            {imageList.total.value === null ? "…" : `${total.toLocaleString()} ${total === 1 ? "image" : "images"}`}
          </span>
        </div>
        <FolderNotes view={view} />
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
  const { imageList } = view.store;
  const [span, setSpan] = useState<[number, number]>([0, 0]);
  imageList.version.value;
  const total = imageList.total.value ?? 0;
  const measure = () => {
    const element = list.current;
    if (!element) return;
    const first = Math.max(0, Math.floor(element.scrollTop / ROW) - MARGIN);
    const last = Math.ceil((element.scrollTop + element.clientHeight) / ROW) + MARGIN;
    if (first !== span[0] || last !== span[1]) setSpan([first, last]);
    imageList.show(first, last);
  };
  useEffect(measure, [total, imageList.version.value]);
  const places = placesOf(span, total);
  return (
    <div ref={list} id={`${id}-list`} class="jl-gallery-list" role="listbox" aria-label="Images" onScroll={measure}>
      {total === 0 && imageList.total.value !== null && <p class="jl-hint">{nothing(imageList)}</p>}
      <div class="jl-gallery-all" style={{ height: `${total * ROW}px` }}>
        {places.map((place) => (
          <Row
            key={place}
            view={view}
            id={id}
            place={place}
            entry={imageList.at(place)}
            picture={imageList.thumbnail(imageList.at(place)?.id ?? "")}
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
  entry: ImageRow | undefined;
  picture: string | undefined;
  active: boolean;
}

function Row({ view, id, place, entry, picture, active }: RowProps) {
  const here = entry !== undefined && entry.id === view.store.image.header.value?.id;
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: Enter in the search field opens the active row
    // biome-ignore lint/a11y/useFocusableInteractive: see above
    <div
      id={`${id}-${place}`}
      class={`jl-gallery-row${active ? " jl-active-row" : ""}`}
      role="option"
      aria-selected={active}
      aria-posinset={place + 1}
      aria-setsize={view.store.imageList.total.value ?? 0}
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
      {entry?.score != null && (
        <span class="jl-gallery-score" title={`Score: ${view.store.imageList.scores.value ?? ""}`}>
          {scoreText(entry.score)}
        </span>
      )}
      {entry?.tags.map((tag) => (
        <span
          key={`${tag.name}\n${tag.value}`}
          class={`jl-chip jl-gallery-tag${tag.byPerson ? "" : " jl-by-model"}`}
          title={tagText(tag)}
          data-tag={tag.name}
        >
          {tag.value}
        </span>
      ))}
      {entry && <Work entry={entry} me={view.store.teamwork.annotator.value?.name} />}
      {here && <span class="jl-chip">Open</span>}
      {entry?.draft && <span class="jl-chip">Unsaved draft</span>}
      {entry && <span class={`jl-chip jl-state-${entry.state}`}>{STATES[entry.state]}</span>}
    </div>
  );
}

/** Who else works on the image, and what a reviewer said. */
function Work({ entry: { work, holder }, me }: { entry: ImageRow; me: string | undefined }) {
  const text = holder && holder !== me ? WITH[work](holder) : (JUDGED[work] ?? null);
  if (text === null) return null;
  return (
    <span class={`jl-chip jl-work-${work}`} data-work={work}>
      {text}
    </span>
  );
}

const reviewed = (who: string) => `${who} reviews it`;
const worked = (who: string) => `${who} works on it`;
const WITH = {
  to_do: worked,
  in_progress: worked,
  done: worked,
  in_review: reviewed,
  accepted: worked,
  sent_back: worked,
} as const;

const JUDGED: Partial<Record<WorkState, string>> = {
  accepted: "Accepted",
  sent_back: "Sent back",
};

const STATES = {
  unlabelled: "Unlabelled",
  model: "Model's",
  final: "Labelled",
  unreadable: "Cannot be read",
  unshown: "Label cannot be shown",
} as const;

function open(view: ViewState, entry: ImageRow | undefined): void {
  if (!entry) return;
  if (entry.id === view.store.image.header.value?.id) view.panel.value = null;
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

function nothing({ search, filter, scores, leastScore, tagged }: ImageList): string {
  if (scores.value && leastScore.value !== null) return `No image here has a score from ${leastScore.value}.`;
  return search.value || filter.value || tagged.value ? "No image fits the search." : "The studies hold no images.";
}

function tagText({ name, value, byPerson, probability }: RowTag): string {
  const sure = probability === null ? "" : ` ${percent(probability)}`;
  return `${inWords(name)}: ${value}${byPerson ? "" : `${sure}, by a model`}`;
}

export function savedBy({ author, time }: Pick<ImageRow, "author" | "time">): string {
  return [author, time && localTime(time)].filter(Boolean).join(", ");
}
