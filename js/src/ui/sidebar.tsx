// Labels, model and strategy.
import type { ViewState } from "../view/viewstate";
import { Compare } from "./compare";
import { Editing, FillSettings } from "./editing";
import { Frames } from "./frames";
import { Count } from "./header";
import { Labels } from "./labels";
import { Models } from "./models";
import { Picker } from "./picker";
import { TrainingSection } from "./training";

export function Sidebar({ view }: { view: ViewState }) {
  if (!view.session.state.value) return <div class="jl-sidebar" />;
  return (
    <div class="jl-sidebar">
      <Frames view={view} />
      <Labels view={view} />
      <FillSettings view={view} />
      <Compare view={view} />
      <Models view={view} />
      <Editing view={view} />
      <TrainingSection view={view} />
      <Strategies view={view} />
    </div>
  );
}

function Strategies({ view }: { view: ViewState }) {
  const { session } = view;
  const strategies = session.state.value?.strategies ?? [];
  const chosen = strategies.find(({ name }) => name === session.chosen("strategy"));
  if (strategies.length === 0) return null;
  return (
    <section class="jl-section">
      <h3>
        Next image <Count view={view} />
      </h3>
      <Picker view={view} what="strategy" label="Strategy that chooses the next image" options={strategies} />
      {chosen?.description && (
        <p class="jl-hint" title={chosen.description}>
          {chosen.description}
        </p>
      )}
    </section>
  );
}
