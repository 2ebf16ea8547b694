import { expect, it } from "vitest";
import { HEADER, opened, STATE } from "../../test/fixtures";
import type { Header } from "../protocol";
import { PlaneGeometry } from "../volume/planeGeometry";

const axial = PlaneGeometry.of(HEADER, "axial");
const sagittal = PlaneGeometry.of(HEADER, "sagittal");

function another(header: Partial<Header>) {
  const { store, tell, said } = opened();
  tell({ type: "image", epoch: 2, header: { ...HEADER, ...header } });
  return { store, tell, said, operations: store.operations };
}

it("asks for an operation on the chosen label, in the plane and slice that are shown", () => {
  const { store, said } = opened();
  store.choices.choose("label", "tumour");
  store.operations.ask("interpolate", sagittal, 3);
  expect(said("operate").map(({ ask }) => ask)).toEqual([
    { type: "operate", epoch: 1, operation: "interpolate", parameters: {}, axis: 0, slice: 3, value: 2 },
  ]);
});

it("shows the label that is edited", () => {
  const { store } = opened();
  store.display.toggleHidden(1);
  store.operations.ask("erase", axial, 0);
  expect(store.display.hidden.value.has(1)).toBe(false);
});

it("leaves a locked label, and says why", () => {
  const { store, tell, said } = opened();
  tell({ type: "state", state: { ...STATE, locked: [1] } });
  expect(store.operations.obstacle).toBe("organ is locked; unlock it to edit it");
  store.operations.ask("erase", axial, 0);
  expect(said("operate")).toHaveLength(0);
  expect(store.kernel.error.value).toBe("organ is locked; unlock it to edit it.");
  store.operations.ask("copy_slice", axial, 0, { step: 1, all: true });
  expect(said("operate")).toHaveLength(1);
});

it("does nothing to an image that is not there, or without a label", () => {
  const { store, tell, said } = opened();
  tell({ type: "state", state: { ...STATE, labels: [], label: "" } });
  expect(store.operations.obstacle).toBe("There is no label to edit");
  tell({ type: "state", state: { ...STATE, imageId: null } });
  expect(store.operations.obstacle).toBe("No image is open");
  store.operations.ask("copy_slice", axial, 0, { step: 1, all: true });
  expect(said("operate")).toHaveLength(0);
});

it("fills what is of one label in the slice, or what is alike, in 3D too", () => {
  const { store, said } = opened();
  const { operations } = store;
  operations.fill([3, 2, 1], sagittal);
  operations.fillBy.value = "intensity";
  operations.fillIn3d.value = true;
  operations.tolerance.value = 7;
  operations.reach.value = 30;
  operations.fill([3, 2, 1], axial);
  expect(said("operate").map(({ ask }) => ask)).toMatchObject([
    { operation: "fill", axis: 0, slice: 3, parameters: { seed: [3, 2, 1], extent: "slice" } },
    { axis: 2, slice: 1, parameters: { seed: [3, 2, 1], extent: "volume", tolerance: 7, radius: 30 } },
  ]);
  expect(said("operate")[0]?.ask).not.toHaveProperty("parameters.tolerance");
});

it("begins with numbers that suit the image, and keeps what was typed for others like it", () => {
  const { operations, tell } = another({ spacing: [0.8, 0.8, 3], window: [-160, 240], dtype: "int16" });
  expect(operations.radius.value).toBe(1.2);
  expect([operations.low.value, operations.high.value, operations.tolerance.value]).toEqual([40, 240, 40]);
  operations.radius.value = 5;
  const header: Header = { ...HEADER, spacing: [0.8, 0.8, 3], window: [-160, 240], dtype: "int16", id: "b" };
  tell({ type: "image", epoch: 3, header });
  expect(operations.radius.value).toBe(5);
});

it("does not round the intensities of an image that has fractions", () => {
  const { operations } = another({ window: [0, 0.0123456], dtype: "float32" });
  expect([operations.low.value, operations.high.value, operations.tolerance.value]).toEqual([0.00617, 0.0123, 0.00123]);
});

it("takes a picture as one slice", () => {
  const { operations } = another({ flat: "axial" });
  operations.extent.value = "slices";
  expect(operations.extentOf({ ...HEADER, flat: "axial" })).toBe("volume");
  expect(operations.extentOf(HEADER)).toBe("slices");
});
