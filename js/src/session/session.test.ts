import { describe, expect, it } from "vitest";
import type { Ask, PromptInfo, Region, Tell } from "../protocol";
import { packBits } from "../volume/codec";
import type { Mask } from "../volume/mask";
import { DrawnStroke } from "../volume/stroke";
import { sweep } from "../volume/sweep";
import { HEADER, opened, STATE } from "./fixtures";
import type { Session } from "./session";

function draw(session: Session, value: number, at: [number, number]): DrawnStroke {
  if (!session.mask) throw new Error("no image is open");
  const stroke = new DrawnStroke(session.mask, value);
  session.drawing = stroke;
  sweep(stroke, HEADER.spacing, { normal: 2, radius: 0.4, ball: false }, [...at, 1], [...at, 1]);
  return stroke;
}

function paint(session: Session, value: number, at: [number, number]): void {
  session.commit(draw(session, value, at).finish());
}

const WHOLE: Region = [0, 0, 0, 8, 6, 4];

function maskMessage(session: Session, fill: number, acked: number): [Tell, Uint8Array] {
  const values = new Uint8Array(8 * 6 * 4).fill(fill);
  const message: Tell = {
    type: "mask",
    epoch: 1,
    region: WHOLE,
    dtype: "uint8",
    acked: { [session.client]: acked },
  };
  return [message, packBits(values)];
}

describe("opening", () => {
  it("says hello once, however many views there are", () => {
    const { session, said } = opened();
    session.greet();
    expect(said("hello").length).toBe(1);
  });

  it("pulls the volume and puts its pieces together", () => {
    const { session, tell, said } = opened();
    const { client } = session;
    const bytes = Uint8Array.from({ length: 192 }, (_, n) => n);
    tell({ type: "stream", client, epoch: 1, stream: 5, bytes: 192, pieces: 2 });
    tell({ type: "piece", client, epoch: 1, stream: 5, offset: 96 }, bytes.slice(96));
    expect(session.loaded.value).toBe(0.5);
    tell({ type: "piece", client, epoch: 1, stream: 4, offset: 0 }, new Uint8Array(96));
    tell({ type: "piece", client, epoch: 1, stream: 5, offset: 0 }, bytes.slice(0, 96));
    expect(session.loaded.value).toBe(1);
    expect(session.volume?.data).toEqual(bytes);
    expect(said("pull").map(({ ask }) => "count" in ask && ask.count)).toEqual([2]);
  });

  it("drops what belongs to another image or another page", () => {
    const { session, tell } = opened();
    const [mask, packed] = maskMessage(session, 3, 0);
    tell({ ...mask, epoch: 0 } as Tell, packed);
    tell({ ...mask, client: "somebody else" } as Tell, packed);
    expect(session.mask?.at([0, 0, 0])).toBe(0);
  });

  it("keeps what it has when another page opens the same image", () => {
    const { session, tell } = opened();
    tell(...maskMessage(session, 3, 0));
    const volume = session.volume;
    tell({ type: "image", epoch: 1, header: HEADER });
    expect(session.volume).toBe(volume);
    expect(session.mask?.at([0, 0, 0])).toBe(3);
  });

  it("starts anew with another image", () => {
    const { session, tell } = opened();
    tell(...maskMessage(session, 3, 0));
    tell({ type: "image", epoch: 2, header: { ...HEADER, id: "b.nii.gz" } });
    expect(session.mask?.at([0, 0, 0])).toBe(0);
    expect(session.display.cursor.value).toEqual([4, 3, 2]);
  });

  it("says in words when a message cannot be taken", () => {
    const { session, tell } = opened();
    tell({ type: "slice", epoch: 1, normal: 2, index: 99 }, new Uint8Array(48));
    expect(session.error.value).toContain("slice 99");
  });
});

describe("strokes", () => {
  it("go to the kernel with their number, and stay over a mask that did not know them", () => {
    const { session, tell, said } = opened();
    paint(session, 1, [2, 2]);
    paint(session, 2, [5, 3]);
    expect(said("edit").map(({ seq }) => seq)).toEqual([1, 2]);
    tell(...maskMessage(session, 9, 1));
    expect(session.mask?.at([2, 2, 1])).toBe(9);
    expect(session.mask?.at([5, 3, 1])).toBe(2);
  });

  it("are the kernel's once it has them", () => {
    const { session, tell } = opened();
    paint(session, 1, [2, 2]);
    tell({ type: "edited", epoch: 1, client: session.client, seq: 1, region: WHOLE, value: 1 });
    tell(...maskMessage(session, 0, 0));
    expect(session.mask?.at([2, 2, 1])).toBe(0);
  });

  it("of another page lie below this page's own later ones", () => {
    const { session, tell } = opened();
    paint(session, 1, [2, 2]);
    const region: Region = [2, 2, 1, 4, 3, 2];
    const message: Tell = { type: "edited", epoch: 1, client: "other", seq: 7, region, value: 2 };
    tell(message, packBits(Uint8Array.of(1, 1)));
    expect(session.mask?.at([2, 2, 1])).toBe(1);
    expect(session.mask?.at([3, 2, 1])).toBe(2);
  });

  it("that are still being drawn stay on top", () => {
    const { session, tell } = opened();
    draw(session, 2, [3, 3]);
    tell(...maskMessage(session, 9, 0));
    expect(session.mask?.at([3, 3, 1])).toBe(2);
  });

  it("are the kernel's to the last voxel, also where its rules were others by then", () => {
    const { session, tell } = opened();
    tell({ type: "state", state: { ...STATE, overBackground: true } });
    tell(...maskMessage(session, 2, 0));
    const stroke = new DrawnStroke(session.mask as Mask, 1, { guard: session.rules.guard.value });
    stroke.reserve([2, 2, 1, 3, 3, 2]);
    stroke.run(0, 2, 2, 1, 1);
    session.commit(stroke.finish());
    expect(session.mask?.at([2, 2, 1])).toBe(2);
    tell({ type: "edited", epoch: 1, client: session.client, seq: 1, region: WHOLE, value: 1 });
    expect(session.mask?.at([2, 2, 1])).toBe(1);
  });
});

describe("a lost connection", () => {
  const seqs = (asks: { ask: Ask; seq: number | undefined }[]) => asks.map(({ ask, seq }) => [ask.type, seq]);

  it("keeps all that is done meanwhile, in order, and sends it once the kernel said what it heard", () => {
    const { session, tell, asks, said, connect } = opened();
    const { client } = session;
    session.choose("label", "tumour");
    connect("connecting");
    expect(session.link.value).toBe("lost");
    asks.length = 0;
    paint(session, 1, [2, 2]);
    session.ask({ type: "undo" });
    expect(session.unheard.value).toBe(3);
    connect("connected");
    expect(asks.map(({ ask }) => ask.type)).toEqual(["hello"]);
    tell({ type: "heard", client, seq: 1 });
    tell({ type: "image", client: session.client, epoch: 1, header: HEADER });
    expect(session.mask?.at([2, 2, 1])).toBe(1);
    expect(seqs(asks.slice(1))).toEqual([
      ["edit", 2],
      ["undo", 3],
    ]);
    expect(said("undo")[0]?.ask).toEqual({ type: "undo", epoch: 1 });
    tell({ type: "heard", client, seq: 3 });
    expect(session.unheard.value).toBe(0);
  });

  it("forgets a stroke that had arrived, and leaves its place to the kernel's mask", () => {
    const { session, tell, connect } = opened();
    paint(session, 1, [2, 2]);
    connect("connecting");
    connect("connected");
    tell({ type: "heard", client: session.client, seq: 1 });
    tell({ type: "image", client: session.client, epoch: 1, header: HEADER });
    expect(session.mask?.at([2, 2, 1])).toBe(0);
  });

  it("repeats what follows a message that never arrived, once", () => {
    const { session, tell, asks } = opened();
    const { client } = session;
    for (const _ of "abc") session.ask({ type: "undo" });
    asks.length = 0;
    tell({ type: "heard", client, seq: 1, early: 3 });
    expect(seqs(asks)).toEqual([
      ["undo", 2],
      ["undo", 3],
    ]);
    tell({ type: "heard", client, seq: 1, early: 3 });
    expect(asks.length).toBe(2);
  });
});

describe("choices and prompts", () => {
  it("show at once and end with the kernel's word", () => {
    const { session, tell } = opened();
    session.choose("label", "tumour");
    expect(session.activeValue).toBe(2);
    tell({ type: "state", state: { ...STATE, label: "tumour" } });
    expect(session.choices.value).toEqual({});
    expect(session.activeValue).toBe(2);
  });

  it("go back when the kernel refuses", () => {
    const { session, tell } = opened();
    session.choose("label", "tumour");
    tell({ type: "error", text: "no such label" });
    expect(session.chosen("label")).toBe("organ");
    expect(session.error.value).toBe("no such label");
  });

  it("shows a click until the kernel lists it", () => {
    const { session, tell, said } = opened();
    const click = { kind: "click" as const, position: [1, 2, 3], positive: true, label: "organ" };
    const { prompts } = session;
    for (const _ of "ab") prompts.add(click, 2);
    const [first, second] = said("prompt").map(({ ask }) => (ask as { prompt: PromptInfo }).prompt);
    expect(prompts.sent.value).toEqual([first, second]);
    expect(first?.id).not.toBe(second?.id);
    tell({ type: "prompts", epoch: 1, ids: [first?.id as string], put: [first as PromptInfo] });
    expect(prompts.sent.value).toEqual([second]);
  });

  it("forgets what is being drawn when another image comes", () => {
    const { session, tell } = opened();
    session.prompts.sketch.value = { prompt: { kind: "scribble", positions: [[1, 2, 0]], label: "organ" } };
    tell({ type: "image", epoch: 2, header: { ...HEADER, id: "b.nii.gz" } });
    expect(session.prompts.sketch.value).toBeNull();
  });
});

describe("saving and going on", () => {
  it("asks for the next image once the draft is saved", () => {
    const { session, tell, said } = opened();
    tell({ type: "state", state: { ...STATE, dirty: true } });
    session.saveThen({ type: "next" });
    tell({ type: "state", state: { ...STATE, dirty: true, saving: true, busy: "Saving" } });
    tell({ type: "state", state: { ...STATE, dirty: true, saving: true, busy: "click is running" } });
    expect(said("next").length).toBe(0);
    tell({ type: "state", state: { ...STATE, saving: true } });
    expect(said("next").length).toBe(1);
  });

  it("stays when saving fails", () => {
    const { session, tell, said } = opened();
    tell({ type: "state", state: { ...STATE, dirty: true } });
    session.saveThen({ type: "next" });
    tell({ type: "error", text: "the disk is full" });
    tell({ type: "state", state: STATE });
    expect(said("next").length).toBe(0);
  });
});

it("stays when the save is cancelled, here or in another view", () => {
  for (const here of [true, false]) {
    const { session, tell, said } = opened();
    tell({ type: "state", state: { ...STATE, dirty: true } });
    session.saveThen({ type: "next" });
    tell({ type: "state", state: { ...STATE, dirty: true, saving: true, busy: "Saving" } });
    if (here) session.ask({ type: "cancel" });
    tell({ type: "state", state: { ...STATE, dirty: true, notice: "Saving was cancelled; your draft is kept" } });
    // Saved later, by the way.
    tell({ type: "state", state: STATE });
    expect(said("next").length).toBe(0);
  }
});

it("shows the progress of what it shows as under way, and of nothing else", () => {
  const { session, tell } = opened();
  tell({ type: "state", state: { ...STATE, busy: "Saving" } });
  tell({ type: "progress", epoch: 1, text: "Saving", fraction: 0.5 });
  expect(session.progress.value?.fraction).toBe(0.5);
  tell({ type: "state", state: { ...STATE, busy: "Saving", dirty: true } });
  expect(session.progress.value?.fraction).toBe(0.5);
  tell({ type: "state", state: { ...STATE, busy: "smart click is running" } });
  expect(session.progress.value).toBeNull();
});

it("does not go on behind the back of a person who painted while it saved", () => {
  const { session, tell, said } = opened();
  tell({ type: "state", state: { ...STATE, dirty: true } });
  session.saveThen({ type: "next" });
  paint(session, 1, [2, 2]);
  tell({ type: "state", state: STATE });
  expect(said("next").length).toBe(0);
});

it("starts with a brush of two and a half voxels where the image is small", () => {
  expect(opened().session.display.radius.value).toBe(2.5);
});
