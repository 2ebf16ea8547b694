// Below the image's name: what the image shows as a whole, one of a few classes for each tag or several.
import type { TagInfo } from "../../protocol";
import type { ViewState } from "../../view/viewState";
import { ActionButton } from "../actions/actionButton";
import { Button } from "../controls/button";

/** More classes are a list to open. */
const MOST_BUTTONS = 5;

export function ImageTags({ view }: { view: ViewState }) {
  const { imageTags, image } = view.store;
  const tags = imageTags.tags.value;
  if (tags.length === 0 || !image.header.value) return null;
  const proposals = tags.filter(({ chosen, proposed }) => chosen.length === 0 && proposed !== null).length;
  return (
    <section class="jl-tags" aria-label="Tags of this image">
      {tags.map((tag) => (
        <Tag key={tag.name} view={view} tag={tag} />
      ))}
      {proposals > 0 && (
        <div class="jl-row">
          <ActionButton
            view={view}
            id="accept-tags"
            icon="check"
            label="Accept"
            says={proposals === 1 ? "What the model proposes is right" : "What the models propose is right"}
          />
        </div>
      )}
    </section>
  );
}

function Tag({ view, tag }: { view: ViewState; tag: TagInfo }) {
  const { imageTags } = view.store;
  return (
    <div class="jl-tag" data-tag={tag.name}>
      {!tag.classes.some((one) => inWords(one) === inWords(tag.name)) && (
        <span class="jl-tag-name" title={tag.name}>
          {inWords(tag.name)}
        </span>
      )}
      <Choices view={view} tag={tag} />
      {tag.proposed !== null && <span class="jl-tag-by">{proposalText(tag)}</span>}
      {tag.model !== null && (
        <Button
          icon="run"
          label={`Ask ${tag.model}`}
          title={`Ask the model ${tag.model}; what it says is a proposal`}
          bare
          action={`ask-${tag.name}`}
          onClick={() => imageTags.askModel(tag.name)}
        />
      )}
    </div>
  );
}

function Choices({ view, tag }: { view: ViewState; tag: TagInfo }) {
  if (tag.several) return <Several view={view} tag={tag} />;
  return tag.classes.length > MOST_BUTTONS ? <List view={view} tag={tag} /> : <Classes view={view} tag={tag} />;
}

function Several({ view, tag }: { view: ViewState; tag: TagInfo }) {
  return (
    <fieldset class="jl-several" aria-label={inWords(tag.name)}>
      {tag.classes.map((one) => (
        <label key={one} class="jl-check" title={`${one}: an image may have several of them`}>
          <input
            type="checkbox"
            data-option={one}
            checked={tag.chosen.includes(one)}
            onChange={() => view.store.imageTags.toggle(tag.name, one)}
          />
          {one}
        </label>
      ))}
    </fieldset>
  );
}

function Classes({ view, tag }: { view: ViewState; tag: TagInfo }) {
  const { imageTags } = view.store;
  return (
    <fieldset class="jl-choice" aria-label={inWords(tag.name)}>
      {tag.classes.map((one) => {
        const [chosen, proposed] = [tag.chosen[0] === one, tag.chosen.length === 0 && tag.proposed === one];
        return (
          <button
            key={one}
            type="button"
            class={`jl-button jl-plain${proposed ? " jl-proposed" : ""}`}
            title={chosen ? `${one}: press again to take it back` : proposed ? `${one}: press to accept` : one}
            aria-pressed={chosen}
            data-option={one}
            onClick={() => imageTags.choose(tag.name, chosen ? null : one)}
          >
            {one}
          </button>
        );
      })}
    </fieldset>
  );
}

function List({ view, tag }: { view: ViewState; tag: TagInfo }) {
  return (
    <select
      class="jl-select"
      aria-label={inWords(tag.name)}
      data-choose="image-tag"
      value={tag.chosen[0] ?? ""}
      onChange={(event) => view.store.imageTags.choose(tag.name, event.currentTarget.value || null)}
    >
      <option value="" selected={tag.chosen.length === 0}>
        Not tagged
      </option>
      {tag.classes.map((one) => (
        <option key={one} value={one} selected={one === tag.chosen[0]}>
          {one}
        </option>
      ))}
    </select>
  );
}

/** "in body 97 %, in_body version 2". */
export function proposalText({ proposed, probability, by }: TagInfo): string {
  return `${proposed}${probability === null ? "" : ` ${percent(probability)}`}, ${by}`;
}

/** Never 100 % for what is not sure. */
export function percent(probability: number): string {
  const shown = Math.round(probability * 100);
  return `${shown === 100 && probability < 1 ? "> 99" : shown} %`;
}

/** Names of classifications are often those of models. */
export function inWords(name: string): string {
  return name.replaceAll("_", " ");
}
