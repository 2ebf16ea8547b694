import { zlibSync } from "fflate";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { View3dModule } from "../view3d/api";
import { HEADER, opened } from "./fixtures";
import { Pieces } from "./pieces";
import { Script3d } from "./script3d";

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
    const script = new Script3d(request, async () => MODULE);
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
    const script = new Script3d(request, () => Promise.reject(new Error("no such thing")));
    script.want();
    script.take({ type: "view3d", client: "me", error: "it is not built" }, undefined);
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
    const { session, said } = opened();
    vi.advanceTimersByTime(2000);
    expect(said("surfaces")).toHaveLength(0);
    const close = session.solid.show();
    vi.advanceTimersByTime(0);
    expect(said("surfaces").map(({ ask }) => ask)).toMatchObject([{ epoch: 1, known: {} }]);
    for (let n = 0; n < 5; n++) {
      session.maskVersion.value++;
      vi.advanceTimersByTime(300);
    }
    expect(said("surfaces")).toHaveLength(1);
    vi.advanceTimersByTime(300);
    expect(said("surfaces")).toHaveLength(2);
    expect(said("volume3d")).toHaveLength(0);
    close();
    session.maskVersion.value++;
    vi.advanceTimersByTime(2000);
    expect(said("surfaces")).toHaveLength(2);
  });

  it("keeps surfaces by version, drops those that are gone, and asks for the others alone", () => {
    const { session, tell, said } = opened();
    session.solid.show();
    const { client } = session;
    for (const [value, version] of [
      [1, 4],
      [2, 5],
    ] as const) {
      const { message, bytes } = surface(value, version);
      tell({ ...message, client }, zlibSync(bytes));
    }
    expect([...(session.solid.surfaces.value.get(2)?.vertices ?? [])]).toEqual([1, 2, 3, 4, 5, 6]);
    expect([...(session.solid.surfaces.value.get(2)?.faces ?? [])]).toEqual([0, 1, 0]);
    tell({ type: "surfaces", client, epoch: 1, labels: [2], left: 0 });
    expect([...session.solid.surfaces.value.keys()]).toEqual([2]);
    session.maskVersion.value++;
    vi.advanceTimersByTime(600);
    expect(said("surfaces").at(-1)?.ask).toMatchObject({ known: { 2: 5 } });
  });

  it("asks for the volume where it is wanted, and again for another window", () => {
    const { session, tell, said } = opened();
    session.solid.show();
    session.solid.content.value = "both";
    vi.advanceTimersByTime(600);
    expect(said("volume3d").map(({ ask }) => ask)).toMatchObject([{ window: [0, 255] }]);
    expect(session.solid.awaited.value).toBe(true);
    const about = { shape: [2, 1, 1], affine: HEADER.affine, piece: 0, pieces: 1 } as const;
    tell(
      { type: "volume3d", client: session.client, epoch: 1, ...about, shape: [2, 1, 1] },
      zlibSync(Uint8Array.of(7, 9)),
    );
    expect([...(session.solid.volume.value?.data ?? [])]).toEqual([7, 9]);
    expect(session.solid.awaited.value).toBe(false);
    session.display.window.value = [10, 90];
    vi.advanceTimersByTime(600);
    expect(said("volume3d").at(-1)?.ask).toMatchObject({ window: [10, 90] });
  });

  it("is stopped when the person says so, keeps what has come, and goes on when asked to", () => {
    const { session, tell, said } = opened();
    const { client, solid } = session;
    solid.show();
    solid.giveUp();
    expect(solid.stopped.value).toBe(false);
    vi.advanceTimersByTime(0);
    tell({ type: "surfaces", client, epoch: 1, labels: [1, 2], left: 2 });
    const { message, bytes } = surface(1, 4);
    tell({ ...message, client }, zlibSync(bytes));
    expect(solid.busy.value).toBe(true);
    solid.giveUp();
    expect(said("stop3d")).toHaveLength(1);
    tell({ type: "surfaces", client, epoch: 1, labels: [1, 2], left: 1 });
    expect([solid.stopped.value, solid.busy.value, solid.surfaces.value.size]).toEqual([true, false, 1]);
    session.maskVersion.value++;
    vi.advanceTimersByTime(2000);
    expect(said("surfaces")).toHaveLength(1);
    solid.goOn();
    expect(said("surfaces").at(-1)?.ask).toMatchObject({ known: { 1: 4 } });
    tell({ type: "surfaces", client, epoch: 1, labels: [1, 2], left: 0 });
    expect([solid.stopped.value, solid.busy.value]).toEqual([false, false]);
  });

  it("is stopped by closing the pane while something is on its way, and only then", () => {
    const { session, tell, said } = opened();
    const { client, solid } = session;
    const first = solid.show();
    const second = solid.show();
    vi.advanceTimersByTime(0);
    first();
    expect(said("stop3d")).toHaveLength(0);
    second();
    expect(said("stop3d")).toHaveLength(1);
    const again = solid.show();
    vi.advanceTimersByTime(0);
    expect(said("surfaces")).toHaveLength(2);
    tell({ type: "surfaces", client, epoch: 1, labels: [], left: 0 });
    again();
    expect(said("stop3d")).toHaveLength(1);
  });

  it("is forgotten with the image", () => {
    const { session, tell } = opened();
    const { message, bytes } = surface(1, 1);
    tell({ ...message, client: session.client }, zlibSync(bytes));
    tell({ type: "image", epoch: 2, header: { ...HEADER, id: "b.nii.gz" } });
    expect(session.solid.surfaces.value.size).toBe(0);
    tell({ ...message, client: session.client }, zlibSync(bytes));
    expect(session.solid.surfaces.value.size).toBe(0);
  });
});
