import { expect, it } from "vitest";
import { opened, STATE } from "../../test/fixtures";
import type { Region } from "../protocol";
import { packBits } from "../volume/codec";

const BOX: Region = [2, 1, 0, 5, 3, 2];

function shown() {
  const all = opened();
  all.tell({ type: "state", state: { ...STATE, uncertainBorder: true } });
  const tell = (number: number, region: Region, bits: number[]) =>
    all.tell(
      { type: "uncertain", epoch: 1, number, value: 2, box: BOX, region },
      packBits(Uint8Array.from(bits)) as Uint8Array,
    );
  const { uncertainBorder } = all.store;
  return { ...all, part: tell, uncertainBorder };
}

it("puts the parts of a border together, and begins anew with the next", () => {
  const { part, uncertainBorder } = shown();
  part(1, [2, 1, 0, 5, 3, 1], [1, 0, 1, 0, 1, 0]);
  part(1, [2, 2, 1, 5, 3, 2], [0, 0, 1]);
  expect(uncertainBorder.drawn).toEqual({
    value: 2,
    box: BOX,
    bits: Uint8Array.from([1, 0, 1, 0, 1, 0, 0, 0, 0, 0, 0, 1]),
  });
  part(2, [2, 1, 0, 3, 2, 1], [1]);
  expect(uncertainBorder.count).toBe(1);
});

it("goes when the kernel says so, and with the image", () => {
  const { part, uncertainBorder, tell, store } = shown();
  part(1, [2, 1, 0, 3, 2, 1], [1]);
  const version = uncertainBorder.version.value;
  tell({ type: "no_uncertain", epoch: 1 });
  expect([uncertainBorder.drawn, uncertainBorder.version.value]).toEqual([null, version + 1]);
  part(2, [2, 1, 0, 3, 2, 1], [1]);
  tell({ type: "state", state: { ...STATE, imageId: null, uncertainBorder: true } });
  expect([uncertainBorder.drawn, store.image.header.value]).toEqual([null, null]);
});

it("refuses a part that does not lie in its box", () => {
  const { part, store } = shown();
  part(1, [0, 0, 0, 1, 1, 1], [1]);
  expect(store.kernel.error.value).toContain("does not lie in");
});

it("is shown and hidden at once, and as the kernel says where that refuses", () => {
  const { part, uncertainBorder, said, tell, store } = shown();
  part(1, [2, 1, 0, 3, 2, 1], [1]);
  uncertainBorder.shown.toggle();
  expect(said("uncertain_border").map(({ ask }) => ask)).toEqual([{ type: "uncertain_border", on: false }]);
  expect(uncertainBorder.drawn).toBeNull();
  tell({ type: "error", text: "refused" });
  expect(uncertainBorder.count).toBe(1);
  store.othersAsBackground.turn(false);
  expect(store.othersAsBackground.on.value).toBe(false);
  tell({ type: "state", state: { ...STATE, othersAsBackground: false } });
  tell({ type: "state", state: { ...STATE, othersAsBackground: true } });
  expect(store.othersAsBackground.on.value).toBe(true);
});
