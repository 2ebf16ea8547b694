import { expect, it } from "vitest";
import { PieceStream } from "./pieceStream";

function streamOf(pieces: number) {
  const pulls: number[] = [];
  const stream = new PieceStream({ epoch: 3, stream: 1, pieces }, (_, count) => pulls.push(count));
  return { stream, pulls };
}

it("keeps four pieces under way and asks for no more than there are", () => {
  const { stream, pulls } = streamOf(6);
  stream.start();
  expect(pulls).toEqual([4]);
  for (let n = 0; n < 6; n++) stream.took();
  expect(pulls).toEqual([4, 1, 1]);
  expect(stream.done).toBe(true);
});

it("asks once for a small volume", () => {
  const { stream, pulls } = streamOf(2);
  stream.start();
  stream.took();
  expect(pulls).toEqual([2]);
  expect(stream.done).toBe(false);
});

it("knows its own pieces", () => {
  const { stream } = streamOf(2);
  expect(stream.matches({ epoch: 3, stream: 1 })).toBe(true);
  expect(stream.matches({ epoch: 3, stream: 2 })).toBe(false);
});
