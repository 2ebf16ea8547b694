import { expect, it } from "vitest";
import { leastShownAs, scoreText } from "./scoreText";

it("shows two digits that say something", () => {
  expect([0.6123, 12.4, 0.00341, 3, 0, -0.25].map(scoreText)).toEqual(["0.61", "12", "0.0034", "3", "0", "-0.25"]);
});

it("takes a typed score as the scores are shown", () => {
  for (const [typed, within, without] of [
    [0.2, 0.198, 0.194],
    [0.61, 0.606, 0.604],
    [12, 11.6, 11.4],
    [3, 2.96, 2.94],
  ] as const) {
    expect(leastShownAs(typed)).toBeLessThanOrEqual(within);
    expect(leastShownAs(typed)).toBeGreaterThan(without);
  }
  expect(leastShownAs(0.1987)).toBe(0.1987);
  expect(leastShownAs(0)).toBe(0);
});
