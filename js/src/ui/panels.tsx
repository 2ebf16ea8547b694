// What opens over the picture: the help, and the notes about the file.
import type { ComponentChildren } from "preact";
import type { ViewState } from "../view/viewstate";
import { Button } from "./button";
import { BINDINGS } from "./keys";

const MOUSE: readonly [string, string][] = [
  ["Wheel", "Step through slices"],
  ["Ctrl wheel", "Zoom around the pointer"],
  ["Shift wheel", "Size of the brush or eraser"],
  ["Drag", "Pan; brush and eraser: paint; box, scribble and lasso: draw (a right click gives up)"],
  ["Middle drag", "Pan with any tool; a drag with the space bar held as well"],
  ["Right drag", "Window (left, right) and level (up, down)"],
  ["Double click", "Navigate tool: enlarge a plane, and back"],
];

export function Panels({ view }: { view: ViewState }) {
  if (view.panel.value === "help") return <Help view={view} />;
  if (view.panel.value === "notes") return <Notes view={view} />;
  return null;
}

function Help({ view }: { view: ViewState }) {
  return (
    <Panel view={view} title="Keys and mouse">
      <dl class="jl-help">
        {BINDINGS.map(({ shown, text }) => (
          <Line key={shown} keys={shown} text={text} />
        ))}
        {MOUSE.map(([keys, text]) => (
          <Line key={keys} keys={keys} text={text} />
        ))}
      </dl>
    </Panel>
  );
}

function Line({ keys, text }: { keys: string; text: string }) {
  return (
    <div>
      <dt>
        <kbd>{keys}</kbd>
      </dt>
      <dd>{text}</dd>
    </div>
  );
}

function Notes({ view }: { view: ViewState }) {
  const notes = Object.entries(view.session.header.value?.notes ?? {});
  return (
    <Panel view={view} title="Notes about this file">
      <dl class="jl-notes">
        {notes.map(([topic, text]) => (
          <div key={topic}>
            <dt>{topic}</dt>
            <dd>{text}</dd>
          </div>
        ))}
      </dl>
    </Panel>
  );
}

function Panel({ view, title, children }: { view: ViewState; title: string; children: ComponentChildren }) {
  return (
    <div class="jl-panel" role="dialog" aria-label={title}>
      <div class="jl-panel-head">
        <h3>{title}</h3>
        <Button
          icon="clear"
          label="Close"
          title="Close (Esc)"
          bare
          onClick={() => {
            view.panel.value = null;
          }}
        />
      </div>
      <div class="jl-panel-body">{children}</div>
    </div>
  );
}
