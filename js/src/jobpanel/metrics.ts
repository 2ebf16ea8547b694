// The columns of a table with the metrics of epochs.
import type { Row } from "./jobView";

/** All columns that the rows have, the epoch first. */
export function columns(rows: readonly Row[]): string[] {
  return [...new Set(["epoch", ...rows.flatMap((row) => Object.keys(row))])];
}
