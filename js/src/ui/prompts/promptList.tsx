// The prompts as a list: go to one, flip it, remove it; the arrow keys walk through it.
import type { TargetedKeyboardEvent } from "preact";
import { useEffect, useRef } from "preact/hooks";
import type { Header, PromptInfo } from "../../protocol";
import { sliceOf } from "../../view/promptHandles";
import { promptColor } from "../../view/promptOverlay";
import type { ViewState } from "../../view/viewState";
import { goToPrompt } from "../actions/commands";
import { tooltip } from "../actions/keymap";
import { Icon, type IconName } from "../controls/icons";

export function PromptList({ view }: { view: ViewState }) {
  const { store } = view;
  const prompts = store.prompts.known.value;
  const list = useRef<HTMLUListElement>(null);
  const chosen = store.prompts.selected.value;
  useEffect(() => {
    const row = list.current?.querySelector('[aria-pressed="true"]');
    if (list.current && row) scrollTo(list.current, row);
  }, [chosen]);
  if (prompts.length === 0) return null;
  const selected = store.prompts.chosen.value;
  return (
    <ul class="jl-prompts" ref={list} aria-label="Prompts" onKeyDown={(event) => walk(view, event)}>
      {prompts.map((prompt, place) => (
        <PromptRow
          key={prompt.id}
          view={view}
          prompt={prompt}
          tabbable={selected ? prompt.id === selected.id : place === 0}
        />
      ))}
    </ul>
  );
}

function PromptRow({ view, prompt, tabbable }: { view: ViewState; prompt: PromptInfo; tabbable: boolean }) {
  const { store } = view;
  const id = prompt.id ?? "";
  const labels = store.kernel.state.value?.labels ?? [];
  const [name, where] = [nameOf(prompt), whereOf(prompt, store.image.header.value)];
  const label = prompt.value === undefined ? prompt.label : `${prompt.label} ${prompt.value}`;
  const { activeLabel, activeValue } = store.choices;
  const other = prompt.label !== activeLabel?.name || (prompt.value ?? activeValue) !== activeValue;
  const waits = prompt.waits ? ", waiting" : "";
  return (
    <li class={`jl-prompt${other ? " jl-other" : ""}${prompt.waits ? " jl-waits" : ""}`} data-prompt={id}>
      <button
        type="button"
        class="jl-prompt-name"
        title={`${name} for ${label}${where && `, ${where}`}${waits}`}
        aria-label={`${name} for ${label}${where && `, ${where}`}${waits}`}
        aria-pressed={store.prompts.selected.value === id}
        tabIndex={tabbable ? 0 : -1}
        onClick={() => goToPrompt(view, prompt)}
      >
        <span class="jl-swatch" style={{ backgroundColor: promptColor(prompt, labels) }} />
        <Icon name={iconOf(prompt)} />
        <span class="jl-label-text">
          <span class="jl-kind">{shortNameOf(prompt)}</span>
          <span class="jl-where">{prompt.waits ? "waiting" : where}</span>
        </span>
      </button>
      {prompt.positive !== undefined && (
        <button
          type="button"
          class="jl-button jl-plain jl-bare jl-small"
          title={tooltip(
            view,
            "prompt-flip",
            prompt.positive ? "Make it say what does not belong" : "Make it say what belongs",
          )}
          aria-label={`${prompt.positive ? "Exclude instead" : "Include instead"}: ${name}`}
          data-action="prompt-flip"
          tabIndex={tabbable ? 0 : -1}
          onClick={() => store.prompts.flip(id)}
        >
          <Icon name="flip" />
        </button>
      )}
      <button
        type="button"
        class="jl-button jl-plain jl-bare jl-small"
        title={tooltip(view, "prompt-remove", "Remove this prompt")}
        aria-label={`Remove: ${name}`}
        data-action="prompt-remove"
        tabIndex={tabbable ? 0 : -1}
        onClick={() => store.prompts.remove(id)}
      >
        <Icon name="clear" />
      </button>
    </li>
  );
}

function walk(view: ViewState, event: TargetedKeyboardEvent<HTMLUListElement>): void {
  const places = event.key === "ArrowDown" ? 1 : event.key === "ArrowUp" ? -1 : 0;
  if (places === 0) return;
  event.preventDefault();
  event.stopPropagation();
  const { prompts } = view.store;
  const from = (event.target as Element).closest("[data-prompt]")?.getAttribute("data-prompt") ?? null;
  const to = prompts.known.value.find(({ id }) => id === prompts.beside(from, places));
  if (!to) return;
  goToPrompt(view, to);
  const list = event.currentTarget;
  for (const row of list.querySelectorAll("[data-prompt]"))
    if (row.getAttribute("data-prompt") === to.id) (row.querySelector("button") as HTMLButtonElement).focus();
}

/** The list alone is scrolled, and not the page. */
function scrollTo(list: HTMLElement, row: Element): void {
  const [outer, inner] = [list.getBoundingClientRect(), row.getBoundingClientRect()];
  if (inner.top < outer.top) list.scrollTop += inner.top - outer.top;
  else if (inner.bottom > outer.bottom) list.scrollTop += inner.bottom - outer.bottom;
}

function iconOf({ kind, positive }: PromptInfo): IconName {
  if (kind === "click") return positive === false ? "click-remove" : "click-add";
  return kind === "mask" ? "from-mask" : kind;
}

export function nameOf({ kind, positive }: PromptInfo): string {
  if (kind === "mask") return "Present mask";
  if (kind === "box") return "Box";
  return `${positive === false ? "Exclude" : "Include"} ${kind}`;
}

/** For a narrow row: the tooltip and the accessible name say it in full. */
function shortNameOf({ kind, positive }: PromptInfo): string {
  const sign = positive === undefined ? "" : positive ? "+ " : "− ";
  return `${sign}${kind === "mask" ? "mask" : kind}`;
}

export function whereOf(prompt: PromptInfo, header: Header | null): string {
  const found = sliceOf(prompt);
  const plane = found && header?.planes.find(({ normal }) => normal === found[0]);
  if (found && plane) return header?.flat ? "" : `${header?.oriented ? plane.name : "slice"} ${found[1]}`;
  return prompt.position?.join(", ") ?? "";
}
