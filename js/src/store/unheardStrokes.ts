// Strokes that a kernel had not heard before it ended: kept in the page, and painted again by the labeler that shows the
// same image next, in the same page.
import { effect, type Signal, signal } from "@preact/signals";
import type { Ask, Header } from "../protocol";
import type { Connection } from "./connection";
import type { Draft } from "./draft";
import type { OpenImage } from "./openImage";
import type { Slice } from "./slice";

type Edit = Extract<Ask, { type: "edit" }>;

export interface UnheardStroke {
  ask: Edit;
  bytes: Uint8Array;
}

/** Each labeler's script is loaded on its own: what they share lies with the page. By the image's stamp. */
const KEPT = Symbol.for("jlabel.unheardStrokes");

function kept(): Map<string, UnheardStroke[]> {
  const page = globalThis as unknown as Record<symbol, Map<string, UnheardStroke[]> | undefined>;
  page[KEPT] ??= new Map();
  return page[KEPT];
}

/** The strokes of what was not heard; one that was undone in the page is none. */
export function strokesOf(
  unheard: readonly { ask: Ask; buffers: Uint8Array[] }[],
  epoch: number,
): readonly UnheardStroke[] {
  const strokes: UnheardStroke[][] = [];
  let going = false;
  for (const { ask, buffers } of unheard) {
    if (ask.type === "undo") strokes.pop();
    if (ask.type !== "edit" || ask.epoch !== epoch) continue;
    const stroke = { ask, bytes: buffers[0] as Uint8Array };
    if (going) strokes.at(-1)?.push(stroke);
    else strokes.push([stroke]);
    going = ask.more === true;
  }
  return strokes.flat();
}

export class UnheardStrokes implements Slice {
  /** How many strokes were painted again for a kernel that had ended; 0 when that was read. */
  readonly repeated: Signal<number> = signal(0);
  private readonly connection: Pick<Connection, "state" | "unacked" | "unheard">;
  private readonly image: Pick<OpenImage, "header" | "epoch">;
  private readonly draft: Pick<Draft, "paintAgain">;
  private readonly stop: () => void;

  constructor(
    connection: Pick<Connection, "state" | "unacked" | "unheard">,
    image: Pick<OpenImage, "header" | "epoch">,
    draft: Pick<Draft, "paintAgain">,
  ) {
    this.connection = connection;
    this.image = image;
    this.draft = draft;
    this.stop = effect(() => {
      connection.unacked.value;
      if (connection.state.value === "dead") this.keep();
    });
  }

  onOpen(header: Header): void {
    this.repeated.value = 0;
    const strokes = kept().get(header.stamp) ?? [];
    kept().delete(header.stamp);
    for (const { ask, bytes } of strokes) this.draft.paintAgain(ask, bytes);
    this.repeated.value = strokes.filter(({ ask }) => !ask.more).length;
  }

  dispose(): void {
    this.stop();
    this.keep();
  }

  private keep(): void {
    const stamp = this.image.header.peek()?.stamp;
    const strokes = strokesOf(this.connection.unheard(), this.image.epoch);
    if (stamp && strokes.length > 0) kept().set(stamp, [...strokes]);
  }
}
