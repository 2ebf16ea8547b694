import { expect, it } from "vitest";
import { HEADER, opened } from "../../test/fixtures";

const SERIES = { ...HEADER, id: "series", frames: 3, frame: 0 };

function series() {
  const page = opened();
  const { tell, store } = page;
  tell({ type: "image", epoch: 2, header: SERIES });
  const stream = (number: number, fill: number) => {
    const { client } = store.connection;
    tell({ type: "stream", client, epoch: 2, stream: number, bytes: 192, pieces: 1 });
    tell({ type: "piece", client, epoch: 2, stream: number, offset: 0 }, new Uint8Array(192).fill(fill));
  };
  stream(1, 10);
  return { ...page, stream, frames: store.frames };
}

it("shows another frame in the same volume, and the one before until it has come", () => {
  const { frames, store, said, tell, stream } = series();
  store.draft.mask?.put([0, 0, 0, 1, 1, 1], Uint8Array.of(2));
  store.display.moveCursor([1, 1, 1], HEADER.shape);
  frames.show(1);
  expect([frames.frame.value, frames.wanted.value]).toEqual([0, 1]);
  tell({ type: "frame", epoch: 2, frame: 1 });
  expect(store.image.loaded.value).toBe(0);
  expect(store.image.volume?.data[5]).toBe(10);
  tell(
    { type: "piece", client: store.connection.client, epoch: 2, stream: 1, offset: 0 },
    new Uint8Array(192).fill(99),
  );
  stream(2, 20);
  expect([store.image.volume?.data[5], store.image.loaded.value]).toEqual([20, 1]);
  expect(store.draft.mask?.at([0, 0, 0])).toBe(2);
  expect(store.display.cursor.value).toEqual([1, 1, 1]);
  expect(said("frame").length).toBe(1);
});

it("goes on from the frame that was asked for, and stays inside", () => {
  const { frames, said, tell } = series();
  frames.show(frames.wanted.value + 1);
  frames.show(frames.wanted.value + 1);
  frames.show(frames.wanted.value + 1);
  expect(said("frame").map(({ ask }) => "frame" in ask && ask.frame)).toEqual([1, 2]);
  tell({ type: "error", text: "the file is gone" });
  expect(frames.wanted.value).toBe(0);
});

it("takes the frame that another page chose while this one was away", () => {
  const { frames, store, connect, tell } = series();
  connect("connecting");
  connect("connected");
  tell({ type: "image", client: store.connection.client, epoch: 2, header: { ...SERIES, frame: 2 } });
  expect(frames.frame.value).toBe(2);
  expect(store.image.loaded.value).toBe(0);
});
