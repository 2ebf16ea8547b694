// One labeler in one page: what the kernel told, and what the person does about it. All views share it.
import { batch, type ReadonlySignal, type Signal, signal } from "@preact/signals";
import type { Ask, Header, Region, State, Tell } from "../protocol";
import { unpackBits, unpackMask } from "../volume/codec";
import { Mask } from "../volume/mask";
import { wholeRegion } from "../volume/region";
import type { DrawnStroke, Stroke } from "../volume/stroke";
import { Volume } from "../volume/volume";
import { Brush } from "./brush";
import { Comparing } from "./comparing";
import { Display } from "./display";
import { FirstMasks } from "./firstmasks";
import { Frames } from "./frames";
import { Gallery } from "./gallery";
import { Labels } from "./labels";
import { Link, type LinkState, type WidgetModel } from "./link";
import { Operations } from "./operations";
import { Outline } from "./outline";
import type { Patience } from "./patience";
import { Prompts } from "./prompts";
import { Rules } from "./rules";
import { tellSeen } from "./seen";
import { Solid } from "./solid";
import { PieceStream } from "./stream";
import { PendingStrokes, packed } from "./strokes";
import { Switch } from "./switch";
import { Training } from "./training";
import { Uncertain } from "./uncertain";
import { Versions } from "./versions";

/** What is meant for the image on screen, and for no other that may be open by the time it arrives. */
const BOUND: ReadonlySet<Ask["type"]> = new Set(["undo", "redo", "save", "next", "previous", "skip"]);

export interface Progress {
  text: string;
  fraction: number | null;
}

/** Takes messages of one type, for this page and the present image. */
type Handler<T extends Tell["type"]> = (message: Extract<Tell, { type: T }>, buffers: Uint8Array[]) => void;

type Choice = "model" | "strategy" | "label";

export class Session {
  // First, since the parts below say what they take.
  private readonly handlers = new Map<string, (message: never, buffers: Uint8Array[]) => void>();
  readonly display = new Display();
  readonly state: Signal<State | null> = signal(null);
  readonly header: Signal<Header | null> = signal(null);
  readonly progress: Signal<Progress | null> = signal(null);
  readonly error: Signal<string | null> = signal(null);
  /** Grows when image voxels arrive. */
  readonly voxelVersion = signal(0);
  /** Grows when the mask changes, here or in the kernel. */
  readonly maskVersion = signal(0);
  /** Where something changed that the person should see. */
  readonly look: Signal<Region | null> = signal(null);
  /** From 0 to 1: how much of the image is here. */
  readonly loaded = signal(0);
  readonly prompts = new Prompts(this);
  /** Models are told which voxels hold another label. */
  readonly othersAsBackground = new Switch(this, "others_as_background", (state) => state.othersAsBackground);
  readonly uncertain = new Uncertain(this);
  readonly rules = new Rules(this);
  readonly brush = new Brush(this);
  readonly outline = new Outline(this);
  readonly labels: Labels;
  readonly solid: Solid;
  readonly gallery: Gallery;
  readonly comparing: Comparing;
  readonly frames: Frames;
  readonly versions: Versions;
  readonly training: Training;
  readonly firstMasks: FirstMasks;
  readonly operations = new Operations(this);
  /** What was chosen here and not yet said back by the kernel. */
  readonly choices: Signal<Partial<Record<Choice, string>>> = signal({});
  /** Keys for actions that were given from Python, by the action's id. */
  readonly givenKeys: Signal<Readonly<Record<string, readonly string[]>>> = signal({});
  readonly link: ReadonlySignal<LinkState>;
  /** How much the person did that the kernel is not known to have heard. */
  readonly unheard: ReadonlySignal<number>;
  /** Whether that waits for a cell that is running. */
  readonly patience: Patience;
  readonly client = `${Date.now().toString(36)}-${Math.random().toString(36).slice(2, 10)}`;
  volume: Volume | null = null;
  mask: Mask | null = null;
  /** The stroke that is being drawn. */
  drawing: DrawnStroke | null = null;
  /** The mask message that the next drawn frame will be the first to show. */
  unseenMask: { epoch: number; acked: Record<string, number> } | null = null;

  private readonly wire: Link;
  private readonly strokes = new PendingStrokes();
  private stream: PieceStream | null = null;
  private epoch = -1;
  private greeted = false;
  /** The number of the last choice. */
  private chose = 0;
  private afterSave: Ask | null = null;
  private readonly stopSeen: () => void;

  constructor(model: WidgetModel) {
    this.wire = new Link(
      model,
      this.client,
      (message, buffers) => this.take(message, buffers),
      () => this.wire.hello(),
    );
    this.link = this.wire.state;
    this.unheard = this.wire.unheard;
    this.patience = this.wire.patience;
    this.solid = new Solid(this);
    this.labels = new Labels(this);
    this.gallery = new Gallery(this);
    this.stopSeen = tellSeen(this);
    this.comparing = new Comparing(this);
    this.frames = new Frames(this);
    this.versions = new Versions(this);
    this.training = new Training(this);
    this.firstMasks = new FirstMasks(this);
  }

  /** Said when the first view appears, so that the kernel answers on the channel that does not wait for cells. */
  greet(): void {
    if (!this.greeted) this.wire.hello();
    this.greeted = true;
  }

  close(): void {
    this.stopSeen();
    this.wire.close();
  }

  get currentEpoch(): number {
    return this.epoch;
  }

  /**
   * Something the person wants: a former error is read by now, and a waiting "save, then go on" is overtaken. Returns the
   * number that the kernel will say it has heard.
   */
  ask(message: Ask): number {
    this.error.value = null;
    if (message.type !== "save") this.afterSave = null;
    return this.wire.ask(BOUND.has(message.type) ? ({ ...message, epoch: this.epoch } as Ask) : message);
  }

  /** Something that the page needs by itself. */
  send(message: Ask): void {
    this.wire.ask(message);
  }

  choose(what: Choice, value: string): void {
    this.choices.value = { ...this.choices.value, [what]: value };
    this.chose = this.ask({ type: "choose", what, value });
  }

  chosen(what: Choice): string | null {
    return this.choices.value[what] ?? this.state.value?.[what] ?? null;
  }

  /** The value that the brush paints with, or null where there is no label. */
  get activeValue(): number | null {
    const name = this.chosen("label");
    return this.state.value?.labels.find((label) => label.name === name)?.value ?? null;
  }

  /** A part of the labeler takes the messages of a type that this class does not know itself. */
  on<T extends Tell["type"]>(type: T, handler: Handler<T>): void {
    this.handlers.set(type, handler);
  }

  /** Save the draft and, once the kernel says that it is saved, go on. */
  saveThen(next: Ask): void {
    this.afterSave = next;
    this.ask({ type: "save" });
  }

  strokeChanged(): void {
    this.maskVersion.value++;
  }

  /** The pointer is up: the stroke that is painted here goes to the kernel. */
  commit(stroke: Stroke | null): void {
    this.drawing = null;
    this.afterSave = null;
    if (stroke) this.sendStroke(stroke);
  }

  fail(text: string): void {
    this.afterSave = null;
    this.error.value = text;
  }

  /** One step of undo, in as many messages as it takes. */
  private sendStroke(stroke: Stroke): void {
    const parts = packed(stroke);
    for (const [index, { part, bytes }] of parts.entries()) {
      const more = index < parts.length - 1;
      const { region, value } = part;
      this.strokes.add(part, this.wire.ask({ type: "edit", epoch: this.epoch, region, value, more }, [bytes]));
    }
  }

  private take(message: Tell, buffers: Uint8Array[]): void {
    if (!this.concerns(message)) return;
    try {
      batch(() => this.handle(message, buffers));
    } catch (error) {
      this.fail(`The browser could not take a "${message.type}" message: ${(error as Error).message}`);
    }
  }

  /** Whether it is for this page, and for the image that is open here. */
  private concerns(message: Tell): boolean {
    if (message.type === "image") return message.client === undefined || message.client === this.client;
    if ("epoch" in message && message.epoch !== this.epoch) return false;
    return message.type === "edited" || !("client" in message) || message.client === this.client;
  }

  private handle(message: Tell, buffers: Uint8Array[]): void {
    switch (message.type) {
      case "state":
        return this.takeState(message.state);
      case "image":
        return this.takeImage(message);
      case "slice":
        this.volume?.putSlice(message.normal, message.index, buffers[0] as Uint8Array);
        this.voxelVersion.value++;
        return;
      case "stream":
        return this.takeStream(message);
      case "piece":
        return this.takePiece(message, buffers[0] as Uint8Array);
      case "mask":
        return this.takeMask(message, buffers[0] as Uint8Array);
      case "edited":
        return this.takeEdited(message, buffers[0]);
      case "heard":
        return this.takeHeard(message.seq);
      case "look":
        this.look.value = message.region;
        return;
      case "error":
        this.prompts.unsend();
        this.othersAsBackground.forget();
        this.uncertain.shown.forget();
        this.rules.forget();
        this.frames.forget();
        this.choices.value = {};
        return this.fail(message.text);
      case "progress":
        this.progress.value = { text: message.text, fraction: message.fraction };
        return;
      default:
        this.handlers.get((message as Tell).type)?.(message as never, buffers);
    }
  }

  /** What was asked up to this number is done or refused, so what the kernel says holds again. */
  private takeHeard(seq: number): void {
    this.strokes.confirmThrough(seq);
    this.rules.takeHeard(seq);
    if (seq >= this.chose) this.choices.value = {};
  }

  private takeState(state: State): void {
    const { saving: before } = this.state.value ?? state;
    this.state.value = state;
    if (state.imageId === null) this.forgetImage();
    if (state.busy !== this.progress.value?.text) this.progress.value = null;
    const waiting = Object.entries(this.choices.value).filter(([what, value]) => state[what as Choice] !== value);
    this.choices.value = Object.fromEntries(waiting);
    this.prompts.autoRun.takeState(state);
    this.othersAsBackground.takeState(state);
    this.uncertain.takeState(state);
    this.rules.takeState(state);
    this.comparing.takeState(state);
    if (this.afterSave && !state.dirty) {
      const next = this.afterSave;
      this.afterSave = null;
      this.ask(next);
    } else if (before && !state.saving) {
      // It was given up, here or in another view.
      this.afterSave = null;
    }
  }

  private takeImage({ epoch, header, client }: Extract<Tell, { type: "image" }>): void {
    if (epoch < this.epoch) return;
    const same = epoch === this.epoch && this.header.value?.id === header.id;
    if (same) {
      // The answer to this page's own hello: after a lost connection the mask comes again, whole.
      if (client === undefined) return;
      this.frames.take(header.frame ?? 0);
      return this.refreshMask();
    }
    this.forgetImage();
    this.epoch = epoch;
    this.volume = new Volume(header);
    this.mask = new Mask(header.shape, header.maskDtype);
    this.error.value = null;
    this.display.open(header);
    this.frames.open(header.frame ?? 0);
    this.header.value = header;
    this.voxelVersion.value++;
    this.maskVersion.value++;
  }

  /** Other voxels of the same image come: what is under way does not belong here any more. */
  streamAnew(): void {
    this.stream = null;
    this.volume?.expectAnew();
    this.loaded.value = 0;
    this.voxelVersion.value++;
  }

  /** Lets go of the former image before the next one takes its memory. */
  private forgetImage(): void {
    this.strokes.forget();
    this.drawing = null;
    this.outline.giveUp();
    this.stream = null;
    this.volume = null;
    this.mask = null;
    this.header.value = null;
    this.loaded.value = 0;
    this.prompts.forget();
    this.uncertain.forget();
    this.comparing.forget();
    this.versions.forget();
    this.look.value = null;
    this.solid.forget();
    this.labels.forget();
    this.progress.value = null;
  }

  private refreshMask(): void {
    this.mask?.clear();
    this.repaint(wholeRegion(this.mask?.shape ?? [0, 0, 0]));
  }

  private takeStream(message: Extract<Tell, { type: "stream" }>): void {
    if (this.loaded.value >= 1) return;
    this.stream = new PieceStream(message, ({ epoch, stream }, count) =>
      this.wire.post({ type: "pull", client: this.client, epoch, stream, count }),
    );
    this.stream.start();
  }

  private takePiece(message: Extract<Tell, { type: "piece" }>, bytes: Uint8Array): void {
    if (!this.volume || !this.stream?.matches(message)) return;
    this.volume.putPiece(message.offset, bytes);
    this.loaded.value = this.volume.loaded;
    this.voxelVersion.value++;
    this.stream.took();
    if (this.stream.done) this.stream = null;
  }

  private takeMask(message: Extract<Tell, { type: "mask" }>, packed: Uint8Array): void {
    const { region, dtype, acked, epoch } = message;
    this.strokes.confirmThrough(acked[this.client] ?? 0);
    this.mask?.put(region, unpackMask(packed, region, dtype));
    this.unseenMask = { epoch, acked };
    this.repaint(region);
  }

  private takeEdited(message: Extract<Tell, { type: "edited" }>, bytes: Uint8Array | undefined): void {
    const { mask } = this;
    if (!mask) return;
    const { region, value } = message;
    if (message.client === this.client) this.strokes.confirm(message.seq, mask);
    else mask.paint(region, unpackBits(bytes as Uint8Array, region), value);
    this.repaint(region);
  }

  /** What this page has painted and the kernel did not know of yet lies above everything it sends. */
  private repaint(region: Region): void {
    if (!this.mask) return;
    this.strokes.repaint(this.mask, region);
    this.drawing?.repaint();
    this.maskVersion.value++;
  }
}
