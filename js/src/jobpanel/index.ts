// The entry of a job's panel: one state for a model, shared by all of its views.
import { h, render } from "preact";
import "uplot/dist/uPlot.min.css";
import { type JobModel, JobView } from "./jobView";
import { JobPanel } from "./panel";
import "./style.css";

/** anywidget calls this once for each widget. */
export default function jobpanel() {
  let view: JobView | null = null;
  return {
    initialize({ model }: { model: JobModel }): () => void {
      view = new JobView(model);
      return () => view?.close();
    },
    render({ el }: { model: JobModel; el: HTMLElement }): () => void {
      const shown = view as JobView;
      render(h(JobPanel, { view: shown }), el);
      shown.greet();
      return () => render(null, el);
    },
  };
}
