// What every part of the store is. The store hands each one the messages that it has a handler for, and tells all of them
// what concerns all.
import type { Header, State, Tell } from "../protocol";

/** What takes the messages of some types: those for this page and the present image. */
export type Handlers = {
  readonly [T in Tell["type"]]?: (message: Extract<Tell, { type: T }>, buffers: Uint8Array[]) => void;
};

export interface Slice {
  readonly handlers?: Handlers;
  /** The kernel has said how everything is. */
  onState?(state: State): void;
  /** What was asked up to this number is done or refused, so what the kernel says holds again. */
  onAck?(seq: number): void;
  /** The kernel refused something: what was asked did not happen. */
  onError?(text: string): void;
  /** The image goes: let go of what belongs to it, before the next one takes the memory. */
  onClose?(): void;
  onOpen?(header: Header, epoch: number): void;
  /** The image that is open comes again, after a lost connection. */
  onReload?(header: Header): void;
  /** The page needs the store no more. */
  dispose?(): void;
}
