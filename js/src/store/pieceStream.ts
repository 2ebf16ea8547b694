// A volume on its way here: the browser asks for the pieces, four at a time, so that nothing piles up on the server.

const IN_FLIGHT = 4;

export interface StreamInfo {
  epoch: number;
  stream: number;
  pieces: number;
}

export class PieceStream {
  readonly info: StreamInfo;
  private readonly pull: (info: StreamInfo, count: number) => void;
  private asked = 0;
  private arrived = 0;

  constructor(info: StreamInfo, pull: (info: StreamInfo, count: number) => void) {
    this.info = info;
    this.pull = pull;
  }

  start(): void {
    this.ask(IN_FLIGHT);
  }

  get done(): boolean {
    return this.arrived >= this.info.pieces;
  }

  matches(message: { epoch: number; stream: number }): boolean {
    return message.epoch === this.info.epoch && message.stream === this.info.stream;
  }

  /** A piece was put in its place: ask for the next one. */
  took(): void {
    this.arrived++;
    this.ask(1);
  }

  private ask(count: number): void {
    const more = Math.min(count, this.info.pieces - this.asked);
    if (more <= 0) return;
    this.asked += more;
    this.pull(this.info, more);
  }
}
