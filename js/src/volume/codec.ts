// Masks and strokes travel zlib-compressed; noise of two label values as one bit a voxel.
import { unzlibSync, zlibSync } from "fflate";
import type { MaskDtype, Region } from "../protocol";
import type { MaskVoxels } from "./mask";
import { regionSize } from "./region";

/** The first byte, which no zlib stream has. */
const TWO_VALUES = 2;
const TWO_VALUES_HEAD = 10;

export type Buffer = DataView | ArrayBuffer | Uint8Array;

export function bytesOf(buffer: Buffer | undefined): Uint8Array {
  if (buffer === undefined) throw new Error("a message came without its buffer");
  if (buffer instanceof ArrayBuffer) return new Uint8Array(buffer);
  return new Uint8Array(buffer.buffer as ArrayBuffer, buffer.byteOffset, buffer.byteLength);
}

export function unpackMask(packed: Uint8Array, region: Region, dtype: MaskDtype): MaskVoxels {
  const size = regionSize(region);
  if (packed[0] === TWO_VALUES) return unpackTwoValues(packed, size, dtype);
  const bytes = unzlibSync(packed, { out: new Uint8Array(size * (dtype === "uint16" ? 2 : 1)) });
  return dtype === "uint16" ? new Uint16Array(bytes.buffer, bytes.byteOffset, size) : bytes;
}

/** As jlabel/imaging/codec/bits.py packs them: kind, bytes a voxel, the two values, a checksum, the bits. */
function unpackTwoValues(packed: Uint8Array, size: number, dtype: MaskDtype): MaskVoxels {
  const head = new DataView(packed.buffer, packed.byteOffset, TWO_VALUES_HEAD);
  const low = head.getUint16(2, true);
  const high = head.getUint16(4, true);
  const voxels = dtype === "uint16" ? new Uint16Array(size) : new Uint8Array(size);
  for (let at = 0; at < size; at++) {
    const byte = packed[TWO_VALUES_HEAD + (at >> 3)] as number;
    voxels[at] = (byte >> (at & 7)) & 1 ? high : low;
  }
  return voxels;
}

export function unpackBits(packed: Uint8Array, region: Region): Uint8Array {
  return unzlibSync(packed, { out: new Uint8Array(regionSize(region)) });
}

export function packBits(bits: Uint8Array): Uint8Array {
  return zlibSync(bits, { level: 1 });
}
