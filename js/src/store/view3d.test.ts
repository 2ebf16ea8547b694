import { zlibSync } from "fflate";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { HEADER, opened } from "../../test/fixtures";
import type { View3dModule } from "../view3d/api";
import { Pieces } from "./pieces";
import { View3dScript } from "./view3dScript";

const MODULE = { createScene: () => ({}) } as unknown as View3dModule;

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

/** A surface of two vertices and one triangle. */
function surface(value: number, version: number) {
  const bytes = new Uint8Array(24 + 12);
  new Float32Array(bytes.buffer, 0, 6).set([1, 2, 3, 4, 5, 6]);
  new Uint32Array(bytes.buffer, 24, 3).set([0, 1, 0]);
  return { message: { type: "surface", epoch: 1, value, version, vertices: 2, piece: 0, pieces: 1 } as const, bytes };
}

describe("pieces", () => {
  const packed = zlibSync(Uint8Array.from({ length: 300 }, (_, n) => n));
  const cut = [packed.subarray(0, 5), packed.subarray(5, 20), packed.subarray(20)] as const;

  it("are put together in order", () => {
    const pieces = new Pieces();
    expect(pieces.take({ piece: 0, pieces: 3 }, cut[0])).toBeNull();
    expect(pieces.take({ piece: 1, pieces: 3 }, cut[1])).toBeNull();
    expect(pieces.take({ piece: 2, pieces: 3 }, cut[2])?.[299]).toBe(43);
  });

  it("of what was given up are forgotten", () => {
    const pieces = new Pieces();
    pieces.take({ piece: 0, pieces: 3 }, new Uint8Array(9));
    pieces.take({ piece: 0, pieces: 3 }, cut[0]);
    expect(pieces.take({ piece: 2, pieces: 3 }, cut[2])).toBeNull();
    pieces.take({ piece: 1, pieces: 3 }, cut[1]);
    expect(pieces.take({ piece: 2, pieces: 3 }, cut[2])).toHaveLength(300);
  });
});

describe("the script", () => {
  const code = zlibSync(new TextEncoder().encode("export const createScene = 1;"));

  it("is asked for once, run, and kept", async () => {
    const request = vi.fn();
    const script = new View3dScript(request, async () => MODULE);
    script.want();
    script.want();
    expect(request).toHaveBeenCalledTimes(1);
    script.take({ type: "view3d", client: "me", piece: 0, pieces: 1 }, code);
    await vi.waitFor(() => expect(script.state.value).toBe("ready"));
    expect(script.module).toBe(MODULE);
    script.want();
    expect(request).toHaveBeenCalledTimes(1);
  });

  it("fails with a reason, and can be asked for again", async () => {
    const request = vi.fn();
    const script = new View3dScript(request, () => Promise.reject(new Error("no such thing")));
    script.want();
    script.take({ type: "view3d", client: "me", piece: 0, pieces: 0, error: "it is not built" }, undefined);
    expect([script.state.value, script.problem.value]).toEqual(["failed", "it is not built"]);
    script.want();
    script.take({ type: "view3d", client: "me", piece: 0, pieces: 1 }, code);
    await vi.waitFor(() => expect(script.problem.value).toContain("no such thing"));
    script.want();
    vi.advanceTimersByTime(30_000);
    expect(script.problem.value).toContain("did not answer");
    expect(request).toHaveBeenCalledTimes(3);
  });
});

describe("what is shown in 3D", () => {
  it("is asked for only while a pane is open, and after the last change", () => {
    const { store, said } = opened();
    vi.advanceTimersByTime(2000);
    expect(said("surfaces")).toHaveLength(0);
    const close = store.view3d.show();
    vi.advanceTimersByTime(0);
    expect(said("surfaces").map(({ ask }) => ask)).toMatchObject([{ epoch: 1, known: {} }]);
    for (let n = 0; n < 5; n++) {
      store.draft.version.value++;
      vi.advanceTimersByTime(300);
    }
    expect(said("surfaces")).toHaveLength(1);
    vi.advanceTimersByTime(300);
    expect(said("surfaces")).toHaveLength(2);
    expect(said("volume3d")).toHaveLength(0);
    close();
    store.draft.version.value++;
    vi.advanceTimersByTime(2000);
    expect(said("surfaces")).toHaveLength(2);
  });

  it("keeps surfaces by version, drops those that are gone, and asks for the others alone", () => {
    const { store, tell, said } = opened();
    store.view3d.show();
    const { client } = store.connection;
    for (const [value, version] of [
      [1, 4],
      [2, 5],
    ] as const) {
      const { message, bytes } = surface(value, version);
      tell({ ...message, client }, zlibSync(bytes));
    }
    expect([...(store.view3d.surfaces.value.get(2)?.vertices ?? [])]).toEqual([1, 2, 3, 4, 5, 6]);
    expect([...(store.view3d.surfaces.value.get(2)?.faces ?? [])]).toEqual([0, 1, 0]);
    tell({ type: "surfaces", client, epoch: 1, labels: [2], left: 0 });
    expect([...store.view3d.surfaces.value.keys()]).toEqual([2]);
    store.draft.version.value++;
    vi.advanceTimersByTime(600);
    expect(said("surfaces").at(-1)?.ask).toMatchObject({ known: { 2: 5 } });
  });

  it("asks for the volume where it is wanted, and again for another window", () => {
    const { store, tell, said } = opened();
    store.view3d.show();
    store.view3d.content.value = "both";
    vi.advanceTimersByTime(600);
    expect(said("volume3d").map(({ ask }) => ask)).toMatchObject([{ window: [0, 255] }]);
    expect(store.view3d.awaited.value).toBe(true);
    const about = { shape: [2, 1, 1], affine: HEADER.affine, piece: 0, pieces: 1 } as const;
    tell(
      { type: "volume3d", client: store.connection.client, epoch: 1, ...about, shape: [2, 1, 1] },
      zlibSync(Uint8Array.of(7, 9)),
    );
    expect([...(store.view3d.volume.value?.data ?? [])]).toEqual([7, 9]);
    expect(store.view3d.awaited.value).toBe(false);
    store.display.window.value = [10, 90];
    vi.advanceTimersByTime(600);
    expect(said("volume3d").at(-1)?.ask).toMatchObject({ window: [10, 90] });
  });

  it("is stopped when the person says so, keeps what has come, and goes on when asked to", () => {
    const { store, tell, said } = opened();
    const { client } = store.connection;
    const { view3d } = store;
    view3d.show();
    view3d.giveUp();
    expect(view3d.stopped.value).toBe(false);
    vi.advanceTimersByTime(0);
    tell({ type: "surfaces", client, epoch: 1, labels: [1, 2], left: 2 });
    const { message, bytes } = surface(1, 4);
    tell({ ...message, client }, zlibSync(bytes));
    expect(view3d.busy.value).toBe(true);
    view3d.giveUp();
    expect(said("stop3d")).toHaveLength(1);
    tell({ type: "surfaces", client, epoch: 1, labels: [1, 2], left: 1 });
    expect([view3d.stopped.value, view3d.busy.value, view3d.surfaces.value.size]).toEqual([true, false, 1]);
    store.draft.version.value++;
    vi.advanceTimersByTime(2000);
    expect(said("surfaces")).toHaveLength(1);
    view3d.goOn();
    expect(said("surfaces").at(-1)?.ask).toMatchObject({ known: { 1: 4 } });
    tell({ type: "surfaces", client, epoch: 1, labels: [1, 2], left: 0 });
    expect([view3d.stopped.value, view3d.busy.value]).toEqual([false, false]);
  });

  it("is stopped by closing the pane while something is on its way, and only then", () => {
    const { store, tell, said } = opened();
    const { client } = store.connection;
    const { view3d } = store;
    const first = view3d.show();
    const second = view3d.show();
    vi.advanceTimersByTime(0);
    first();
    expect(said("stop3d")).toHaveLength(0);
    second();
    expect(said("stop3d")).toHaveLength(1);
    const again = view3d.show();
    vi.advanceTimersByTime(0);
    expect(said("surfaces")).toHaveLength(2);
    tell({ type: "surfaces", client, epoch: 1, labels: [], left: 0 });
    again();
    expect(said("stop3d")).toHaveLength(1);
  });

  it("is forgotten with the image", () => {
    const { store, tell } = opened();
    const { message, bytes } = surface(1, 1);
    tell({ ...message, client: store.connection.client }, zlibSync(bytes));
    tell({ type: "image", epoch: 2, header: { ...HEADER, id: "b.nii.gz" } });
    expect(store.view3d.surfaces.value.size).toBe(0);
    tell({ ...message, client: store.connection.client }, zlibSync(bytes));
    expect(store.view3d.surfaces.value.size).toBe(0);
  });
});
