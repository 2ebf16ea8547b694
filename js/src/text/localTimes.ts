// Times in the reader's zone and form: those of lists, and those within sentences that the kernel has composed.

const MINUTE: Intl.DateTimeFormatOptions = { dateStyle: "medium", timeStyle: "short" };
/** As the kernel writes them into its sentences. */
const IN_UTC = /\b(\d{4}-\d\d-\d\d) (\d\d:\d\d) UTC\b/g;

/** A time in ISO 8601 as the reader writes it; as it is where it is none. */
export function localTime(iso: string): string {
  const time = new Date(iso);
  return Number.isNaN(time.getTime()) ? iso : time.toLocaleString(undefined, MINUTE);
}

/** A text whose times are the reader's: "since 2026-11-26 10:00 UTC" says "since 26 Nov 2026, 11:00" in Paris. */
export function withLocalTimes(text: string): string {
  return text.replace(IN_UTC, (said, day: string, minute: string) => {
    const iso = `${day}T${minute}Z`;
    const local = localTime(iso);
    return local === iso ? said : local;
  });
}
