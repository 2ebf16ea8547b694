// The widget's entry: one session for a model, shared by all of its views.
import { h, render } from "preact";
import type { WidgetModel } from "./session/link";
import { Session } from "./session/session";
import "./style.css";
import { Labeler } from "./ui/labeler";
import { FrameLoop } from "./view/frameloop";
import { ViewState } from "./view/viewstate";

interface Context {
  model: WidgetModel;
  el: HTMLElement;
}

function showView(session: Session, { model, el }: Context): () => void {
  const view = new ViewState(session);
  const loop = new FrameLoop(session);
  const follow = () => setHeight(el, model.get?.("height"));
  follow();
  model.on("change:height", follow);
  render(h(Labeler, { view, loop }), el);
  session.greet();
  return () => {
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

/** A session that follows the keys given from Python; also how to end it. */
function begin(model: WidgetModel): { session: Session; end(): void } {
  const session = new Session(model);
  const { givenKeys } = session;
  const follow = () => {
    givenKeys.value = (model.get?.("keymap") ?? {}) as typeof givenKeys.value;
  };
  follow();
  model.on("change:keymap", follow);
  const end = () => {
    model.off("change:keymap", follow);
    session.close();
  };
  return { session, end };
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
      return showView(begun.session, context);
    },
  };
}
