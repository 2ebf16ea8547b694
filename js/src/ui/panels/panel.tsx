// What opens over the picture: it takes the focus, keeps it until it is closed, and gives it back.
import type { ComponentChildren } from "preact";
import { useEffect, useRef } from "preact/hooks";
import type { ViewState } from "../../view/viewState";
import { shortcuts, tooltip } from "../actions/keymap";
import { Button } from "../controls/button";

const FOCUSABLE =
  "button:not(:disabled), input:not(:disabled), select:not(:disabled), textarea, summary, [tabindex='0']";

/** What is longer than the panel is scrolled with keys. */
const SCROLLED_BY_KEYS = { tabIndex: 0 };

interface PanelProps {
  view: ViewState;
  title: string;
  children: ComponentChildren;
}

export function Panel({ view, title, children }: PanelProps) {
  const panel = useRef<HTMLDivElement>(null);
  useEffect(() => holdFocus(panel.current as HTMLDivElement), []);
  return (
    <div ref={panel} class="jl-panel" role="dialog" aria-label={title} onKeyDown={cycle}>
      <div class="jl-panel-head">
        <h3>{title}</h3>
        <Button
          icon="clear"
          label="Close"
          title={tooltip(view, "back", "Close")}
          keys={shortcuts(view, "back")}
          bare
          onClick={() => {
            view.panel.value = null;
          }}
        />
      </div>
      <section class="jl-panel-body" aria-label={title} {...SCROLLED_BY_KEYS}>
        {children}
      </section>
    </div>
  );
}

/** Take the focus; returns how to give it back to where it was, or to the labeler where that is gone. */
function holdFocus(panel: HTMLElement): () => void {
  const before = document.activeElement as HTMLElement | null;
  const root = panel.closest<HTMLElement>(".jlabel");
  const first =
    panel.querySelector<HTMLElement>("[data-focus-first]") ?? panel.querySelector<HTMLElement>(".jl-panel-body");
  first?.focus({ preventScroll: true });
  return () => {
    const elsewhere = document.activeElement !== document.body && !panel.contains(document.activeElement);
    if (elsewhere) return;
    const to = before?.isConnected && root?.contains(before) ? before : root;
    to?.focus({ preventScroll: true });
  };
}

/** Tab goes round in the panel. */
function cycle(event: KeyboardEvent): void {
  if (event.key !== "Tab") return;
  const inside = [...(event.currentTarget as HTMLElement).querySelectorAll<HTMLElement>(FOCUSABLE)];
  const [first, last] = [inside[0], inside.at(-1)];
  const [from, to] = event.shiftKey ? [first, last] : [last, first];
  if (document.activeElement !== from) return;
  event.preventDefault();
  to?.focus();
}
