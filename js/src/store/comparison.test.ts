import { describe, expect, it } from "vitest";
import { HEADER, opened, STATE } from "../../test/fixtures";
import { packBits } from "../volume/codec";
import type { Agreement } from "./comparison";

const BOX = [1, 1, 1, 3, 2, 2] as [number, number, number, number, number, number];
const AGREEMENT: Agreement = { millilitres: 0.001, rows: [{ value: 1, mine: 4, other: 2, both: 1, dice: 1 / 3 }] };

function compared(number = 1) {
  const page = opened();
  const { tell, store } = page;
  const say = (n: number) =>
    tell({ type: "state", state: { ...STATE, comparing: { number: n, tag: "original", version: null } } });
  const show = (n: number) =>
    tell({ type: "other", epoch: 1, number: n, region: BOX, dtype: "uint8" }, packBits(Uint8Array.of(1, 2)));
  say(number);
  show(number);
  tell({ type: "agreement", epoch: 1, number, ...AGREEMENT });
  return { ...page, say, show, comparison: store.comparison };
}

describe("another label beside the draft", () => {
  it("is a mask of its own", () => {
    const { comparison, store } = compared();
    expect(comparison.on).toBe(true);
    expect([comparison.mask?.at([1, 1, 1]), comparison.mask?.at([2, 1, 1])]).toEqual([1, 2]);
    expect(store.draft.mask?.at([2, 1, 1])).toBe(0);
    expect(comparison.agreement.value?.rows[0]?.dice).toBeCloseTo(1 / 3);
  });

  it("gives way to the next one, whose first message may come late", () => {
    const { comparison, say, show } = compared();
    say(2);
    expect(comparison.mask).toBeNull();
    show(1);
    expect(comparison.mask).toBeNull();
    show(2);
    expect(comparison.mask?.at([1, 1, 1])).toBe(1);
  });

  it("goes with the image, and when the kernel says so", () => {
    const { comparison, tell, show } = compared();
    tell({ type: "image", epoch: 2, header: { ...HEADER, id: "b.nii.gz" } });
    expect(comparison.mask).toBeNull();
    tell({ type: "state", state: STATE });
    show(1);
    expect(comparison.on).toBe(false);
    expect(comparison.agreement.value).toBeNull();
  });

  it("is taken over wholly, or one label of it", () => {
    const { comparison, said } = compared();
    comparison.takeOver(null);
    comparison.takeOver(2);
    const asked = { type: "take_over", epoch: 1, tag: "original", version: null };
    expect(said("take_over").map(({ ask }) => ask)).toEqual([
      { ...asked, value: null },
      { ...asked, value: 2 },
    ]);
  });
});
