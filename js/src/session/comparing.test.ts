import { describe, expect, it } from "vitest";
import type { Agreement } from "../protocol";
import { diceOf, othersOf, titleOf, volumeOf } from "../ui/compare";
import { packBits } from "../volume/codec";
import { HEADER, opened, STATE } from "./fixtures";

const BOX = [1, 1, 1, 3, 2, 2] as [number, number, number, number, number, number];
const AGREEMENT: Agreement = { millilitres: 0.001, rows: [{ value: 1, mine: 4, other: 2, both: 1, dice: 1 / 3 }] };

function compared(number = 1) {
  const page = opened();
  const { tell, session } = page;
  const say = (n: number) =>
    tell({ type: "state", state: { ...STATE, comparing: { number: n, tag: "original", version: null } } });
  const show = (n: number) =>
    tell({ type: "other", epoch: 1, number: n, region: BOX, dtype: "uint8" }, packBits(Uint8Array.of(1, 2)));
  say(number);
  show(number);
  tell({ type: "agreement", epoch: 1, number, ...AGREEMENT });
  return { ...page, say, show, comparing: session.comparing };
}

describe("another label beside the draft", () => {
  it("is a mask of its own", () => {
    const { comparing, session } = compared();
    expect(comparing.on).toBe(true);
    expect([comparing.mask?.at([1, 1, 1]), comparing.mask?.at([2, 1, 1])]).toEqual([1, 2]);
    expect(session.mask?.at([2, 1, 1])).toBe(0);
    expect(comparing.agreement.value?.rows[0]?.dice).toBeCloseTo(1 / 3);
  });

  it("gives way to the next one, whose first message may come late", () => {
    const { comparing, say, show } = compared();
    say(2);
    expect(comparing.mask).toBeNull();
    show(1);
    expect(comparing.mask).toBeNull();
    show(2);
    expect(comparing.mask?.at([1, 1, 1])).toBe(1);
  });

  it("goes with the image, and when the kernel says so", () => {
    const { comparing, tell, show } = compared();
    tell({ type: "image", epoch: 2, header: { ...HEADER, id: "b.nii.gz" } });
    expect(comparing.mask).toBeNull();
    tell({ type: "state", state: STATE });
    show(1);
    expect(comparing.on).toBe(false);
    expect(comparing.agreement.value).toBeNull();
  });

  it("is taken over wholly, or one label of it", () => {
    const { comparing, said } = compared();
    comparing.takeOver(null);
    comparing.takeOver(2);
    const asked = { type: "take_over", epoch: 1, tag: "original", version: null };
    expect(said("take_over").map(({ ask }) => ask)).toEqual([
      { ...asked, value: null },
      { ...asked, value: 2 },
    ]);
  });
});

describe("in words", () => {
  it("a Dice is never rounded to 1 or 0, and nothing has none", () => {
    const row = { value: 1, mine: 10, other: 10, both: 10, dice: 1 };
    expect(diceOf(row)).toBe("1");
    expect(diceOf({ ...row, both: 9, dice: 0.99999 })).toBe("0.999");
    expect(diceOf({ ...row, both: 1, dice: 0.00001 })).toBe("0.001");
    expect(diceOf({ ...row, both: 0, dice: 0 })).toBe("0");
    expect(diceOf({ ...row, mine: 0, other: 0, both: 0, dice: null })).toBe("–");
  });

  it("volumes have three figures", () => {
    expect([volumeOf(0, 0.001), volumeOf(1234, 0.001), volumeOf(1_234_567, 0.001), volumeOf(12, null)]).toEqual([
      "–",
      "1.23",
      (1235).toLocaleString(),
      "12",
    ]);
  });

  it("labels to choose from are the present ones and the earlier versions", () => {
    const version = { time: "", author: null, models: [], prompts: 0 };
    const versions = [
      { ...version, number: 2, current: true },
      { ...version, number: 1, current: false },
    ];
    expect(othersOf([{ tag: "final", versions }])).toEqual([
      ['["final",null]', "Saved label"],
      ['["final",1]', "Saved label, version 1"],
    ]);
    expect(titleOf("second reader", 3)).toBe("second reader, version 3");
  });
});
