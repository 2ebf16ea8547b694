// The names of metrics and of the columns of a table with them.
import type { Row } from "./jobView";

/** The name of a metric without what every one of them has. */
export function metricName(name: string): string {
  const words = name
    .replace(/^val_/, "")
    .replaceAll("_", " ")
    .replace(/\bdice\b/, "Dice");
  return words.charAt(0).toUpperCase() + words.slice(1);
}

/** All columns that the rows have, the epoch first. */
export function columns(rows: readonly Row[]): string[] {
  return [...new Set(["epoch", ...rows.flatMap((row) => Object.keys(row))])];
}
