import { expect, it } from "vitest";
import { unpackMask } from "./codec";

it("reads two label values from one bit a voxel, as the kernel packs noise", () => {
  const packed = Uint8Array.of(99, 2, 2, 3, 0, 188, 2, 1, 2, 3, 4, 0b110, 1).subarray(1);
  expect([...unpackMask(packed, [0, 0, 0, 3, 3, 1], "uint16")]).toEqual([3, 700, 700, 3, 3, 3, 3, 3, 700]);
  const bytes = Uint8Array.of(2, 1, 0, 0, 5, 0, 1, 2, 3, 4, 0b10, 1);
  expect([...unpackMask(bytes, [0, 0, 0, 3, 3, 1], "uint8")]).toEqual([0, 5, 0, 0, 0, 0, 0, 0, 5]);
});
