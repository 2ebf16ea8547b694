// Scores as they are shown, and what a person means who types one.

/** Two digits that say something: 0.61, 12, 0.0034. */
export function scoreText(score: number): string {
  return Math.abs(score) >= 10 ? String(Math.round(score)) : String(Number(score.toPrecision(2)));
}

/** The least score that is shown as the typed one: who types 0.2 also means 0.198, which is shown as 0.2. */
export function leastShownAs(typed: number): number {
  if (typed === 0 || scoreText(typed) !== String(typed)) return typed;
  const digit = Math.abs(typed) >= 10 ? 1 : 10 ** (Math.floor(Math.log10(Math.abs(typed))) - 1);
  return typed - digit / 2;
}
