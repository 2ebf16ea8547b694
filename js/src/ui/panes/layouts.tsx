// How many panes, and which.
import { type Layout, PLANES, type ViewState } from "../../view/viewState";
import { shortcuts, tooltip } from "../actions/keymap";
import { showLayout } from "../actions/viewActions";

const LAYOUTS: Record<Layout, { name: string; short: string; action: string }> = {
  three: { name: "3 planes", short: "3", action: "show-three" },
  four: { name: "3D", short: "3D", action: "view-3d" },
  view3d: { name: "3D", short: "3D", action: "show-solid" },
  axial: { name: "Axial", short: "A", action: "show-axial" },
  coronal: { name: "Coronal", short: "C", action: "show-coronal" },
  sagittal: { name: "Sagittal", short: "S", action: "show-sagittal" },
};

export function LayoutButtons({ view }: { view: ViewState }) {
  if (view.store.image.header.value?.flat) return null;
  const layouts: Layout[] = ["three", "four", ...PLANES];
  const present = view.layout.value === "view3d" ? "four" : view.layout.value;
  return (
    <div class="jl-group jl-layouts">
      {layouts.map((layout) => {
        const { name, short, action } = LAYOUTS[layout];
        return (
          <button
            key={layout}
            type="button"
            class="jl-button jl-plain"
            title={tooltip(view, action)}
            aria-keyshortcuts={shortcuts(view, action)}
            aria-label={name}
            aria-pressed={present === layout}
            data-layout={layout}
            onClick={() => showLayout(view, layout)}
          >
            <span class="jl-long">{name}</span>
            <span class="jl-short" aria-hidden="true">
              {short}
            </span>
          </button>
        );
      })}
    </div>
  );
}
