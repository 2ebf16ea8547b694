// Labels, model and strategy.
import type { ViewState } from "../../view/viewState";
import { FillSettings, LabelEditing } from "../labels/labelEditing";
import { Labels } from "../labels/labels";
import { Frames } from "../panes/frames";
import { Models } from "../prompts/models";
import { TrainingSection } from "../training/training";
import { ComparisonSection } from "./comparison";
import { NextImage } from "./nextImage";
import { UncertaintySection } from "./uncertainty";

export function Sidebar({ view }: { view: ViewState }) {
  if (!view.store.kernel.state.value) return <div class="jl-sidebar" />;
  return (
    <div class="jl-sidebar">
      <Frames view={view} />
      <Labels view={view} />
      <FillSettings view={view} />
      <ComparisonSection view={view} />
      <Models view={view} />
      <UncertaintySection view={view} />
      <LabelEditing view={view} />
      <TrainingSection view={view} />
      <NextImage view={view} />
    </div>
  );
}
