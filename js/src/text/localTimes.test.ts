import { expect, it } from "vitest";
import { localTime, withLocalTimes } from "./localTimes";

const said = (iso: string) => new Date(iso).toLocaleString(undefined, { dateStyle: "medium", timeStyle: "short" });

it("puts every time of a sentence into the reader's zone", () => {
  expect(
    withLocalTimes("Restored the draft of 2026-11-26 10:00 UTC; an older one of 2026-01-02 23:59 UTC is kept"),
  ).toBe(`Restored the draft of ${said("2026-11-26T10:00Z")}; an older one of ${said("2026-01-02T23:59Z")} is kept`);
});

it("leaves what is no time as it is", () => {
  for (const text of ["", "case_2026-11-26", "2026-11-26 10:00", "2026-13-45 99:99 UTC", "12026-11-26 10:00 UTC"])
    expect(withLocalTimes(text)).toBe(text);
});

it("writes the time of a list as the reader does", () => {
  expect(localTime("2026-11-26T10:00:00+00:00")).toBe(said("2026-11-26T10:00Z"));
  expect(localTime("no time")).toBe("no time");
});
