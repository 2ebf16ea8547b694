// The image that is open, and its voxels, as far as they are here.
import { type Signal, signal } from "@preact/signals";
import type { Header, Tell } from "../protocol";
import { Volume } from "../volume/volume";
import type { Connection } from "./connection";
import { PieceStream } from "./pieceStream";
import type { Handlers, Slice } from "./slice";

export class OpenImage implements Slice {
  readonly header: Signal<Header | null> = signal(null);
  /** Grows when voxels arrive. */
  readonly version = signal(0);
  /** From 0 to 1: how much of the image is here. */
  readonly loaded = signal(0);
  volume: Volume | null = null;
  /** Grows with every image that is opened: messages and kernel name it. */
  epoch = -1;
  readonly handlers: Handlers = {
    slice: ({ normal, index }, buffers) => {
      this.volume?.putSlice(normal, index, buffers[0] as Uint8Array);
      this.version.value++;
    },
    stream: (message) => this.takeStream(message),
    piece: (message, buffers) => this.takePiece(message, buffers[0] as Uint8Array),
  };
  private readonly connection: Pick<Connection, "post" | "client">;
  private stream: PieceStream | null = null;

  constructor(connection: Pick<Connection, "post" | "client">) {
    this.connection = connection;
  }

  /** Other voxels of the same image come: what is under way does not belong here any more. */
  streamAnew(): void {
    this.stream = null;
    this.volume?.expectAnew();
    this.loaded.value = 0;
    this.version.value++;
  }

  onClose(): void {
    this.stream = null;
    this.volume = null;
    this.header.value = null;
    this.loaded.value = 0;
  }

  onOpen(header: Header, epoch: number): void {
    this.epoch = epoch;
    this.volume = new Volume(header);
    this.header.value = header;
    this.version.value++;
  }

  private takeStream(message: Extract<Tell, { type: "stream" }>): void {
    if (this.loaded.value >= 1) return;
    const { client } = this.connection;
    this.stream = new PieceStream(message, ({ epoch, stream }, count) =>
      this.connection.post({ type: "pull", client, epoch, stream, count }),
    );
    this.stream.start();
  }

  private takePiece(message: Extract<Tell, { type: "piece" }>, bytes: Uint8Array): void {
    if (!this.volume || !this.stream?.matches(message)) return;
    this.volume.putPiece(message.offset, bytes);
    this.loaded.value = this.volume.loaded;
    this.version.value++;
    this.stream.took();
    if (this.stream.done) this.stream = null;
  }
}
