import { afterEach, beforeEach, expect, it } from "vitest";
import { opened, STATE } from "../../test/fixtures";
import type { Region } from "../protocol";
import { packBits } from "../volume/codec";

const BOX: Region = [2, 1, 0, 5, 3, 2];

// What a browser remembers, for a test without one.
beforeEach(() => {
  const kept = new Map<string, string>();
  const storage = { getItem: (key: string) => kept.get(key) ?? null, setItem: kept.set.bind(kept) };
  Object.defineProperty(globalThis, "localStorage", { value: storage, configurable: true });
});
afterEach(() => Object.defineProperty(globalThis, "localStorage", { value: undefined, configurable: true }));

function shown() {
  const all = opened();
  all.tell({ type: "state", state: { ...STATE, uncertainty: { on: true, model: "finder", hint: "" } } });
  const part = (number: number, region: Region, levels: number[]) =>
    all.tell({ type: "uncertainty", epoch: 1, number, box: BOX, region }, packBits(Uint8Array.from(levels)));
  return { ...all, part, uncertainty: all.store.uncertainty };
}

it("puts the parts together, and begins anew with the next", () => {
  const { part, uncertainty } = shown();
  part(1, [2, 1, 0, 5, 3, 1], [9, 0, 8, 0, 7, 0]);
  part(1, [2, 2, 1, 5, 3, 2], [0, 0, 255]);
  expect(uncertainty.drawn).toEqual({ box: BOX, bits: Uint8Array.from([9, 0, 8, 0, 7, 0, 0, 0, 0, 0, 0, 255]) });
  part(2, [2, 1, 0, 3, 2, 1], [4]);
  expect(uncertainty.drawn?.bits.filter((level) => level > 0)).toEqual(Uint8Array.of(4));
});

it("goes when the kernel says so, with the image, and while it is not wanted", () => {
  const { part, uncertainty, tell } = shown();
  part(1, [2, 1, 0, 3, 2, 1], [4]);
  const version = uncertainty.version.value;
  tell({ type: "no_uncertainty", epoch: 1 });
  expect([uncertainty.drawn, uncertainty.version.value]).toEqual([null, version + 1]);
  part(2, [2, 1, 0, 3, 2, 1], [4]);
  uncertainty.shown.toggle();
  expect(uncertainty.drawn).toBeNull();
  uncertainty.shown.toggle();
  expect(uncertainty.drawn).not.toBeNull();
  tell({ type: "state", state: { ...STATE, imageId: null } });
  expect(uncertainty.drawn).toBeNull();
});

it("asks where a person is needed, and moves the crosshair there", () => {
  const { uncertainty, said, store, tell } = shown();
  uncertainty.goOn();
  expect(said("where_needed").map(({ ask }) => ask)).toEqual([{ type: "where_needed", epoch: 1 }]);
  tell({ type: "go_to", client: store.connection.client, epoch: 1, position: [7, 2, 3] });
  expect(store.display.cursor.value).toEqual([7, 2, 3]);
  tell({ type: "go_to", client: "another page", epoch: 1, position: [1, 1, 1] });
  tell({ type: "go_to", client: store.connection.client, epoch: 7, position: [1, 1, 1] });
  expect(store.display.cursor.value).toEqual([7, 2, 3]);
});

it("remembers the opacity in this browser", () => {
  shown().uncertainty.setOpacity(0.35);
  expect(shown().uncertainty.opacity.value).toBe(0.35);
});
