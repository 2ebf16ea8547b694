// How many panes, and which.
import { isPlane, type Layout, PLANES, type ViewState } from "../view/viewstate";
import { shortcuts, tooltip } from "./keymap";

const LAYOUTS: Record<Layout, { name: string; short: string; title: string }> = {
  three: { name: "3 planes", short: "3", title: "Show three planes" },
  four: { name: "3D", short: "3D", title: "Show three planes and 3D" },
  solid: { name: "3D", short: "3D", title: "Show the labels in 3D alone" },
  axial: { name: "Axial", short: "A", title: "Show the axial plane alone" },
  coronal: { name: "Coronal", short: "C", title: "Show the coronal plane alone" },
  sagittal: { name: "Sagittal", short: "S", title: "Show the sagittal plane alone" },
};

export function LayoutButtons({ view }: { view: ViewState }) {
  if (view.session.header.value?.flat) return null;
  const layouts: Layout[] = ["three", "four", ...PLANES];
  return (
    <div class="jl-group jl-layouts">
      {layouts.map((layout) => (
        <button
          key={layout}
          type="button"
          class="jl-button jl-plain"
          title={layout === "four" ? tooltip(view, "view-3d", LAYOUTS.four.title) : LAYOUTS[layout].title}
          aria-keyshortcuts={layout === "four" ? shortcuts(view, "view-3d") : undefined}
          aria-label={LAYOUTS[layout].name}
          aria-pressed={view.layout.value === layout || (layout === "four" && view.layout.value === "solid")}
          data-layout={layout}
          onClick={() => {
            view.layout.value = layout;
            if (isPlane(layout)) view.active.value = layout;
          }}
        >
          <span class="jl-long">{LAYOUTS[layout].name}</span>
          <span class="jl-short" aria-hidden="true">
            {LAYOUTS[layout].short}
          </span>
        </button>
      ))}
    </div>
  );
}
