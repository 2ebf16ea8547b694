// The entry of a loop's panel: one state for a model, shared by all of its views.
import { h, render } from "preact";
import { type LoopModel, LoopView } from "./loopView";
import { LoopPanel } from "./panel";
import "./style.css";

/** anywidget calls this once for each widget. */
export default function looppanel() {
  let view: LoopView | null = null;
  return {
    initialize({ model }: { model: LoopModel }): () => void {
      view = new LoopView(model);
      return () => view?.close();
    },
    render({ el }: { model: LoopModel; el: HTMLElement }): () => void {
      const shown = view as LoopView;
      render(h(LoopPanel, { view: shown }), el);
      shown.greet();
      return () => render(null, el);
    },
  };
}
