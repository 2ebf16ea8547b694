// Masks and strokes travel zlib-compressed.
import { unzlibSync, zlibSync } from "fflate";
import type { MaskDtype, Region } from "../protocol";
import type { MaskVoxels } from "./mask";
import { regionSize } from "./region";

export type Buffer = DataView | ArrayBuffer | Uint8Array;

export function bytesOf(buffer: Buffer | undefined): Uint8Array {
  if (buffer === undefined) throw new Error("a message came without its buffer");
  if (buffer instanceof ArrayBuffer) return new Uint8Array(buffer);
  return new Uint8Array(buffer.buffer as ArrayBuffer, buffer.byteOffset, buffer.byteLength);
}

export function unpackMask(packed: Uint8Array, region: Region, dtype: MaskDtype): MaskVoxels {
  const size = regionSize(region);
  const bytes = unzlibSync(packed, { out: new Uint8Array(size * (dtype === "uint16" ? 2 : 1)) });
  return dtype === "uint16" ? new Uint16Array(bytes.buffer, bytes.byteOffset, size) : bytes;
}

export function unpackBits(packed: Uint8Array, region: Region): Uint8Array {
  return unzlibSync(packed, { out: new Uint8Array(regionSize(region)) });
}

export function packBits(bits: Uint8Array): Uint8Array {
  return zlibSync(bits, { level: 1 });
}
