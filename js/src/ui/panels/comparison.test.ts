import { describe, expect, it } from "vitest";
import { diceOf, othersOf, titleOf, volumeOf } from "./comparison";

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
