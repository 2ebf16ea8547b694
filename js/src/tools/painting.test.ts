import { describe, expect, it } from "vitest";
import { HEADER, opened, STATE } from "../../test/fixtures";
import type { Position } from "../protocol";
import type { Store } from "../store/store";
import { PlaneGeometry } from "../volume/planeGeometry";
import { toolNamed } from ".";
import type { PointerSpot } from "./tool";

const AXIAL = PlaneGeometry.of(HEADER, "axial");

function spot(position: Position, more: Partial<PointerSpot> = {}): PointerSpot {
  const voxel = position.map(Math.round) as Position;
  const plain = { alternate: false, picks: false, size: 1, pixel: 0.1 };
  return { geometry: AXIAL, position, voxel, inside: true, ...plain, ...more };
}

function use(store: Store, tool: Parameters<typeof toolNamed>[0], way: PointerSpot[]): void {
  store.display.tool.value = tool;
  const gesture = toolNamed(tool).press?.(store, way[0] as PointerSpot);
  gesture?.move(way.slice(1));
  gesture?.end();
}

const click = (store: Store, position: Position, more: Partial<PointerSpot> = {}) =>
  use(store, "polygon", [spot(position, more)]);

const count = ({ draft }: Store) => [...(draft.mask?.data ?? [])].filter((value) => value !== 0).length;

describe("painting", () => {
  it("says that the label is locked, and does nothing", () => {
    const { store, tell, said } = opened();
    tell({ type: "state", state: { ...STATE, locked: [1] } });
    use(store, "brush", [spot([3, 3, 1])]);
    expect(store.kernel.error.value).toBe("organ is locked; unlock it to paint.");
    click(store, [3, 3, 1]);
    expect(store.polygon.sketch.value).toBeNull();
    use(store, "eraser", [spot([3, 3, 1])]);
    expect(said("edit").length).toBe(1);
    expect(count(store)).toBe(0);
  });

  it("reaches into the slices beside with a ball", () => {
    const { store } = opened();
    store.display.setRadius(1);
    use(store, "brush", [spot([3, 3, 1])]);
    expect(count(store)).toBe(5);
    store.brush.toggleBall();
    use(store, "eraser", [spot([3, 3, 1])]);
    use(store, "brush", [spot([3, 3, 2])]);
    expect(count(store)).toBe(7);
  });

  it("is turned round by shift: the brush erases, the eraser paints", () => {
    const { store } = opened();
    store.display.setRadius(1);
    use(store, "eraser", [spot([3, 3, 1], { alternate: true })]);
    expect(count(store)).toBe(5);
    use(store, "brush", [spot([3, 3, 1], { alternate: true })]);
    expect(count(store)).toBe(0);
  });

  it("tells how long its way was, wherever that led", () => {
    const { store, said } = opened();
    use(store, "brush", [spot([1, 1, 1]), spot([4, 1, 1]), spot([4, 5, 1])]);
    use(store, "brush", [spot([1, 1, 1])]);
    expect(said("edit").map(({ ask }) => (ask as { length?: number }).length)).toEqual([7, 0]);
  });

  it("is as large as a pen presses", () => {
    const { store } = opened();
    store.display.setRadius(2);
    use(store, "brush", [spot([3, 3, 1], { size: 0.5 })]);
    expect(count(store)).toBe(5);
  });

  it("keeps to a range of intensities, which alt and a click take from the image", () => {
    const { store, tell, said } = opened();
    const { client } = store.connection;
    const { brush } = store;
    store.display.setRadius(2);
    brush.toggleLimited();
    use(store, "brush", [spot([3, 3, 1])]);
    expect(store.kernel.error.value).toContain("still loading");
    tell({ type: "stream", client, epoch: 1, stream: 1, bytes: 192, pieces: 1 });
    const bytes = Uint8Array.from({ length: 192 }, (_, n) => n % 8);
    tell({ type: "piece", client, epoch: 1, stream: 1, offset: 0 }, bytes);
    brush.tolerance.value = 1;
    use(store, "brush", [spot([3, 3, 1], { picks: true, alternate: true })]);
    expect([brush.low.value, brush.high.value]).toEqual([2, 4]);
    expect(said("edit").length).toBe(0);
    use(store, "brush", [spot([4, 3, 1])]);
    for (let i = 0; i < 8; i++) expect(store.draft.mask?.at([i, 3, 1])).toBe(i >= 2 && i <= 4 ? 1 : 0);
  });
});

describe("the polygon", () => {
  const corners: Position[] = [
    [1.5, 1.5, 1],
    [5.5, 1.5, 1],
    [5.5, 4.5, 1],
    [1.5, 4.5, 1],
  ];

  it("is closed by a click on its first corner, and filled as one stroke", () => {
    const { store, said } = opened();
    for (const corner of corners) click(store, corner);
    click(store, [1.9, 1.5, 1]);
    expect(count(store)).toBe(4 * 3);
    expect(said("edit").map(({ ask }) => ask)).toEqual([
      { type: "edit", epoch: 1, region: [2, 2, 1, 6, 5, 2], value: 1, more: false, length: 14 },
    ]);
    expect(store.polygon.sketch.value).toBeNull();
  });

  it("is closed by two clicks on its last corner", () => {
    const { store } = opened();
    for (const corner of [...corners, corners[3] as Position]) click(store, corner);
    toolNamed("polygon").double?.(store);
    expect(count(store)).toBe(4 * 3);
    click(store, [3, 3, 1]);
    click(store, [3, 3, 1]);
    toolNamed("polygon").double?.(store);
    expect(store.polygon.sketch.value).toBeNull();
    expect(count(store)).toBe(4 * 3);
  });

  it("can be drawn in one go, and erases with shift", () => {
    const { store } = opened();
    const way = [...corners, corners[0] as Position].map((at) => spot(at));
    use(store, "polygon", way);
    expect(count(store)).toBe(4 * 3);
    const inner: Position[] = [
      [2.5, 1.5, 1],
      [5.5, 1.5, 1],
      [5.5, 4.5, 1],
      [2.5, 4.5, 1],
    ];
    use(
      store,
      "polygon",
      inner.map((at) => spot(at, { alternate: true })),
    );
    expect(count(store)).toBe(3);
  });

  it("takes its last corner back, and stays in its slice", () => {
    const { store } = opened();
    click(store, [1.5, 1.5, 1]);
    click(store, [5.5, 1.5, 1]);
    click(store, [5.5, 1.5, 2]);
    expect(store.kernel.error.value).toBe("The polygon lies in axial slice 1: go on there, or press Esc.");
    expect(store.polygon.removeLast()).toBe(true);
    expect(store.polygon.sketch.value?.points).toEqual([[1.5, 1.5, 1]]);
    expect(store.polygon.removeLast()).toBe(true);
    expect(store.polygon.removeLast()).toBe(false);
  });

  it("is given up with the tool and with the image", () => {
    const { store, tell } = opened();
    click(store, [1.5, 1.5, 1]);
    store.display.tool.value = "brush";
    expect(store.polygon.giveUp()).toBe(false);
    click(store, [1.5, 1.5, 1]);
    tell({ type: "image", epoch: 2, header: { ...HEADER, id: "b.nii.gz" } });
    expect(store.polygon.sketch.value).toBeNull();
  });
});
