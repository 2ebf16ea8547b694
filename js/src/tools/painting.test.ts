import { describe, expect, it } from "vitest";
import type { Position } from "../protocol";
import { HEADER, opened, STATE } from "../session/fixtures";
import type { Session } from "../session/session";
import { PlaneGeometry } from "../view/plane";
import { toolNamed } from ".";
import type { PointerSpot } from "./tool";

const AXIAL = PlaneGeometry.of(HEADER, "axial");

function spot(position: Position, more: Partial<PointerSpot> = {}): PointerSpot {
  const voxel = position.map(Math.round) as Position;
  const plain = { alternate: false, picks: false, size: 1, pixel: 0.1 };
  return { geometry: AXIAL, position, voxel, inside: true, ...plain, ...more };
}

function use(session: Session, tool: Parameters<typeof toolNamed>[0], way: PointerSpot[]): void {
  session.display.tool.value = tool;
  const gesture = toolNamed(tool).press?.(session, way[0] as PointerSpot);
  gesture?.move(way.slice(1));
  gesture?.end();
}

const click = (session: Session, position: Position, more: Partial<PointerSpot> = {}) =>
  use(session, "polygon", [spot(position, more)]);

const count = ({ mask }: Session) => [...(mask?.data ?? [])].filter((value) => value !== 0).length;

describe("painting", () => {
  it("says that the label is locked, and does nothing", () => {
    const { session, tell, said } = opened();
    tell({ type: "state", state: { ...STATE, locked: [1] } });
    use(session, "brush", [spot([3, 3, 1])]);
    expect(session.error.value).toBe("organ is locked; unlock it to paint.");
    click(session, [3, 3, 1]);
    expect(session.outline.sketch.value).toBeNull();
    use(session, "eraser", [spot([3, 3, 1])]);
    expect(said("edit").length).toBe(1);
    expect(count(session)).toBe(0);
  });

  it("reaches into the slices beside with a ball", () => {
    const { session } = opened();
    session.display.setRadius(1);
    use(session, "brush", [spot([3, 3, 1])]);
    expect(count(session)).toBe(5);
    session.brush.toggleBall();
    use(session, "eraser", [spot([3, 3, 1])]);
    use(session, "brush", [spot([3, 3, 2])]);
    expect(count(session)).toBe(7);
  });

  it("is turned round by shift: the brush erases, the eraser paints", () => {
    const { session } = opened();
    session.display.setRadius(1);
    use(session, "eraser", [spot([3, 3, 1], { alternate: true })]);
    expect(count(session)).toBe(5);
    use(session, "brush", [spot([3, 3, 1], { alternate: true })]);
    expect(count(session)).toBe(0);
  });

  it("is as large as a pen presses", () => {
    const { session } = opened();
    session.display.setRadius(2);
    use(session, "brush", [spot([3, 3, 1], { size: 0.5 })]);
    expect(count(session)).toBe(5);
  });

  it("keeps to a range of intensities, which alt and a click take from the image", () => {
    const { session, tell, said } = opened();
    const { client, brush } = session;
    session.display.setRadius(2);
    brush.toggleLimited();
    use(session, "brush", [spot([3, 3, 1])]);
    expect(session.error.value).toContain("still loading");
    tell({ type: "stream", client, epoch: 1, stream: 1, bytes: 192, pieces: 1 });
    const bytes = Uint8Array.from({ length: 192 }, (_, n) => n % 8);
    tell({ type: "piece", client, epoch: 1, stream: 1, offset: 0 }, bytes);
    brush.tolerance.value = 1;
    use(session, "brush", [spot([3, 3, 1], { picks: true, alternate: true })]);
    expect([brush.low.value, brush.high.value]).toEqual([2, 4]);
    expect(said("edit").length).toBe(0);
    use(session, "brush", [spot([4, 3, 1])]);
    for (let i = 0; i < 8; i++) expect(session.mask?.at([i, 3, 1])).toBe(i >= 2 && i <= 4 ? 1 : 0);
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
    const { session, said } = opened();
    for (const corner of corners) click(session, corner);
    click(session, [1.9, 1.5, 1]);
    expect(count(session)).toBe(4 * 3);
    expect(said("edit").map(({ ask }) => ask)).toEqual([
      { type: "edit", epoch: 1, region: [2, 2, 1, 6, 5, 2], value: 1, more: false },
    ]);
    expect(session.outline.sketch.value).toBeNull();
  });

  it("is closed by two clicks on its last corner", () => {
    const { session } = opened();
    for (const corner of [...corners, corners[3] as Position]) click(session, corner);
    toolNamed("polygon").double?.(session);
    expect(count(session)).toBe(4 * 3);
    click(session, [3, 3, 1]);
    click(session, [3, 3, 1]);
    toolNamed("polygon").double?.(session);
    expect(session.outline.sketch.value).toBeNull();
    expect(count(session)).toBe(4 * 3);
  });

  it("can be drawn in one go, and erases with shift", () => {
    const { session } = opened();
    const way = [...corners, corners[0] as Position].map((at) => spot(at));
    use(session, "polygon", way);
    expect(count(session)).toBe(4 * 3);
    const inner: Position[] = [
      [2.5, 1.5, 1],
      [5.5, 1.5, 1],
      [5.5, 4.5, 1],
      [2.5, 4.5, 1],
    ];
    use(
      session,
      "polygon",
      inner.map((at) => spot(at, { alternate: true })),
    );
    expect(count(session)).toBe(3);
  });

  it("takes its last corner back, and stays in its slice", () => {
    const { session } = opened();
    click(session, [1.5, 1.5, 1]);
    click(session, [5.5, 1.5, 1]);
    click(session, [5.5, 1.5, 2]);
    expect(session.error.value).toBe("The polygon lies in axial slice 1: go on there, or press Esc.");
    expect(session.outline.removeLast()).toBe(true);
    expect(session.outline.sketch.value?.points).toEqual([[1.5, 1.5, 1]]);
    expect(session.outline.removeLast()).toBe(true);
    expect(session.outline.removeLast()).toBe(false);
  });

  it("is given up with the tool and with the image", () => {
    const { session, tell } = opened();
    click(session, [1.5, 1.5, 1]);
    session.display.tool.value = "brush";
    expect(session.outline.giveUp()).toBe(false);
    click(session, [1.5, 1.5, 1]);
    tell({ type: "image", epoch: 2, header: { ...HEADER, id: "b.nii.gz" } });
    expect(session.outline.sketch.value).toBeNull();
  });
});
