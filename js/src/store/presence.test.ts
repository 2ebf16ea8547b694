import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { opened, STATE } from "../../test/fixtures";

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

const LEASE = { holder: "mia", mine: true, purpose: "label", since: "2026-01-02T03:04:05", lost: false } as const;

function looking(lease: typeof STATE.lease = LEASE) {
  const page = opened();
  page.tell({ type: "state", state: { ...STATE, lease } });
  return { ...page, told: () => page.said("person_present").map(({ ask }) => ask) };
}

it("tells once a minute that somebody looks, and nothing while nobody does", () => {
  const { store, told } = looking();
  for (let second = 0; second < 150; second++) {
    store.presence.active();
    vi.advanceTimersByTime(1000);
  }
  expect(told()).toEqual(Array.from({ length: 3 }, () => ({ type: "person_present", epoch: 1 })));
  vi.advanceTimersByTime(600_000);
  expect(told()).toHaveLength(3);
  store.close();
});

it("tells nothing of an image that is nobody's, or somebody else's", () => {
  for (const lease of [null, { ...LEASE, holder: "ben", mine: false }, { ...LEASE, mine: false, lost: true }]) {
    const { store, told } = looking(lease);
    store.presence.active();
    expect(told()).toEqual([]);
    store.close();
  }
});

it("does not depend on whether effort is logged", () => {
  const { store, told, tell } = looking();
  tell({ type: "state", state: { ...STATE, lease: LEASE, logEffort: false } });
  store.presence.active();
  expect(told()).toHaveLength(1);
  store.close();
});
