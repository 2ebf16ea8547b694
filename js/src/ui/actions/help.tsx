// The help: the keys in force and what the mouse does, in groups, and searchable.
import { useState } from "preact/hooks";
import type { ViewState } from "../../view/viewState";
import { Panel } from "../panels/panel";
import { GROUPS } from "./action";
import { keymapOf } from "./keymap";
import { keyText } from "./keyNames";
import { ACTIONS } from "./registry";

const MOUSE: readonly [string, string][] = [
  ["Wheel", "Step through slices"],
  ["Ctrl wheel", "Zoom around the pointer"],
  ["Shift wheel", "Size of the brush or eraser"],
  ["Shift drag", "Brush: erase; eraser: paint; scribble, lasso and polygon: what does not belong"],
  ["Drag", "Pan; brush and eraser: paint; box, scribble and lasso: draw (a right click gives up)"],
  ["Middle drag", "Pan with any tool; a drag with the space bar held as well"],
  ["Middle click", "Move the crosshair there with any tool; a click with the space bar held as well"],
  ["Right drag", "Window (left, right) and level (up, down)"],
  ["Double click", "Navigate tool, or on the bar above a plane: enlarge the plane, and back"],
];

interface Line {
  ids: string[];
  keys: string[];
  text: string;
}

interface Group {
  name: string;
  /** Where its keys work, if not all over the labeler. */
  note?: string;
  lines: Line[];
}

export function Help({ view }: { view: ViewState }) {
  const [sought, seek] = useState("");
  const groups = matching([...keyGroups(view), mouseGroup()], sought);
  return (
    <Panel view={view} title="Keys and mouse">
      <input
        type="search"
        class="jl-help-search"
        placeholder="Search"
        aria-label="Search keys and mouse"
        data-focus-first
        value={sought}
        onInput={(event) => seek(event.currentTarget.value)}
      />
      <div class="jl-help">
        {groups.map(({ name, note, lines }) => (
          <section key={name}>
            <h4>{name}</h4>
            {note && <p class="jl-hint">{note}</p>}
            <dl>
              {lines.map((line) => (
                <Entry key={line.text} {...line} />
              ))}
            </dl>
          </section>
        ))}
        {groups.length === 0 && <p class="jl-hint">Nothing is called that.</p>}
      </div>
      <p class="jl-hint">
        Other keys: <code>labeler.keymap = {'{"save": "f2"}'}</code> in a cell; a line's name shows under the pointer.
      </p>
      {view.store.kernel.state.value?.logEffort && (
        <p class="jl-hint">
          What a label costs (time, clicks, strokes) is kept with it: <code>manager.effort()</code> shows it,{" "}
          <code>manager.log_effort = False</code> ends that.
        </p>
      )}
    </Panel>
  );
}

function Entry({ ids, keys, text }: Line) {
  const written = abbreviated(keys);
  return (
    <div title={ids.join(", ")}>
      <dt>{written.length === 0 ? "–" : written.map((key) => <kbd key={key}>{key}</kbd>)}</dt>
      <dd>{text}</dd>
    </div>
  );
}

/** Four and more that follow each other as one: `1 … 9`, and `Alt+ ← → ↑ ↓`. */
export function abbreviated(keys: readonly string[]): readonly string[] {
  const [first, last] = [keys[0] ?? "", keys.at(-1) ?? ""];
  if (keys.length < 4) return keys;
  const arrows = keys.map((key) => key.at(-1) as string);
  const held = first.slice(0, -1);
  if (arrows.every((arrow, index) => "←→↑↓".includes(arrow) && keys[index] === held + arrow))
    return [`${held} ${arrows.join(" ")}`.trim()];
  const follows = keys.every((key, index) => key.length === 1 && key.charCodeAt(0) === first.charCodeAt(0) + index);
  return follows ? [`${first} … ${last}`] : keys;
}

/** Actions of one text, such as the nine labels, share a line. */
function keyGroups(view: ViewState): Group[] {
  const keymap = keymapOf(view);
  return GROUPS.map((name) => {
    const lines = new Map<string, Line>();
    for (const { id, text, group } of ACTIONS) {
      if (group !== name) continue;
      const line = lines.get(text) ?? { ids: [], keys: [], text };
      line.ids.push(id);
      line.keys.push(...keymap.keysOf(id).map((key) => keyText(key)));
      lines.set(text, line);
    }
    // What has no key comes last.
    const all = [...lines.values()];
    return {
      name,
      note: name === "In the 3D pane" ? view3dNote(keymap.keysOf("next-plane")) : undefined,
      lines: [...all.filter(({ keys }) => keys.length > 0), ...all.filter(({ keys }) => keys.length === 0)],
    };
  });
}

function view3dNote([key]: readonly string[]): string {
  return `These work while it has the focus: click it${key ? `, or go to it with ${keyText(key)}` : ""}.`;
}

function mouseGroup(): Group {
  return { name: "Mouse", lines: MOUSE.map(([keys, text]) => ({ ids: [], keys: [keys], text })) };
}

/** The lines in which every word that is sought occurs, in the text, the keys or the group's name. */
export function matching(groups: readonly Group[], sought: string): Group[] {
  const words = sought.toLowerCase().split(/\s+/);
  const fits = (group: string, { ids, keys, text }: Line) => {
    const all = [group, text, ...keys, ...ids].join(" ").toLowerCase();
    return words.every((word) => all.includes(word));
  };
  return groups
    .map(({ name, note, lines }) => ({ name, note, lines: lines.filter((line) => fits(name, line)) }))
    .filter(({ lines }) => lines.length > 0);
}
