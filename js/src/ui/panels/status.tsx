// What lies under the pointer, or at the crosshair when the pointer is elsewhere.
import type { Header, Position } from "../../protocol";
import { titleOf } from "../../store/choices";
import type { Store } from "../../store/store";
import type { ViewState } from "../../view/viewState";
import { inShape } from "../../volume/region";
import { Activity } from "./activity";

export function Status({ view }: { view: ViewState }) {
  return (
    <div class="jl-footer">
      <Readout view={view} />
      <Activity view={view} />
    </div>
  );
}

function Readout({ view }: { view: ViewState }) {
  const { store, hover } = view;
  const header = store.image.header.value;
  if (!header) return <div class="jl-status" />;
  const voxel = hover.value?.spot.voxel ?? store.display.cursor.value;
  if (header.flat && !hover.value) return <div class="jl-status">{sizeOf(header)}</div>;
  if (!inShape(voxel, header.shape)) return <div class="jl-status">Outside of the image</div>;
  store.image.version.value;
  store.draft.version.value;
  const [black, white] = store.display.window.value;
  return (
    <div class="jl-status" aria-live={view.pointer.inUse.value ? "polite" : "off"} aria-atomic="true">
      <span class="jl-plane">{hover.value ? (isPicture(header) ? "image" : hover.value.name) : "crosshair"}</span>
      <Fact name="voxel" value={voxel.slice(0, header.flat === null || header.shape[2] > 1 ? 3 : 2).join(", ")} />
      {header.oriented && <Fact name="mm" value={millimetres(header, voxel)} />}
      <Fact name="value" value={intensity(store, voxel)} />
      <Fact name="label" value={labelAt(store, voxel)} />
      {header.channels === 1 && <Fact name="window" value={`${short(black)} to ${short(white)}`} />}
    </div>
  );
}

function Fact({ name, value }: { name: string; value: string }) {
  return (
    <span class={`jl-fact jl-fact-${name}`}>
      <span class="jl-key">{name}</span> <span title={value}>{value}</span>
    </span>
  );
}

export function millimetres({ affine }: Pick<Header, "affine">, [i, j, k]: Position): string {
  return affine
    .slice(0, 3)
    .map(([a = 0, b = 0, c = 0, d = 0]) => (a * i + b * j + c * k + d).toFixed(1).replace("-0.0", "0.0"))
    .join(", ");
}

/** Not a slice of a patient: its plane has no name. */
export function isPicture({ flat, oriented }: Header): boolean {
  return flat !== null && !oriented;
}

function sizeOf({ shape, channels }: Header): string {
  const sides = shape.filter((n) => n > 1).join(" × ");
  return `${sides} pixels${channels === 3 ? ", colour" : ""}`;
}

function intensity(store: Store, voxel: Position): string {
  return store.image.volume?.at(voxel)?.map(short).join(", ") ?? "…";
}

function labelAt(store: Store, voxel: Position): string {
  const value = store.draft.mask?.at(voxel) ?? 0;
  if (value === 0) return "–";
  const label = store.objects.labelOf(value);
  return label ? titleOf(label, value) : `value ${value}`;
}

function short(value: number): string {
  return Number.isInteger(value) ? String(value) : String(Number(value.toPrecision(4)));
}
