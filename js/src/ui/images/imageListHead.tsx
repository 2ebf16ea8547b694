// Above the list of images: its search, which images are in it, in which order, and what was left out.
import type { ImageFilter, ImageOrder, TagChoice } from "../../protocol";
import { withLocalTimes } from "../../text/localTimes";
import type { ViewState } from "../../view/viewState";
import { Icon } from "../controls/icons";
import { inWords } from "./imageTags";

type Look = (search: string, filter: ImageFilter | null) => void;

const FILTERS: readonly [ImageFilter | "", string][] = [
  ["", "All images"],
  ["unlabelled", "Unlabelled"],
  ["model", "Model's label only"],
  ["draft", "Unsaved draft"],
  ["final", "Labelled"],
  ["unreadable", "Cannot be read"],
];
/** How far the work of a team is. */
const WORK: readonly [ImageFilter, string][] = [
  ["to_do", "To do"],
  ["in_progress", "In progress"],
  ["done", "Done, without a verdict"],
  ["in_review", "In review"],
  ["accepted", "Accepted"],
  ["sent_back", "Sent back"],
];

interface SearchFieldProps {
  view: ViewState;
  /** Of the list that the field searches. */
  id: string;
  active: number;
  onSearch: Look;
  onKeyDown: (event: KeyboardEvent) => void;
}

export function SearchField({ view, id, active, onSearch, onKeyDown }: SearchFieldProps) {
  const { imageList } = view.store;
  imageList.version.value;
  return (
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
        aria-activedescendant={imageList.at(active) ? `${id}-${active}` : undefined}
        value={imageList.search.value}
        onInput={(event) => onSearch(event.currentTarget.value, imageList.filter.value)}
        onKeyDown={onKeyDown}
      />
    </label>
  );
}

export function FilterSelect({ view, onChosen }: { view: ViewState; onChosen: Look }) {
  const { imageList } = view.store;
  const option = ([value, text]: readonly [string, string]) => (
    <option key={value} value={value} selected={value === (imageList.filter.value ?? "")}>
      {text}
    </option>
  );
  return (
    <select
      class="jl-select"
      aria-label="Which images"
      data-choose="image-state"
      value={imageList.filter.value ?? ""}
      onChange={(event) => onChosen(imageList.search.value, (event.currentTarget.value || null) as ImageFilter | null)}
    >
      {FILTERS.map(option)}
      <optgroup label="Work on it">{WORK.map(option)}</optgroup>
    </select>
  );
}

/** What was left out of the list. */
export function FolderNotes({ view }: { view: ViewState }) {
  const { imageList } = view.store;
  if (imageList.notes.value.length === 0) return null;
  return (
    <details class="jl-gallery-notes" open={imageList.total.value === 0}>
      <summary>Notes about the folder ({imageList.notes.value.length})</summary>
      <ul>
        {imageList.notes.value.map((note) => (
          <li key={note}>{withLocalTimes(note)}</li>
        ))}
      </ul>
    </details>
  );
}

/** By name or by score, where there are scores. */
export function OrderSelect({ view, onChosen }: { view: ViewState; onChosen: () => void }) {
  const { imageList } = view.store;
  const scores = imageList.scores.value;
  const title = scores
    ? `Scores: ${scores}`
    : "There are no scores: choose a strategy that goes by scores, and press Score";
  return (
    <select
      class="jl-select"
      aria-label="In which order"
      title={title}
      data-choose="image-order"
      value={scores ? imageList.order.value : "id"}
      disabled={scores === null}
      onChange={(event) => {
        imageList.query(imageList.search.value, imageList.filter.value, event.currentTarget.value as ImageOrder);
        onChosen();
      }}
    >
      <option value="id" selected={imageList.order.value === "id" || scores === null}>
        By name
      </option>
      <option value="score" selected={imageList.order.value === "score" && scores !== null}>
        Highest score first
      </option>
    </select>
  );
}

/** Leaves out images without a tag, where the app has tags. */
export function TagSelect({ view, onChosen }: { view: ViewState; onChosen: () => void }) {
  const { imageList, imageTags } = view.store;
  const tags = imageTags.tags.value;
  if (tags.length === 0) return null;
  const choices = tags.flatMap(({ name, classes }) => [null, ...classes].map((value) => ({ name, value })));
  const at = choices.findIndex((one) => same(one, imageList.tagged.value));
  const option = ({ value }: TagChoice, place: number) => (
    <option key={place} value={place} selected={place === at}>
      {value ?? "Not tagged by a person"}
    </option>
  );
  return (
    <select
      class="jl-select jl-tag-filter"
      aria-label="With which tag"
      data-choose="image-tag-filter"
      value={at}
      onChange={(event) => {
        imageList.chooseTag(choices[Number(event.currentTarget.value)] ?? null);
        onChosen();
      }}
    >
      <option value={-1} selected={at < 0}>
        Any tag
      </option>
      {tags.map(({ name }) => (
        <optgroup key={name} label={inWords(name)}>
          {choices.map((one, place) => one.name === name && option(one, place))}
        </optgroup>
      ))}
    </select>
  );
}

function same(one: TagChoice, other: TagChoice | null): boolean {
  return other !== null && one.name === other.name && one.value === other.value;
}

/** Leaves out images with lower scores, where there are scores. */
export function LeastScore({ view, onChosen }: { view: ViewState; onChosen: () => void }) {
  const { imageList } = view.store;
  if (imageList.scores.value === null) return null;
  return (
    <input
      type="number"
      class="jl-text-field jl-least-score"
      aria-label="Only images with a score from"
      title="Only images with this score or a higher one; empty: all"
      placeholder="Score from"
      step="any"
      data-choose="least-score"
      defaultValue={imageList.leastScore.peek()?.toString() ?? ""}
      onInput={(event) => {
        const typed = event.currentTarget.valueAsNumber;
        imageList.chooseLeastScore(Number.isFinite(typed) ? typed : null);
        onChosen();
      }}
    />
  );
}
