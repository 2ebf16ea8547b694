// Whatever a person does, and whatever becomes of the connection: at rest the page's mask is the kernel's, voxel by voxel.
import { expect, it } from "vitest";
import { FakeKernel } from "../../test/fakeKernel";
import { HEADER } from "../../test/fixtures";
import type { Ask, Position, Region, Tell } from "../protocol";
import type { Buffer } from "../volume/codec";
import { DrawnStroke } from "../volume/stroke";
import { sweep } from "../volume/sweep";
import { createStore, type Store } from "./store";

const SEEDS = 200;

/** Numbers that look random and are the same every time (mulberry32). */
function randomFrom(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return Math.floor((((t ^ (t >>> 14)) >>> 0) / 2 ** 32) * below);
  };
}

/** A page and a kernel with a wire between them that is slow, and breaks. */
class World {
  readonly store: Store;
  readonly kernel: FakeKernel;
  readonly random: (below: number) => number;
  readonly slips: string[] = [];
  private up: [Ask, Uint8Array[]][] = [];
  private down: [Tell, Uint8Array[]][] = [];
  /** `broken`: the page does not know it yet. */
  private wire: "whole" | "broken" | "lost" = "whole";
  private receive: (message: Tell, buffers: Buffer[]) => void = () => {};
  private connection: (sender: unknown, status: string) => void = () => {};
  private others = 0;

  constructor(seed: number) {
    this.random = randomFrom(seed);
    this.kernel = new FakeKernel((message, ...buffers) => {
      // While the connection is lost, the server may keep what the kernel says, or not.
      if (this.wire === "whole" || this.keeps) this.down.push([message, buffers]);
    });
    this.store = createStore({
      send: (ask, _, buffers) => {
        if (this.wire === "whole") this.up.push([ask as Ask, (buffers ?? []) as Uint8Array[]]);
      },
      on: (_, handler) => {
        this.receive = handler;
      },
      off: () => {},
      widget_manager: {
        kernel: {
          connectionStatusChanged: {
            connect: (slot: World["connection"]) => {
              this.connection = slot;
            },
          },
        },
      },
    });
    this.store.connection.viewShown();
  }

  private keeps = false;

  deliverUp(): void {
    const next = this.up.shift();
    if (next) this.kernel.take(...next);
  }

  deliverDown(): void {
    const next = this.down.shift();
    if (next) this.receive(...next);
  }

  break(): void {
    if (this.wire !== "whole") return;
    this.wire = "broken";
    this.keeps = this.random(2) === 0;
    this.up = this.up.slice(0, this.random(this.up.length + 1));
    if (!this.keeps) this.down = this.down.slice(0, this.random(this.down.length + 1));
  }

  notice(): void {
    if (this.wire !== "broken") return;
    this.wire = "lost";
    this.connection(null, "connecting");
  }

  mend(): void {
    this.notice();
    if (this.wire !== "lost") return;
    this.wire = "whole";
    this.connection(null, "connected");
  }

  rest(): void {
    this.mend();
    while (this.up.length + this.down.length > 0) {
      this.deliverUp();
      this.deliverDown();
    }
  }

  private point(normal: number, slice: number): Position {
    const at = HEADER.shape.map((n) => this.random(n * 10) / 10) as Position;
    at[normal] = slice;
    return at;
  }

  /** Draw a stroke, perhaps with something of the kernel's coming under it. */
  paint(): void {
    const { store, random } = this;
    const { mask } = store.draft;
    const value = random(3);
    if (!mask || store.paintSettings.isLocked(value)) return;
    const rules = store.paintSettings.rules.peek();
    const stroke = new DrawnStroke(mask, value, { rules });
    store.draft.drawing = stroke;
    const normal = random(3);
    const slice = random(HEADER.shape[normal] as number);
    const tip = { normal, radius: 0.3 + random(25) / 10, ball: random(2) === 0 };
    let last = this.point(normal, slice);
    for (let n = random(4); n >= 0; n--) {
      const before = Uint8Array.from(mask.data);
      const to = this.point(normal, slice);
      sweep(stroke, HEADER.spacing, tip, last, to);
      last = to;
      for (const [at, was] of before.entries())
        if (rules.locked.has(was) && mask.data[at] !== was) this.slips.push(`${was} became ${mask.data[at]}`);
      if (random(4) === 0) this.deliverDown();
    }
    store.draft.commit(stroke.finish());
  }

  region(): Region {
    const { random } = this;
    const sides = HEADER.shape.map((n) => [random(n), random(n)].sort((a, b) => a - b));
    const [low, high] = [sides.map(([a = 0]) => a), sides.map(([, b = 0]) => b + 1)];
    return [...low, ...high] as Region;
  }

  elsewhere(): void {
    const region = this.region();
    const size = region.slice(3).reduce((product, high, axis) => product * (high - (region[axis] as number)), 1);
    const bits = Uint8Array.from({ length: size }, () => this.random(2));
    this.kernel.stroke("other", ++this.others, region, bits, this.random(3));
  }
}

/** What may happen, the frequent more than once. */
const EVENTS: readonly ((world: World) => void)[] = [
  (world) => world.paint(),
  (world) => world.paint(),
  (world) => world.paint(),
  ...Array.from({ length: 6 }, () => (world: World) => world.deliverUp()),
  ...Array.from({ length: 8 }, () => (world: World) => world.deliverDown()),
  (world) => world.break(),
  (world) => world.notice(),
  (world) => world.mend(),
  (world) => world.store.kernel.ask({ type: "undo" }),
  (world) => world.store.kernel.ask({ type: "undo" }),
  (world) => world.store.kernel.ask({ type: "redo" }),
  (world) => world.store.paintSettings.lock(1 + world.random(2), world.random(2) === 0),
  (world) => world.store.paintSettings.paintOverBackground(world.random(2) === 0),
  (world) => world.store.choices.choose("label", world.random(2) === 0 ? "organ" : "tumour"),
  (world) => world.kernel.answer(world.region(), 1 + world.random(2)),
  (world) => world.kernel.lock(1 + world.random(2), world.random(2) === 0),
  (world) => world.elsewhere(),
];

it("agrees with the kernel after anything", { timeout: 60_000 }, () => {
  for (let seed = 1; seed <= SEEDS; seed++) {
    const world = new World(seed);
    for (let n = 0; n < 80; n++) EVENTS[world.random(EVENTS.length)]?.(world);
    world.rest();
    const { store, kernel } = world;
    const differs = kernel.mask.data.findIndex((value, at) => store.draft.mask?.data[at] !== value);
    expect(differs, `seed ${seed}: a voxel that differs`).toBe(-1);
    expect(store.connection.unacked.value).toBe(0);
    expect(kernel.handled).toEqual(kernel.handled.map((_, n) => n + 1));
    expect(store.kernel.state.value).toMatchObject({ label: kernel.label, overBackground: kernel.overBackground });
    expect(new Set(store.paintSettings.rules.value.locked)).toEqual(kernel.locked);
    expect(store.choices.chosen("label")).toBe(kernel.label);
    expect([...kernel.broken, ...world.slips]).toEqual([]);
  }
});
