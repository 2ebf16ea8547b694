// Puts together what comes in several messages, in order.
import { unzlibSync } from "fflate";

/** One of several messages that carry one thing. */
interface Piece {
  piece: number;
  pieces: number;
}

export class Pieces {
  private parts: Uint8Array[] = [];

  /** Returns the whole, unpacked, with the last piece. A first piece begins anew; one that is out of order is dropped. */
  take({ piece, pieces }: Piece, data: Uint8Array): Uint8Array | null {
    if (piece === 0) this.parts = [];
    if (piece !== this.parts.length) return null;
    this.parts.push(data);
    if (this.parts.length < pieces) return null;
    const whole = joined(this.parts);
    this.parts = [];
    return unzlibSync(whole);
  }
}

function joined(parts: Uint8Array[]): Uint8Array {
  const [first, ...rest] = parts as [Uint8Array, ...Uint8Array[]];
  if (rest.length === 0) return first;
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
