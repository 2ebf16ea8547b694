// The wire to the kernel: typed messages over anywidget's model, and whether anyone is at the other end.
import { computed, type Signal, signal } from "@preact/signals";
import { type Ask, PROTOCOL, type Tell } from "../protocol";
import { type Buffer, bytesOf } from "../volume/codec";
import { Outbox } from "./outbox";
import { type BusyKernel, Patience } from "./patience";

/** What this front end uses of anywidget's model. */
export interface WidgetModel {
  send(content: unknown, callbacks?: unknown, buffers?: (ArrayBuffer | ArrayBufferView)[]): void;
  on(event: string, handler: (message: Tell, buffers: Buffer[]) => void): void;
  off(event: string, handler: (message: Tell, buffers: Buffer[]) => void): void;
  get?(trait: string): unknown;
  widget_manager?: unknown;
}

export type LinkState = "waiting" | "live" | "lost" | "dead";

/** A signal of Lumino, as JupyterLab's kernel connection has them. */
interface LuminoSignal {
  connect(slot: (sender: unknown, status: string) => void): void;
  disconnect(slot: (sender: unknown, status: string) => void): void;
}

interface KernelConnection extends BusyKernel {
  connectionStatusChanged?: LuminoSignal;
  statusChanged?: LuminoSignal;
}

export class Link {
  /** `waiting`: hello is said and not answered yet; `lost`: no connection; `dead`: the kernel that knew us is gone. */
  readonly state: Signal<LinkState> = signal("waiting");
  /** How much was asked and is not known to have been heard. */
  readonly unheard = signal(0);
  readonly patience: Patience;
  private readonly client: string;
  private readonly outbox: Outbox;
  private readonly model: WidgetModel;
  private readonly kernel: KernelConnection | undefined;
  private readonly onReturn: () => void;
  private readonly onTell: (message: Tell, buffers: Uint8Array[]) => void;

  constructor(
    model: WidgetModel,
    client: string,
    onTell: (message: Tell, buffers: Uint8Array[]) => void,
    onReturn: () => void,
  ) {
    this.model = model;
    this.client = client;
    this.outbox = new Outbox(client, (message, buffers) => this.post(message, buffers));
    this.onTell = onTell;
    this.onReturn = onReturn;
    this.kernel = (model.widget_manager as { kernel?: KernelConnection } | undefined)?.kernel;
    const silent = computed(() => this.unheard.value + Number(this.state.value === "waiting"));
    this.patience = new Patience(silent, this.kernel);
    model.on("msg:custom", this.receive);
    this.kernel?.connectionStatusChanged?.connect(this.connectionChanged);
    this.kernel?.statusChanged?.connect(this.statusChanged);
  }

  /** The kernel answers with what it heard, and with everything that there is to show. */
  hello(): void {
    this.outbox.hold();
    this.post({ type: "hello", client: this.client, protocol: PROTOCOL });
  }

  /** Something the person did: it arrives once and in order, whatever becomes of the connection. Returns its number. */
  ask(message: Ask, buffers: Uint8Array[] = []): number {
    const seq = this.outbox.add(message, buffers);
    this.unheard.value = this.outbox.size;
    return seq;
  }

  /** Something that is worth nothing later. */
  post(message: Ask, buffers: Uint8Array[] = []): void {
    if (this.state.peek() !== "dead") this.model.send(message, undefined, buffers);
  }

  close(): void {
    this.patience.close();
    this.model.off("msg:custom", this.receive);
    this.kernel?.connectionStatusChanged?.disconnect(this.connectionChanged);
    this.kernel?.statusChanged?.disconnect(this.statusChanged);
  }

  private readonly receive = (message: Tell, buffers: Buffer[]): void => {
    // What was on its way when the connection was lost does not bring it back.
    if (this.state.value === "waiting") this.state.value = "live";
    if (message.type === "heard" && message.client === this.client) {
      this.outbox.heard(message.seq, message.early);
      this.unheard.value = this.outbox.size;
    }
    this.onTell(message, buffers.map(bytesOf));
  };

  private readonly connectionChanged = (_: unknown, status: string): void => {
    if (status === "connected") {
      if (this.state.value !== "lost") return;
      this.state.value = "waiting";
      this.onReturn();
    } else if (this.state.value !== "dead") {
      this.outbox.hold();
      this.state.value = "lost";
    }
  };

  private readonly statusChanged = (_: unknown, status: string): void => {
    if (status === "restarting" || status === "autorestarting" || status === "dead") this.state.value = "dead";
  };
}
