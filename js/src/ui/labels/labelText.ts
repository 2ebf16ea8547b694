// How large a label is, and what removing it means, in words.
import type { LabelInfo } from "../../protocol";
import type { Sizes } from "../../store/labels";

/** Short, for the list: "8.21 ml", "0.0041 ml", "1,234 px"; empty where there is nothing. */
export function shortSize(value: number, sizes: Sizes | null): string {
  const voxels = sizes?.counts.get(value) ?? 0;
  if (!sizes || voxels === 0) return "";
  return sizes.voxelMl === null ? `${voxels.toLocaleString("en")} px` : `${millilitres(voxels * sizes.voxelMl)} ml`;
}

/** "12 objects · 1,234 px"; of a label whose objects are not told apart as {@link shortSize}. */
export function sizeText({ value, instances }: LabelInfo, sizes: Sizes | null): string {
  const size = shortSize(value, sizes);
  return instances && size && sizes ? `${objectsText(sizes.objects.length)} · ${size}` : size;
}

export function objectsText(count: number): string {
  return `${count.toLocaleString("en")} ${count === 1 ? "object" : "objects"}`;
}

/** Exact: "12,345 voxels (8.21 ml)". */
export function longSize(value: number, sizes: Sizes): string {
  const voxels = sizes.counts.get(value) ?? 0;
  const unit = sizes.voxelMl === null ? "pixel" : "voxel";
  const count = `${voxels.toLocaleString("en")} ${unit}${voxels === 1 ? "" : "s"}`;
  return voxels === 0 || sizes.voxelMl === null ? count : `${count} (${millilitres(voxels * sizes.voxelMl)} ml)`;
}

/** What a person should know before a label goes. */
export function removalWarning(label: LabelInfo, sizes: Sizes | null, savedElsewhere: number): string {
  const objects = sizes && label.instances ? `${objectsText(sizes.objects.length)}, ` : "";
  const here = sizes ? `${label.name} has ${objects}${longSize(label.value, sizes)} in this image.` : "";
  if (savedElsewhere === 0) return here;
  const images = savedElsewhere === 1 ? "1 other image keep" : `${savedElsewhere} other images keep`;
  return `${here} Labels saved for ${images} theirs.`.trim();
}

function millilitres(ml: number): string {
  if (ml >= 100) return Math.round(ml).toLocaleString("en");
  return ml >= 0.1 ? ml.toFixed(ml >= 10 ? 1 : 2) : String(Number(ml.toPrecision(2)));
}
