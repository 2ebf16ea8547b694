import { describe, expect, it } from "vitest";
import type { Ask, Header, Region, State, Tell } from "../protocol";
import { type Buffer, packBits } from "../volume/codec";
import { SliceStroke } from "../volume/stroke";
import { Session } from "./session";

const HEADER: Header = {
  id: "a.nii.gz",
  shape: [8, 6, 4],
  dtype: "uint8",
  channels: 1,
  spacing: [1, 1, 1],
  affine: [
    [1, 0, 0, 0],
    [0, 1, 0, 0],
    [0, 0, 1, 0],
    [0, 0, 0, 1],
  ],
  oriented: true,
  planes: [
    { name: "axial", normal: 2, right: [0, -1], down: [1, -1], letters: ["R", "L", "A", "P"], superiorStep: 1 },
    { name: "coronal", normal: 1, right: [0, -1], down: [2, -1], letters: ["R", "L", "S", "I"], superiorStep: 1 },
    { name: "sagittal", normal: 0, right: [1, -1], down: [2, -1], letters: ["A", "P", "S", "I"], superiorStep: 1 },
  ],
  flat: null,
  window: [0, 255],
  maskDtype: "uint8",
  notes: {},
};

const STATE: State = {
  imageId: "a.nii.gz",
  epoch: 1,
  labels: [
    { name: "organ", value: 1, color: "#ff0000" },
    { name: "tumour", value: 2, color: "#00ff00" },
  ],
  label: "organ",
  models: [],
  model: null,
  strategies: [],
  strategy: "random",
  prompts: [],
  canUndo: false,
  canRedo: false,
  dirty: false,
  busy: null,
  notice: null,
  images: 2,
  labelled: 0,
};

/** A session, and a kernel that the test plays. */
function opened() {
  const asks: { ask: Ask; buffers: Uint8Array[] }[] = [];
  let receive: (message: Tell, buffers: Buffer[]) => void = () => {};
  let connection: (sender: unknown, status: string) => void = () => {};
  const session = new Session({
    send: (ask, _, buffers) => void asks.push({ ask: ask as Ask, buffers: (buffers ?? []) as Uint8Array[] }),
    on: (_, handler) => {
      receive = handler;
    },
    off: () => {},
    widget_manager: {
      kernel: {
        connectionStatusChanged: {
          connect: (slot: typeof connection) => {
            connection = slot;
          },
        },
      },
    },
  });
  const tell = (message: Tell, ...buffers: Uint8Array[]) => receive(message, buffers);
  session.greet();
  tell({ type: "state", state: STATE });
  tell({ type: "image", epoch: 1, header: HEADER });
  const said = (type: Ask["type"]) => asks.filter(({ ask }) => ask.type === type);
  return { session, tell, asks, said, connect: (status: string) => connection(null, status) };
}

function paint(session: Session, value: number, at: [number, number]): void {
  const stroke = new SliceStroke(HEADER.shape, HEADER.spacing, 2, 1, value);
  session.drawing = stroke;
  if (session.mask) stroke.sweep(session.mask, [...at, 1], [...at, 1], 0.4);
  session.commit(stroke.finish());
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
    expect(said("edit").map(({ ask }) => "seq" in ask && ask.seq)).toEqual([1, 2]);
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
    const stroke = new SliceStroke(HEADER.shape, HEADER.spacing, 2, 1, 2);
    session.drawing = stroke;
    if (session.mask) stroke.sweep(session.mask, [3, 3, 1], [3, 3, 1], 0.4);
    tell(...maskMessage(session, 9, 0));
    expect(session.mask?.at([3, 3, 1])).toBe(2);
  });

  it("made while the connection was lost are sent when it is back", () => {
    const { session, tell, said, connect } = opened();
    connect("connecting");
    expect(session.link.value).toBe("lost");
    paint(session, 1, [2, 2]);
    connect("connected");
    expect(said("hello").length).toBe(2);
    tell({ type: "image", epoch: 1, header: HEADER });
    expect(session.mask?.at([2, 2, 1])).toBe(1);
    expect(said("edit").map(({ ask }) => "seq" in ask && ask.seq)).toEqual([1, 1]);
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
    session.prompt(click, 2);
    expect(said("prompt").length).toBe(1);
    expect(session.sentPrompts.value).toEqual([click]);
    tell({ type: "state", state: { ...STATE, prompts: [click] } });
    expect(session.sentPrompts.value).toEqual([]);
  });

  it("tells one scribble from another, also in a picture whose positions have two indices in the kernel", () => {
    const { session, tell } = opened();
    const scribble = (positions: number[][]) => ({
      kind: "scribble" as const,
      positions,
      positive: true,
      label: "organ",
    });
    const [first, second] = [scribble([[1, 2, 0]]), scribble([[1, 3, 0]])];
    session.prompt(first, 2);
    session.prompt(second, 2);
    tell({ type: "state", state: { ...STATE, prompts: [scribble([[1, 2]])] } });
    expect(session.sentPrompts.value).toEqual([second]);
  });

  it("forgets what is being drawn when another image comes", () => {
    const { session, tell } = opened();
    session.sketch.value = { prompt: { kind: "scribble", positions: [[1, 2, 0]], label: "organ" } };
    tell({ type: "image", epoch: 2, header: { ...HEADER, id: "b.nii.gz" } });
    expect(session.sketch.value).toBeNull();
  });
});

describe("saving and going on", () => {
  it("asks for the next image once the draft is saved", () => {
    const { session, tell, said } = opened();
    tell({ type: "state", state: { ...STATE, dirty: true } });
    session.saveThen({ type: "next" });
    tell({ type: "state", state: { ...STATE, dirty: true, busy: "saving" } });
    expect(said("next").length).toBe(0);
    tell({ type: "state", state: STATE });
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
