// The names of metrics.

/** The name of a metric without what every one of them has. */
export function metricName(name: string): string {
  const words = name
    .replace(/^val_/, "")
    .replaceAll("_", " ")
    .replace(/\bdice\b/, "Dice");
  return words.charAt(0).toUpperCase() + words.slice(1);
}
