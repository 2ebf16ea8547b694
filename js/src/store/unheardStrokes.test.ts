// Strokes that a kernel had not heard when it ended are painted again by the next labeler on the same image, once.
import { afterEach, expect, it } from "vitest";
import { HEADER, opened } from "../../test/fixtures";
import type { Region } from "../protocol";
import { NO_RULES } from "../volume/paintRules";

const REGION: Region = [1, 1, 1, 3, 2, 2];
const stroke = (value = 1) => ({ region: REGION, bits: new Uint8Array([1, 1]), value, rules: NO_RULES });
type Opened = ReturnType<typeof opened>;

/** The page's labelers; each is gone at the end of a test. */
let labelers: Opened[] = [];

function labeler(): Opened {
  labelers.push(opened());
  return labelers.at(-1) as Opened;
}

afterEach(() => {
  for (const { store, tell } of labelers) {
    tell({ type: "ack", client: store.connection.client, seq: 1000 });
    store.close();
  }
  labelers = [];
});

function kernelDies({ store }: Opened): void {
  store.connection.state.value = "dead";
}

it("paints them again for the kernel that comes next, and says so", () => {
  const first = labeler();
  first.store.draft.commit(stroke(1));
  first.tell({ type: "ack", client: first.store.connection.client, seq: 1 });
  first.store.draft.commit(stroke(2));
  kernelDies(first);
  const second = labeler();
  const edits = second.said("edit").map(({ ask }) => ask);
  expect(edits).toMatchObject([{ region: REGION, value: 2, epoch: 1 }]);
  expect(second.store.draft.mask?.at([1, 1, 1])).toBe(2);
  expect(second.store.unheardStrokes.repeated.value).toBe(1);
  // Once is enough.
  expect(labeler().said("edit")).toEqual([]);
});

it("keeps what is let go of after the kernel's end, and leaves out what was undone", () => {
  const first = labeler();
  kernelDies(first);
  for (const value of [1, 2]) first.store.draft.commit(stroke(value));
  first.store.kernel.ask({ type: "undo" });
  expect(
    labeler()
      .said("edit")
      .map(({ ask }) => (ask as { value: number }).value),
  ).toEqual([1]);
});

it("keeps them when the view goes before the page has noticed that the kernel ended", () => {
  const first = labeler();
  first.store.draft.commit(stroke());
  first.store.close();
  expect(labeler().said("edit").length).toBe(1);
});

it("paints nothing on another image, also where that has the same id", () => {
  const first = labeler();
  first.tell({ type: "image", epoch: 2, header: { ...HEADER, stamp: "another" } });
  first.store.draft.commit(stroke());
  kernelDies(first);
  expect(labeler().said("edit")).toEqual([]);
});
