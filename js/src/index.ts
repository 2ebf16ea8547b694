// The widget's entry: one store for a model, shared by all of its views.
import { h, render } from "preact";
import type { WidgetModel } from "./store/connection";
import { createStore, type Store } from "./store/store";
import "./style.css";
import { Labeler } from "./ui/labeler";
import { FrameLoop } from "./view/frameLoop";
import { ViewState } from "./view/viewState";

interface Context {
  model: WidgetModel;
  el: HTMLElement;
}

function showView(store: Store, { model, el }: Context): () => void {
  const view = new ViewState(store);
  const loop = new FrameLoop(store);
  const follow = () => setHeight(el, model.get?.("height"));
  follow();
  model.on("change:height", follow);
  render(h(Labeler, { view, loop }), el);
  store.connection.viewShown();
  return () => {
    store.connection.viewGone();
    model.off("change:height", follow);
    render(null, el);
    loop.close();
    view.close();
  };
}

/** The height of the picture, in pixels. */
function setHeight(el: HTMLElement, height: unknown): void {
  if (typeof height === "number" && height > 0) el.style.setProperty("--jl-height", `${height}px`);
}

/** A store that follows the keys given from Python; also how to end it. */
function begin(model: WidgetModel): { store: Store; end(): void } {
  const store = createStore(model);
  const { givenKeys } = store;
  const follow = () => {
    givenKeys.value = (model.get?.("keymap") ?? {}) as typeof givenKeys.value;
  };
  follow();
  model.on("change:keymap", follow);
  const end = () => {
    model.off("change:keymap", follow);
    store.close();
  };
  return { store, end };
}

/** anywidget calls this once for each widget; what it returns lives as long as the widget's model in this page. */
export default function labeler() {
  let begun: ReturnType<typeof begin> | null = null;
  return {
    initialize({ model }: Pick<Context, "model">): () => void {
      begun = begin(model);
      return () => {
        begun?.end();
        begun = null;
      };
    },
    render(context: Context): () => void {
      begun ??= begin(context.model);
      return showView(begun.store, context);
    },
  };
}
