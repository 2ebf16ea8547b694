// The image's voxels as they arrive: single slices first, then pieces of the whole in any order.
import type { Dtype, Header, Position } from "../protocol";
import { inShape, otherAxes, strides } from "./region";

export type Voxels = Uint8Array | Int16Array | Uint16Array | Float32Array;

const ARRAYS = { uint8: Uint8Array, int16: Int16Array, uint16: Uint16Array, float32: Float32Array } as const;

/** The bytes as voxels of `dtype`; copied where they do not lie on a voxel boundary of their buffer. */
export function asVoxels(bytes: Uint8Array, dtype: Dtype): Voxels {
  const Kind = ARRAYS[dtype];
  const aligned = bytes.byteOffset % Kind.BYTES_PER_ELEMENT === 0 ? bytes : bytes.slice();
  return new Kind(
    aligned.buffer as ArrayBuffer,
    aligned.byteOffset,
    Math.floor(aligned.byteLength / Kind.BYTES_PER_ELEMENT),
  );
}

/** Byte ranges that have arrived, merged and in order. */
export class Ranges {
  private list: [number, number][] = [];

  add(start: number, end: number): void {
    const kept: [number, number][] = [];
    let [low, high] = [start, end];
    for (const range of this.list) {
      if (range[1] < low || range[0] > high) kept.push(range);
      else [low, high] = [Math.min(low, range[0]), Math.max(high, range[1])];
    }
    kept.push([low, high]);
    this.list = kept.sort((a, b) => a[0] - b[0]);
  }

  clear(): void {
    this.list = [];
  }

  has(at: number): boolean {
    return this.list.some(([start, end]) => start <= at && at < end);
  }

  get total(): number {
    return this.list.reduce((sum, [start, end]) => sum + end - start, 0);
  }
}

export class Volume {
  readonly data: Voxels;
  readonly shape: Position;
  readonly channels: 1 | 3;
  readonly strides: Position;
  private readonly dtype: Dtype;
  private readonly bytes: Uint8Array;
  private readonly arrived = new Ranges();
  private readonly slices = new Set<string>();

  constructor(header: Pick<Header, "shape" | "dtype" | "channels" | "window">) {
    const { shape, dtype, channels, window } = header;
    this.shape = shape;
    this.dtype = dtype;
    this.channels = channels;
    this.strides = strides(shape);
    this.data = new ARRAYS[dtype](shape[0] * shape[1] * shape[2] * channels);
    this.bytes = new Uint8Array(this.data.buffer);
    // What has not arrived yet is drawn black, which is not 0 in a CT.
    if (channels === 1 && window[0] !== 0) this.data.fill(window[0]);
  }

  /** From 0 to 1. */
  get loaded(): number {
    return this.bytes.length === 0 ? 1 : this.arrived.total / this.bytes.length;
  }

  /** Other voxels come; those of before are seen until then. */
  expectAnew(): void {
    this.arrived.clear();
    this.slices.clear();
  }

  putPiece(offset: number, piece: Uint8Array): void {
    if (offset < 0 || offset + piece.length > this.bytes.length)
      throw new RangeError(`a piece of ${piece.length} bytes at ${offset} does not fit the volume`);
    this.bytes.set(piece, offset);
    this.arrived.add(offset, offset + piece.length);
  }

  /** One slice across array axis `normal`; its voxels hold the two other axes in increasing order. */
  putSlice(normal: number, index: number, slice: Uint8Array): void {
    const [a, b] = otherAxes(normal);
    const [na, nb] = [this.shape[a] as number, this.shape[b] as number];
    const values = asVoxels(slice, this.dtype);
    const channels = this.channels;
    if (values.length !== na * nb * channels || index < 0 || index >= (this.shape[normal] as number))
      throw new RangeError(`slice ${index} across axis ${normal} does not fit the volume`);
    const [sa, sb] = [(this.strides[a] as number) * channels, (this.strides[b] as number) * channels];
    const base = index * (this.strides[normal] as number) * channels;
    let from = 0;
    for (let y = 0; y < nb; y++) {
      let to = base + y * sb;
      for (let x = 0; x < na; x++, to += sa)
        for (let c = 0; c < channels; c++) this.data[to + c] = values[from++] as number;
    }
    this.slices.add(`${normal}:${index}`);
  }

  has(position: Position): boolean {
    if (!inShape(position, this.shape)) return false;
    if (position.some((index, axis) => this.slices.has(`${axis}:${index}`))) return true;
    return this.arrived.has(this.offset(position) * this.data.BYTES_PER_ELEMENT);
  }

  /** The voxel's intensity, its three colours, or null where it has not arrived or lies outside. */
  at(position: Position): number[] | null {
    if (!this.has(position)) return null;
    const start = this.offset(position);
    return Array.from(this.data.subarray(start, start + this.channels));
  }

  private offset([x, y, z]: Position): number {
    return (x + y * this.strides[1] + z * this.strides[2]) * this.channels;
  }
}
