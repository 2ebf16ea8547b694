// The connection to the kernel: typed messages over anywidget's model, and whether anyone is at the other end.
import { computed, type Signal, signal } from "@preact/signals";
import { type Ask, PROTOCOL, type Tell } from "../protocol";
import { type Buffer, bytesOf } from "../volume/codec";
import { CellWait, type KernelStatus } from "./cellWait";
import { Outbox } from "./outbox";

/** What this front end uses of anywidget's model. */
export interface WidgetModel {
  send(content: unknown, callbacks?: unknown, buffers?: (ArrayBuffer | ArrayBufferView)[]): void;
  on(event: string, handler: (message: Tell, buffers: Buffer[]) => void): void;
  off(event: string, handler: (message: Tell, buffers: Buffer[]) => void): void;
  get?(trait: string): unknown;
  widget_manager?: unknown;
}

export type ConnectionState = "waiting" | "live" | "lost" | "dead";

/** A signal of Lumino, as JupyterLab's kernel connection has them. */
interface LuminoSignal {
  connect(slot: (sender: unknown, status: string) => void): void;
  disconnect(slot: (sender: unknown, status: string) => void): void;
}

interface KernelConnection extends KernelStatus {
  connectionStatusChanged?: LuminoSignal;
  statusChanged?: LuminoSignal;
}

export class Connection {
  /** `waiting`: hello is said and not answered yet; `lost`: no connection; `dead`: the kernel that knew us is gone. */
  readonly state: Signal<ConnectionState> = signal("waiting");
  /** How much was asked and is not known to have been heard. */
  readonly unacked = signal(0);
  /** Whether that waits for a cell that is running. */
  readonly cellWait: CellWait;
  /** This page's own id. */
  readonly client = `${Date.now().toString(36)}-${Math.random().toString(36).slice(2, 10)}`;
  private readonly outbox: Outbox;
  private readonly model: WidgetModel;
  private readonly kernel: KernelConnection | undefined;
  private readonly onTell: (message: Tell, buffers: Uint8Array[]) => void;
  private greeted = false;
  private views = 0;

  constructor(model: WidgetModel, onTell: (message: Tell, buffers: Uint8Array[]) => void) {
    this.model = model;
    this.outbox = new Outbox(this.client, (message, buffers) => this.post(message, buffers));
    this.onTell = onTell;
    this.kernel = (model.widget_manager as { kernel?: KernelConnection } | undefined)?.kernel;
    const silent = computed(() => this.unacked.value + Number(this.state.value === "waiting"));
    this.cellWait = new CellWait(silent, this.kernel);
    model.on("msg:custom", this.receive);
    this.kernel?.connectionStatusChanged?.connect(this.connectionChanged);
    this.kernel?.statusChanged?.connect(this.statusChanged);
  }

  /**
   * A view appears. With the first one hello is said, so that the kernel answers on the channel that does not wait for
   * cells.
   */
  viewShown(): void {
    this.views++;
    if (this.greeted) this.sayViews();
    else this.hello();
    this.greeted = true;
  }

  /** A view is gone: a labeler that no page shows may end. */
  viewGone(): void {
    this.views--;
    this.sayViews();
  }

  /** What was asked and is not known to have been heard, in order. */
  unheard(): readonly { ask: Ask; buffers: Uint8Array[] }[] {
    return this.outbox.unheard();
  }

  /** Something that is done once and in order, whatever becomes of the connection. Returns its number. */
  ask(message: Ask, buffers: Uint8Array[] = []): number {
    const seq = this.outbox.add(message, buffers);
    this.unacked.value = this.outbox.size;
    return seq;
  }

  /** Something that is worth nothing later. */
  post(message: Ask, buffers: Uint8Array[] = []): void {
    if (this.state.peek() !== "dead") this.model.send(message, undefined, buffers);
  }

  close(): void {
    this.cellWait.close();
    this.model.off("msg:custom", this.receive);
    this.kernel?.connectionStatusChanged?.disconnect(this.connectionChanged);
    this.kernel?.statusChanged?.disconnect(this.statusChanged);
  }

  /** The kernel answers with what it heard, and with everything that there is to show. */
  private hello(): void {
    this.outbox.hold();
    this.post({ type: "hello", client: this.client, protocol: PROTOCOL, views: this.views });
  }

  private sayViews(): void {
    this.post({ type: "shown", client: this.client, views: this.views });
  }

  private readonly receive = (message: Tell, buffers: Buffer[]): void => {
    // What was on its way when the connection was lost does not bring it back.
    if (this.state.value === "waiting") this.state.value = "live";
    if (message.type === "ack" && message.client === this.client) {
      this.outbox.ack(message.seq, message.early);
      this.unacked.value = this.outbox.size;
    }
    if (message.type === "who_shows") this.sayViews();
    this.onTell(message, buffers.map(bytesOf));
  };

  private readonly connectionChanged = (_: unknown, status: string): void => {
    if (status === "connected") {
      if (this.state.value !== "lost") return;
      this.state.value = "waiting";
      this.hello();
    } else if (this.state.value !== "dead") {
      this.outbox.hold();
      this.state.value = "lost";
    }
  };

  private readonly statusChanged = (_: unknown, status: string): void => {
    if (status === "restarting" || status === "autorestarting" || status === "dead") this.state.value = "dead";
  };
}
