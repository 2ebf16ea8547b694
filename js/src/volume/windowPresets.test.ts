import { expect, it } from "vitest";
import type { Header } from "../protocol";
import { nextPreset, presetOf, presetsFor } from "./windowPresets";

const names = (window: [number, number], channels: Header["channels"] = 1) =>
  presetsFor({ window, channels }).map(({ name }) => name);

it("offers the windows of CT for what looks like one, and the image's own for the rest", () => {
  const ct = ["Auto", "Brain", "Lung", "Mediastinum", "Abdomen", "Bone"];
  expect(names([-160, 240])).toEqual(ct);
  expect(names([-990, -310])).toEqual(ct);
  expect(names([-160, 300])).toEqual(["Auto"]);
  expect(names([0, 255])).toEqual(["Auto"]);
  expect(names([0, 255], 3)).toEqual([]);
});

it("gives level and width as black and white", () => {
  const presets = presetsFor({ window: [-160, 240], channels: 1 });
  expect(Object.fromEntries(presets.map(({ name, window }) => [name, window]))).toEqual({
    Auto: [-160, 240],
    Brain: [0, 80],
    Lung: [-1350, 150],
    Mediastinum: [-125, 225],
    Abdomen: [-140, 260],
    Bone: [-500, 1300],
  });
});

it("goes round, and begins anew after a window of one's own", () => {
  const presets = presetsFor({ window: [-160, 240], channels: 1 });
  expect(nextPreset(presets, [-160, 240])?.name).toBe("Brain");
  expect(nextPreset(presets, [-500, 1300])?.name).toBe("Auto");
  expect(presetOf(presets, [3, 4])).toBeNull();
  expect(nextPreset(presets, [3, 4])?.name).toBe("Auto");
  expect(nextPreset([], [3, 4])).toBeNull();
});
