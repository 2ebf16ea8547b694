// One view of a labeler: its layout, and what each pane shows. Two views of one labeler differ in this alone.
import { computed, effect, type ReadonlySignal, type Signal, signal } from "@preact/signals";
import type { Ask, Header, PlaneName, Position, Region } from "../protocol";
import type { Store } from "../store/store";
import type { PointerSpot } from "../tools/tool";
import { FRONT, type Orbit } from "../view3d/orbit";
import { PlaneGeometry } from "../volume/planeGeometry";
import { dragWindow, grays, inverted, windowTable } from "../volume/window";
import { nextPreset, presetsFor } from "../volume/windowPresets";
import { KeyboardPointer } from "./keyboardPointer";
import { makePalette, type Palette } from "./palette";
import type { Hit } from "./promptHandles";
import type { ShownPrompts } from "./promptOverlay";
import type { Shading } from "./render";
import { type UncertaintyColors, uncertaintyColors } from "./uncertaintyColors";
import { clampZoom, Frame, type Size, type Viewport, WHOLE } from "./viewport";

export const PLANES: readonly PlaneName[] = ["axial", "coronal", "sagittal"];

/** Several panes at once: three planes, or three planes and 3D. */
export type Grid = "three" | "four";
/** "view3d" is the 3D pane alone. */
export type Layout = Grid | "view3d" | PlaneName;
/** What lies open over the picture. */
export type PanelName = "help" | "notes" | "images" | "versions" | "team";

/** Going to another image. */
export type Leave = Extract<
  Ask,
  { type: "next" | "previous" | "skip" | "open" | "review" | "looks_right" | "accept_label" | "send_label_back" }
>;

/** Why a person is asked before the draft is saved: the saved label could not be shown, or somebody else works here. */
export type SavingOver = { why: "unshown" | "others"; next: Leave | null };

const NO_SIZE: Size = { width: 1, height: 1 };

/** Where the pointer rests, in CSS pixels of its pane too. */
export interface Hover {
  name: PlaneName;
  spot: PointerSpot;
  x: number;
  y: number;
  /** What a press there takes hold of, or null. */
  hit: Hit | null;
}

/** What keys need of the 3D pane. */
export interface View3dPane {
  readonly canvas: HTMLCanvasElement;
  /** CSS pixels for a millimetre. */
  readonly scene: { readonly scale: number };
}

export class ViewState {
  readonly store: Store;
  readonly layout: Signal<Layout> = signal("three");
  readonly viewports: Record<PlaneName, Signal<Viewport>> = {
    axial: signal(WHOLE),
    coronal: signal(WHOLE),
    sagittal: signal(WHOLE),
  };
  /** How large the panes are, in CSS pixels. */
  readonly sizes: Record<PlaneName, Size> = { axial: NO_SIZE, coronal: NO_SIZE, sagittal: NO_SIZE };
  /** The crosshair, moved and pressed by keys. */
  readonly pointer = new KeyboardPointer(this);
  /** The labeler fills the screen, or where that is refused the page. */
  readonly filled = signal(false);
  /** The pane that arrow keys step in: the last one that was used. */
  readonly active: Signal<PlaneName> = signal("axial");
  readonly hover: Signal<Hover | null> = signal(null);
  /** What lies open over the picture. */
  readonly panel: Signal<PanelName | null> = signal(null);
  /** The section for editing a label is unfolded. */
  readonly editing = signal(true);
  /** The space bar is held: a drag pans, whatever the tool. */
  readonly panning = signal(false);
  /** What the person asked for while the draft has changes that are not saved. */
  readonly leaving: Signal<Leave | null> = signal(null);
  /** The person is asked whether to save all the same, and where to go after that. */
  readonly savingOver: Signal<SavingOver | null> = signal(null);
  /** Grows whenever the field for what is to be corrected is to take the focus. */
  readonly judging = signal(0);
  /** From where the 3D pane looks. */
  readonly orbit: Signal<Orbit> = signal(FRONT);
  /** The 3D pane's canvas and scene while there is one. */
  view3dPane: View3dPane | null = null;
  /** The 3D pane is shown. */
  readonly view3dShown: ReadonlySignal<boolean>;
  /** The draft's panes have those of another label beside them. */
  readonly sideBySide: ReadonlySignal<boolean>;
  /** The planes that are shown, the large one first. */
  readonly shown: ReadonlySignal<readonly PlaneName[]>;
  readonly geometries: ReadonlySignal<Record<PlaneName, PlaneGeometry> | null>;
  readonly shading: ReadonlySignal<Shading>;
  readonly palette: ReadonlySignal<Palette>;
  readonly uncertaintyColors: ReadonlySignal<UncertaintyColors>;
  readonly prompts: ReadonlySignal<ShownPrompts>;
  private readonly stops: (() => void)[];
  /** What an enlarged pane goes back to. */
  private grid: Grid = "three";

  constructor(store: Store) {
    this.store = store;
    const { display } = store;
    const { header } = store.image;
    const { state } = store.kernel;
    this.shown = computed(() => {
      const flat = header.value?.flat;
      if (flat) return [flat];
      const layout = this.layout.value;
      if (layout === "view3d") return [];
      return layout === "three" || layout === "four" ? PLANES : [layout];
    });
    this.view3dShown = computed(
      () => !!header.value && !header.value.flat && (this.layout.value === "four" || this.layout.value === "view3d"),
    );
    this.sideBySide = computed(
      () => store.comparison.on && store.comparison.by.value === "sides" && this.shown.value.length > 0,
    );
    this.geometries = computed(() => (header.value ? geometriesOf(header.value) : null));
    this.shading = computed(() => shadingOf(header.value, display.window.value));
    const labels = computed(() => state.value?.labels ?? []);
    this.palette = computed(() => makePalette(labels.value, display.opacity.value, display.hidden.value));
    this.uncertaintyColors = computed(() => uncertaintyColors(store.uncertainty.opacity.value));
    this.prompts = computed(() => {
      const { sketch, sent, known, selected } = store.prompts;
      const drawn = sketch.value?.prompt;
      return {
        known: drawn?.id ? known.value.filter(({ id }) => id !== drawn.id) : known.value,
        sent: drawn ? [...sent.value, drawn] : sent.value,
        selected: selected.value,
        label: store.choices.chosen("label"),
        object: store.objects.active.value,
      };
    });
    this.stops = [
      effect(() => this.start(header.value)),
      effect(() => this.goTo(store.draft.changedRegion.value)),
      effect(() => this.look()),
    ];
  }

  close(): void {
    for (const stop of this.stops) stop();
  }

  /** The geometry of the pane that keys act on; null while there is no image. */
  get activeGeometry(): PlaneGeometry | null {
    const shown = this.shown.value;
    const name = shown.includes(this.active.value) ? this.active.value : shown[0];
    return this.geometries.value?.[name as PlaneName] ?? null;
  }

  /** Step through slices; positive is towards the patient's right, front or top. */
  step(geometry: PlaneGeometry, slices: number): void {
    const { display } = this.store;
    const { header } = this.store.image;
    // A stroke stays in the slice that it began in, and so does a prompt.
    if (!header.value || this.store.draft.drawing || this.store.prompts.sketch.peek()) return;
    const to = [...display.cursor.value] as [number, number, number];
    to[geometry.normal] = (to[geometry.normal] as number) + slices * geometry.plane.superiorStep;
    display.moveCursor(to, header.value.shape);
  }

  /** Zoom the active pane around its middle. */
  zoom(factor: number): void {
    const name = this.activeGeometry?.name;
    if (!name) return;
    const { zoom, offset } = this.viewports[name].value;
    this.viewports[name].value = { zoom: clampZoom(zoom * factor), offset };
  }

  /** Pan the active pane by parts of its width and height. */
  pan(right: number, down: number): void {
    const name = this.activeGeometry?.name;
    const frame = name && this.frameOf(name);
    if (!frame) return;
    const { width, height } = this.sizes[name];
    this.viewports[name].value = frame.panned(-right * width, -down * height);
  }

  /** Change window and level as a drag of that many pixels does. */
  shiftWindow(width: number, level: number): void {
    const { header } = this.store.image;
    const { display } = this.store;
    if (header.value && header.value.channels !== 3)
      display.window.value = dragWindow(display.window.value, width, level);
  }

  /** How a plane and its pane belong together now; null while there is no image. */
  frameOf(name: PlaneName): Frame | null {
    const geometry = this.geometries.peek()?.[name];
    return geometry ? new Frame(geometry, this.viewports[name].peek(), this.sizes[name]) : null;
  }

  /** The next of the windows that suit the image. */
  cycleWindow(): void {
    const { header } = this.store.image;
    const { display } = this.store;
    const next = header.value && nextPreset(presetsFor(header.value), display.window.value);
    if (next) display.window.value = next.window;
  }

  reset(): void {
    for (const name of PLANES) this.viewports[name].value = WHOLE;
    this.orbit.value = FRONT;
    const header = this.store.image.header.value;
    if (header) this.store.display.window.value = [...header.window];
  }

  /** Show a pane alone, or all again that were shown before. */
  enlarge(name: PlaneName | "view3d"): void {
    if (name !== "view3d") this.active.value = name;
    const layout = this.layout.value;
    if (isGrid(layout)) this.grid = layout;
    this.layout.value = isGrid(layout) ? name : this.grid;
  }

  /** Three planes and 3D, or three planes alone. */
  toggleView3d(): void {
    if (!this.store.image.header.value?.flat) this.layout.value = this.view3dShown.value ? "three" : "four";
  }

  /** Show the middle of a region, unless a slice of it is on the screen. */
  private goTo(region: Region | null): void {
    const { display } = this.store;
    const { header } = this.store.image;
    const [at, geometries] = [display.cursor.peek(), this.geometries.peek()];
    if (!region || !geometries || !header.peek()) return;
    const inside = (axis: number) =>
      (region[axis] as number) <= (at[axis] as number) && (at[axis] as number) < (region[axis + 3] as number);
    if (this.shown.peek().some((name) => inside(geometries[name].normal))) return;
    const middle = [0, 1, 2].map((axis) => ((region[axis] as number) + (region[axis + 3] as number) - 1) >> 1);
    display.moveCursor(middle as Position, (header.peek() as Header).shape);
  }

  /** The slice of the pane that keys act on is looked at. */
  private look(): void {
    const normal = this.activeGeometry?.normal;
    const cursor = this.store.display.cursor.value;
    if (normal !== undefined) this.store.effort.looksAt(normal, cursor[normal] as number);
  }

  private start(header: Header | null): void {
    for (const name of PLANES) this.viewports[name].value = WHOLE;
    this.hover.value = null;
    this.leaving.value = null;
    this.savingOver.value = null;
    this.panel.value = null;
    if (header?.flat) this.active.value = header.flat;
  }
}

export function isGrid(layout: Layout): layout is Grid {
  return layout === "three" || layout === "four";
}

export function isPlane(layout: Layout): layout is PlaneName {
  return !isGrid(layout) && layout !== "view3d";
}

function geometriesOf(header: Header): Record<PlaneName, PlaneGeometry> {
  return {
    axial: PlaneGeometry.of(header, "axial"),
    coronal: PlaneGeometry.of(header, "coronal"),
    sagittal: PlaneGeometry.of(header, "sagittal"),
  };
}

function shadingOf(header: Header | null, window: [number, number]): Shading {
  const [black, white] = window;
  const integer = header !== null && header.dtype !== "float32" && header.channels === 1;
  const table = integer ? windowTable(header.dtype as "uint8", window) : grays();
  return { table: header?.inverted ? inverted(table) : table, black, white };
}
