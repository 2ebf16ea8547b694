import { describe, expect, it } from "vitest";
import { HEADER, opened, STATE } from "../../test/fixtures";
import type { Ask, PromptInfo, Region, Tell } from "../protocol";
import { packBits } from "../volume/codec";
import type { Mask } from "../volume/mask";
import { DrawnStroke } from "../volume/stroke";
import { sweep } from "../volume/sweep";
import type { Store } from "./store";

function draw(store: Store, value: number, at: [number, number]): DrawnStroke {
  if (!store.draft.mask) throw new Error("no image is open");
  const stroke = new DrawnStroke(store.draft.mask, value);
  store.draft.drawing = stroke;
  sweep(stroke, HEADER.spacing, { normal: 2, radius: 0.4, ball: false }, [...at, 1], [...at, 1]);
  return stroke;
}

function paint(store: Store, value: number, at: [number, number]): void {
  store.draft.commit(draw(store, value, at).finish());
}

const WHOLE: Region = [0, 0, 0, 8, 6, 4];

function maskMessage(store: Store, fill: number, acked: number): [Tell, Uint8Array] {
  const values = new Uint8Array(8 * 6 * 4).fill(fill);
  const message: Tell = {
    type: "mask",
    epoch: 1,
    region: WHOLE,
    dtype: "uint8",
    acked: { [store.connection.client]: acked },
  };
  return [message, packBits(values)];
}

it("knows after a change what changed, and what was said before of the rest", () => {
  const { store, tell } = opened();
  tell({ type: "changed", state: { canUndo: true, notice: "Saved as final" } });
  expect(store.kernel.state.value).toEqual({ ...STATE, canUndo: true, notice: "Saved as final" });
  tell({ type: "changed", state: { notice: null } });
  expect(store.kernel.state.value).toEqual({ ...STATE, canUndo: true });
});

describe("opening", () => {
  it("says hello once, however many views there are", () => {
    const { store, said } = opened();
    store.connection.viewShown();
    expect(said("hello").map(({ ask }) => ask)).toMatchObject([{ views: 1 }]);
    store.connection.viewGone();
    store.connection.viewGone();
    expect(said("shown").map(({ ask }) => (ask as { views: number }).views)).toEqual([2, 1, 0]);
  });

  it("answers who shows the labeler", () => {
    const { tell, said } = opened();
    tell({ type: "who_shows" });
    expect(said("shown").map(({ ask }) => ask)).toMatchObject([{ views: 1 }]);
  });

  it("pulls the volume and puts its pieces together", () => {
    const { store, tell, said } = opened();
    const { client } = store.connection;
    const bytes = Uint8Array.from({ length: 192 }, (_, n) => n);
    tell({ type: "stream", client, epoch: 1, stream: 5, bytes: 192, pieces: 2 });
    tell({ type: "piece", client, epoch: 1, stream: 5, offset: 96 }, bytes.slice(96));
    expect(store.image.loaded.value).toBe(0.5);
    tell({ type: "piece", client, epoch: 1, stream: 4, offset: 0 }, new Uint8Array(96));
    tell({ type: "piece", client, epoch: 1, stream: 5, offset: 0 }, bytes.slice(0, 96));
    expect(store.image.loaded.value).toBe(1);
    expect(store.image.volume?.data).toEqual(bytes);
    expect(said("pull").map(({ ask }) => "count" in ask && ask.count)).toEqual([2]);
  });

  it("drops what belongs to another image or another page", () => {
    const { store, tell } = opened();
    const [mask, packed] = maskMessage(store, 3, 0);
    tell({ ...mask, epoch: 0 } as Tell, packed);
    tell({ ...mask, client: "somebody else" } as Tell, packed);
    expect(store.draft.mask?.at([0, 0, 0])).toBe(0);
  });

  it("keeps what it has when another page opens the same image", () => {
    const { store, tell } = opened();
    tell(...maskMessage(store, 3, 0));
    const volume = store.image.volume;
    tell({ type: "image", epoch: 1, header: HEADER });
    expect(store.image.volume).toBe(volume);
    expect(store.draft.mask?.at([0, 0, 0])).toBe(3);
  });

  it("starts anew with another image", () => {
    const { store, tell } = opened();
    tell(...maskMessage(store, 3, 0));
    tell({ type: "image", epoch: 2, header: { ...HEADER, id: "b.nii.gz" } });
    expect(store.draft.mask?.at([0, 0, 0])).toBe(0);
    expect(store.display.cursor.value).toEqual([4, 3, 2]);
  });

  it("says in words when a message cannot be taken", () => {
    const { store, tell } = opened();
    tell({ type: "slice", epoch: 1, normal: 2, index: 99 }, new Uint8Array(48));
    expect(store.kernel.error.value).toContain("slice 99");
  });
});

describe("strokes", () => {
  it("go to the kernel with their number, and stay over a mask that did not know them", () => {
    const { store, tell, said } = opened();
    paint(store, 1, [2, 2]);
    paint(store, 2, [5, 3]);
    expect(said("edit").map(({ seq }) => seq)).toEqual([1, 2]);
    tell(...maskMessage(store, 9, 1));
    expect(store.draft.mask?.at([2, 2, 1])).toBe(9);
    expect(store.draft.mask?.at([5, 3, 1])).toBe(2);
  });

  it("are the kernel's once it has them", () => {
    const { store, tell } = opened();
    paint(store, 1, [2, 2]);
    tell({ type: "edited", epoch: 1, client: store.connection.client, seq: 1, region: WHOLE, value: 1 });
    tell(...maskMessage(store, 0, 0));
    expect(store.draft.mask?.at([2, 2, 1])).toBe(0);
  });

  it("of another page lie below this page's own later ones", () => {
    const { store, tell } = opened();
    paint(store, 1, [2, 2]);
    const region: Region = [2, 2, 1, 4, 3, 2];
    const message: Tell = { type: "edited", epoch: 1, client: "other", seq: 7, region, value: 2 };
    tell(message, packBits(Uint8Array.of(1, 1)));
    expect(store.draft.mask?.at([2, 2, 1])).toBe(1);
    expect(store.draft.mask?.at([3, 2, 1])).toBe(2);
  });

  it("that are still being drawn stay on top", () => {
    const { store, tell } = opened();
    draw(store, 2, [3, 3]);
    tell(...maskMessage(store, 9, 0));
    expect(store.draft.mask?.at([3, 3, 1])).toBe(2);
  });

  it("are the kernel's to the last voxel, also where its rules were others by then", () => {
    const { store, tell } = opened();
    tell({ type: "state", state: { ...STATE, overBackground: true } });
    tell(...maskMessage(store, 2, 0));
    const stroke = new DrawnStroke(store.draft.mask as Mask, 1, { rules: store.paintSettings.rules.value });
    stroke.reserve([2, 2, 1, 3, 3, 2]);
    stroke.run(0, 2, 2, 1, 1);
    store.draft.commit(stroke.finish());
    expect(store.draft.mask?.at([2, 2, 1])).toBe(2);
    tell({ type: "edited", epoch: 1, client: store.connection.client, seq: 1, region: WHOLE, value: 1 });
    expect(store.draft.mask?.at([2, 2, 1])).toBe(1);
  });
});

describe("a lost connection", () => {
  const seqs = (asks: { ask: Ask; seq: number | undefined }[]) => asks.map(({ ask, seq }) => [ask.type, seq]);

  it("keeps all that is done meanwhile, in order, and sends it once the kernel said what it heard", () => {
    const { store, tell, asks, said, connect } = opened();
    const { client } = store.connection;
    store.choices.choose("label", "tumour");
    connect("connecting");
    expect(store.connection.state.value).toBe("lost");
    asks.length = 0;
    paint(store, 1, [2, 2]);
    store.kernel.ask({ type: "undo" });
    expect(store.connection.unacked.value).toBe(3);
    connect("connected");
    expect(asks.map(({ ask }) => ask.type)).toEqual(["hello"]);
    tell({ type: "ack", client, seq: 1 });
    tell({ type: "image", client: store.connection.client, epoch: 1, header: HEADER });
    expect(store.draft.mask?.at([2, 2, 1])).toBe(1);
    expect(seqs(asks.slice(1))).toEqual([
      ["edit", 2],
      ["undo", 3],
    ]);
    expect(said("undo")[0]?.ask).toEqual({ type: "undo", epoch: 1 });
    tell({ type: "ack", client, seq: 3 });
    expect(store.connection.unacked.value).toBe(0);
  });

  it("forgets a stroke that had arrived, and leaves its place to the kernel's mask", () => {
    const { store, tell, connect } = opened();
    paint(store, 1, [2, 2]);
    connect("connecting");
    connect("connected");
    tell({ type: "ack", client: store.connection.client, seq: 1 });
    tell({ type: "image", client: store.connection.client, epoch: 1, header: HEADER });
    expect(store.draft.mask?.at([2, 2, 1])).toBe(0);
  });

  it("repeats what follows a message that never arrived, once", () => {
    const { store, tell, asks } = opened();
    const { client } = store.connection;
    for (const _ of "abc") store.kernel.ask({ type: "undo" });
    asks.length = 0;
    tell({ type: "ack", client, seq: 1, early: 3 });
    expect(seqs(asks)).toEqual([
      ["undo", 2],
      ["undo", 3],
    ]);
    tell({ type: "ack", client, seq: 1, early: 3 });
    expect(asks.length).toBe(2);
  });
});

describe("choices and prompts", () => {
  it("show at once and end with the kernel's word", () => {
    const { store, tell } = opened();
    store.choices.choose("label", "tumour");
    expect(store.choices.activeValue).toBe(2);
    tell({ type: "state", state: { ...STATE, label: "tumour" } });
    expect(store.choices.waiting.value).toEqual({});
    expect(store.choices.activeValue).toBe(2);
  });

  it("go back when the kernel refuses", () => {
    const { store, tell } = opened();
    store.choices.choose("label", "tumour");
    tell({ type: "error", text: "no such label" });
    expect(store.choices.chosen("label")).toBe("organ");
    expect(store.kernel.error.value).toBe("no such label");
  });

  it("shows a click until the kernel lists it", () => {
    const { store, tell, said } = opened();
    const click = { kind: "click" as const, position: [1, 2, 3], positive: true, label: "organ" };
    const { prompts } = store;
    for (const _ of "ab") prompts.add(click, 2);
    const [first, second] = said("prompt").map(({ ask }) => (ask as { prompt: PromptInfo }).prompt);
    expect(prompts.sent.value).toEqual([first, second]);
    expect(first?.id).not.toBe(second?.id);
    tell({ type: "prompts", epoch: 1, ids: [first?.id as string], put: [first as PromptInfo] });
    expect(prompts.sent.value).toEqual([second]);
  });

  it("forgets what is being drawn when another image comes", () => {
    const { store, tell } = opened();
    store.prompts.sketch.value = { prompt: { kind: "scribble", positions: [[1, 2, 0]], label: "organ" } };
    tell({ type: "image", epoch: 2, header: { ...HEADER, id: "b.nii.gz" } });
    expect(store.prompts.sketch.value).toBeNull();
  });
});

describe("errors", () => {
  const wrong = "the saved draft cannot be read";

  it("of before this page came are shown until they are read here", () => {
    const { store, tell, said } = opened();
    tell({ type: "state", state: { ...STATE, errors: [wrong] } });
    tell({ type: "image", epoch: 2, header: HEADER });
    expect(store.kernel.error.value).toBe(wrong);
    store.kernel.dismissError();
    expect(store.kernel.error.value).toBeNull();
    expect(said("errors_read").map(({ ask }) => ask)).toMatchObject([{ errors: [wrong] }]);
  });

  it("are read when the person goes on, and gone when they were read in another page", () => {
    const { store, tell, said } = opened();
    tell({ type: "changed", state: { errors: [wrong, "and another"] } });
    expect(store.kernel.error.value).toBe(`${wrong}\nand another`);
    store.kernel.ask({ type: "undo" });
    expect(said("errors_read").length).toBe(1);
    tell({ type: "changed", state: { errors: [wrong] } });
    expect(store.kernel.error.value).toBe(wrong);
    tell({ type: "changed", state: { errors: [] } });
    expect(store.kernel.error.value).toBeNull();
    expect(said("errors_read").length).toBe(1);
  });

  it("of this page stay when those of the kernel are read elsewhere", () => {
    const { store, tell } = opened();
    tell({ type: "changed", state: { errors: [wrong] } });
    store.kernel.fail("no slice to copy from");
    tell({ type: "changed", state: { errors: [] } });
    expect(store.kernel.error.value).toBe("no slice to copy from");
  });
});

describe("saving and going on", () => {
  it("asks for the next image once the draft is saved", () => {
    const { store, tell, said } = opened();
    tell({ type: "state", state: { ...STATE, dirty: true } });
    store.kernel.saveThen({ type: "next" });
    tell({ type: "state", state: { ...STATE, dirty: true, saving: true, busy: "Saving" } });
    tell({ type: "state", state: { ...STATE, dirty: true, saving: true, busy: "click is running" } });
    expect(said("next").length).toBe(0);
    tell({ type: "state", state: { ...STATE, saving: true } });
    expect(said("next").length).toBe(1);
  });

  it("stays when saving fails", () => {
    const { store, tell, said } = opened();
    tell({ type: "state", state: { ...STATE, dirty: true } });
    store.kernel.saveThen({ type: "next" });
    tell({ type: "error", text: "the disk is full" });
    tell({ type: "state", state: STATE });
    expect(said("next").length).toBe(0);
  });
});

it("stays when the save is cancelled, here or in another view", () => {
  for (const here of [true, false]) {
    const { store, tell, said } = opened();
    tell({ type: "state", state: { ...STATE, dirty: true } });
    store.kernel.saveThen({ type: "next" });
    tell({ type: "state", state: { ...STATE, dirty: true, saving: true, busy: "Saving" } });
    if (here) store.kernel.ask({ type: "cancel" });
    tell({ type: "state", state: { ...STATE, dirty: true, notice: "Saving was cancelled; your draft is kept" } });
    // Saved later, by the way.
    tell({ type: "state", state: STATE });
    expect(said("next").length).toBe(0);
  }
});

it("shows the progress of what it shows as under way, and of nothing else", () => {
  const { store, tell } = opened();
  tell({ type: "state", state: { ...STATE, busy: "Saving" } });
  tell({ type: "progress", epoch: 1, text: "Saving", fraction: 0.5 });
  expect(store.kernel.progress.value?.fraction).toBe(0.5);
  tell({ type: "state", state: { ...STATE, busy: "Saving", dirty: true } });
  expect(store.kernel.progress.value?.fraction).toBe(0.5);
  tell({ type: "state", state: { ...STATE, busy: "smart click is running" } });
  expect(store.kernel.progress.value).toBeNull();
});

it("does not go on behind the back of a person who painted while it saved", () => {
  const { store, tell, said } = opened();
  tell({ type: "state", state: { ...STATE, dirty: true } });
  store.kernel.saveThen({ type: "next" });
  paint(store, 1, [2, 2]);
  tell({ type: "state", state: STATE });
  expect(said("next").length).toBe(0);
});

it("starts with a brush of two and a half voxels where the image is small", () => {
  expect(opened().store.display.radius.value).toBe(2.5);
});
