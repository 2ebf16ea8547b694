// The labels' surfaces and the volume in this page: asked for while a 3D pane is open, and kept as the draft is.
import { computed, effect, type ReadonlySignal, type Signal, signal } from "@preact/signals";
import type { Tell } from "../protocol";
import type { Block, Content, Mesh } from "../view3d/api";
import { asVoxels } from "../volume/volume";
import type { Display } from "./display";
import type { Draft } from "./draft";
import type { Kernel } from "./kernel";
import type { OpenImage } from "./openImage";
import { Pieces } from "./pieces";
import type { Handlers, Slice } from "./slice";
import { View3dScript } from "./view3dScript";

/** After the last change of the mask or the window. */
const SETTLED_MS = 500;

export interface VersionedMesh extends Mesh {
  version: number;
}

interface Context {
  image: Pick<OpenImage, "header" | "epoch">;
  draft: Pick<Draft, "version">;
  display: Pick<Display, "window">;
}

export class View3d implements Slice {
  readonly script: View3dScript;
  readonly content: Signal<Content> = signal("surfaces");
  readonly surfaces: Signal<ReadonlyMap<number, VersionedMesh>> = signal(new Map());
  readonly volume: Signal<Block | null> = signal(null);
  /** Surfaces still to come; null where that is not known yet. */
  readonly left: Signal<number | null> = signal(null);
  /** The volume is on its way. */
  readonly awaited = signal(false);
  /** The person gave up what was on its way: nothing more is asked for until they want it again. */
  readonly stopped = signal(false);
  /** Something is on its way. */
  readonly busy: ReadonlySignal<boolean> = computed(
    () => this.awaited.value || (this.asked.value && this.left.value !== 0),
  );
  readonly handlers: Handlers = {
    view3d: (message, buffers) => this.script.take(message, buffers[0]),
    surfaces: (message) => this.takeList(message),
    surface: (message, buffers) => this.takeSurface(message, buffers[0] as Uint8Array),
    volume3d: (message, buffers) => this.takeVolume(message, buffers[0] as Uint8Array),
  };
  private readonly asked = signal(false);
  private readonly kernel: Pick<Kernel, "send" | "client">;
  private readonly context: Context;
  private readonly surfacePieces = new Pieces();
  private readonly volumePieces = new Pieces();
  private panes = 0;
  private stop: () => void = () => {};

  constructor(kernel: Pick<Kernel, "send" | "client">, context: Context) {
    this.kernel = kernel;
    this.context = context;
    this.script = new View3dScript(() => kernel.send({ type: "view3d", client: kernel.client }));
  }

  /** A pane is open; call what is returned when it closes. Nothing is asked for without one. */
  show(): () => void {
    this.script.want();
    if (this.panes++ === 0) this.stop = this.watch();
    return () => {
      if (--this.panes > 0) return;
      this.stop();
      this.halt();
      this.stopped.value = false;
    };
  }

  /** Give up what is on its way; what has come stays. */
  giveUp(): void {
    if (this.busy.peek()) this.stopped.value = true;
    this.halt();
  }

  /** Ask for the rest of what was given up. */
  goOn(): void {
    this.stopped.value = false;
    this.askSurfaces();
    this.askVolume();
  }

  onClose(): void {
    this.surfaces.value = new Map();
    this.volume.value = null;
    this.left.value = null;
    this.awaited.value = false;
    this.asked.value = false;
    this.stopped.value = false;
  }

  private halt(): void {
    const { kernel } = this;
    if (this.busy.peek()) kernel.send({ type: "stop3d", client: kernel.client });
    this.asked.value = false;
    this.awaited.value = false;
  }

  private watch(): () => void {
    const { image, draft, display } = this.context;
    const stops = [
      settled(
        () => [image.header.value, draft.version.value],
        () => this.askSurfaces(),
      ),
      settled(
        () => [image.header.value, display.window.value, this.content.value],
        () => this.askVolume(),
      ),
    ];
    return () => {
      for (const stop of stops) stop();
    };
  }

  private askSurfaces(): void {
    const { kernel } = this;
    const { header, epoch } = this.context.image;
    if (!header.peek() || this.stopped.peek()) return;
    this.asked.value = true;
    this.left.value = null;
    const known = Object.fromEntries([...this.surfaces.peek()].map(([value, { version }]) => [value, version]));
    kernel.send({ type: "surfaces", client: kernel.client, epoch, known });
  }

  private askVolume(): void {
    const { kernel } = this;
    const { image, display } = this.context;
    if (!image.header.peek() || this.stopped.peek() || this.content.peek() === "surfaces") return;
    const window = [...display.window.peek()] as [number, number];
    this.awaited.value = this.volume.peek() === null;
    kernel.send({ type: "volume3d", client: kernel.client, epoch: image.epoch, window });
  }

  private takeList({ labels, left }: Extract<Tell, { type: "surfaces" }>): void {
    const gone = [...this.surfaces.peek().keys()].filter((value) => !labels.includes(value));
    if (gone.length > 0) {
      const kept = new Map(this.surfaces.peek());
      for (const value of gone) kept.delete(value);
      this.surfaces.value = kept;
    }
    this.left.value = left;
  }

  private takeSurface(message: Extract<Tell, { type: "surface" }>, data: Uint8Array): void {
    const bytes = this.surfacePieces.take(message, data);
    if (!bytes) return;
    const cut = message.vertices * 12;
    const vertices = asVoxels(bytes.subarray(0, cut), "float32") as Float32Array;
    const faces = new Uint32Array(bytes.slice(cut).buffer);
    const mesh = { version: message.version, vertices, faces };
    this.surfaces.value = new Map(this.surfaces.peek()).set(message.value, mesh);
  }

  private takeVolume(message: Extract<Tell, { type: "volume3d" }>, data: Uint8Array): void {
    const voxels = this.volumePieces.take(message, data);
    if (!voxels) return;
    this.volume.value = { shape: message.shape, affine: message.affine, data: voxels };
    this.awaited.value = false;
  }
}

/** Call `act` at once for the first image, and whenever what `read` reads has not changed for a while. */
function settled(read: () => unknown[], act: () => void): () => void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let before: unknown;
  let acted = false;
  const stop = effect(() => {
    const [subject] = read();
    clearTimeout(timer);
    const wait = acted && subject === before ? SETTLED_MS : 0;
    [before, acted] = [subject, true];
    timer = setTimeout(act, wait);
  });
  return () => {
    stop();
    clearTimeout(timer);
  };
}
