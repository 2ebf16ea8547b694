// The windows of radiology, for images whose intensities are Hounsfield units.
import type { Header } from "../protocol";
import type { Window } from "./window";

export interface Preset {
  name: string;
  window: Window;
}

/** Name, level and width in Hounsfield units. */
const CT: readonly [string, number, number][] = [
  ["Brain", 40, 80],
  ["Lung", -600, 1500],
  ["Mediastinum", 50, 350],
  ["Abdomen", 60, 400],
  ["Bone", 400, 1800],
];
/** What the kernel begins an image with whose darkest voxels are as dark as air in a CT. */
const SOFT_TISSUE: Window = [-160, 240];
const AIR = -500;

export function looksLikeCt({ window: [black, white], channels }: Pick<Header, "window" | "channels">): boolean {
  return channels === 1 && ((black === SOFT_TISSUE[0] && white === SOFT_TISSUE[1]) || black <= AIR);
}

/** The windows to choose from, the image's own first; none for a colour image. */
export function presetsFor(header: Pick<Header, "window" | "channels">): Preset[] {
  if (header.channels !== 1) return [];
  const own: Preset = { name: "Auto", window: [...header.window] };
  if (!looksLikeCt(header)) return [own];
  return [
    own,
    ...CT.map(([name, level, width]) => ({ name, window: [level - width / 2, level + width / 2] as Window })),
  ];
}

/** The preset that a window is, or null for one that a person made by dragging. */
export function presetOf(presets: readonly Preset[], [black, white]: Window): Preset | null {
  return presets.find(({ window }) => window[0] === black && window[1] === white) ?? null;
}

/** The preset after the present one, round and round; the first after any other window. */
export function nextPreset(presets: readonly Preset[], window: Window): Preset | null {
  const present = presetOf(presets, window);
  return presets[present ? (presets.indexOf(present) + 1) % presets.length : 0] ?? null;
}
