// @vitest-environment happy-dom
import { render } from "preact";
import { afterEach, expect, it } from "vitest";
import { opened, STATE } from "../../../test/fixtures";
import { ViewState } from "../../view/viewState";
import { onKeyDown } from "../actions/keyEvents";
import { Labels } from "./labels";

const settled = () => new Promise((resolve) => setTimeout(resolve, 20));

async function shown(labels = STATE.labels, offeredLabels: string[] = []) {
  const kernel = opened();
  kernel.tell({ type: "state", state: { ...STATE, labels, offeredLabels, model: "spleen_ct" } });
  const view = new ViewState(kernel.store);
  const root = document.createElement("div");
  root.className = "jlabel";
  root.tabIndex = 0;
  root.addEventListener("keydown", (event) => onKeyDown(view, event));
  document.body.append(root);
  render(<Labels view={view} />, root);
  const find = (selector: string) => root.querySelector<HTMLElement>(selector) as HTMLElement;
  const press = async (key: string, more: KeyboardEventInit = {}) => {
    document.activeElement?.dispatchEvent(
      new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true, ...more }),
    );
    await settled();
  };
  const names = () => [...root.querySelectorAll<HTMLElement>(".jl-label")].map((row) => row.dataset.label);
  return { ...kernel, view, root, find, press, names };
}

afterEach(() => {
  document.body.replaceChildren();
});

it("is walked through with the arrow keys, which leave the slices alone", async () => {
  const { find, press, store } = await shown();
  const cursor = store.display.cursor.value;
  find('[data-label="organ"] .jl-label-name').focus();
  await press("ArrowDown");
  expect(document.activeElement).toBe(find('[data-label="tumour"] .jl-label-name'));
  expect((document.activeElement as HTMLElement).tabIndex).toBe(0);
  expect(find('[data-label="organ"] .jl-label-name').tabIndex).toBe(-1);
  await press("ArrowDown");
  await press("Home");
  expect(document.activeElement).toBe(find('[data-label="organ"] .jl-label-name'));
  expect(store.display.cursor.value).toBe(cursor);
});

it("renames in place", async () => {
  const { find, press, said } = await shown();
  find('[data-label="tumour"] .jl-label-name').focus();
  await press("F2");
  const field = find('input[aria-label="New name of tumour"]') as HTMLInputElement;
  expect(document.activeElement).toBe(field);
  field.value = "lesion";
  await press("Enter");
  expect(said("rename_label").map(({ ask }) => ask)).toEqual([{ type: "rename_label", value: 2, name: "lesion" }]);
  expect(find("input.jl-text-field")).toBeNull();
});

it("asks before it deletes, and Escape is no", async () => {
  const { find, press, said, tell } = await shown();
  tell({ type: "volumes", epoch: 1, counts: [[1, 12_345]], voxelMl: 0.001 });
  find('[data-label="organ"] .jl-label-name').focus();
  await press("Delete");
  expect(find('[role="alertdialog"]').textContent).toContain("organ has 12,345 voxels (12.3 ml) in this image.");
  await press("Escape");
  expect(find('[role="alertdialog"]')).toBeNull();
  expect(said("delete_label")).toEqual([]);
  await press("Delete");
  find('[data-answer="delete"]').click();
  expect(said("delete_label").map(({ ask }) => ask)).toEqual([{ type: "delete_label", value: 1 }]);
});

it("locks and hides the chosen label by keys", async () => {
  const { root, press, store, said } = await shown();
  root.focus();
  await press("L", { shiftKey: true });
  expect(said("lock").map(({ ask }) => ask)).toEqual([{ type: "lock", value: 1, locked: true }]);
  await press("H", { shiftKey: true });
  expect([...store.display.hidden.value]).toEqual([1]);
  await press("O", { shiftKey: true });
  expect([...store.display.hidden.value]).toEqual([1, 2]);
  await press("O", { shiftKey: true });
  expect([...store.display.hidden.value]).toEqual([]);
});

it("offers no merge and no deletion of a locked label", async () => {
  const { find, store } = await shown();
  store.paintSettings.lock(1, true);
  find('[data-label="organ"] .jl-more').click();
  await settled();
  expect((find(".jl-merge") as HTMLSelectElement).disabled).toBe(true);
});

it("offers what the chosen model finds and no label is called", async () => {
  const { find, said } = await shown(undefined, ["spleen", "liver"]);
  find('[data-action="add-label"]').click();
  await settled();
  expect(find(".jl-offered legend").textContent).toBe("spleen_ct also finds");
  find('[data-offered="liver"]').focus();
  await settled();
  find('[data-offered="liver"]').click();
  await settled();
  expect(said("add_labels").map(({ ask }) => ask)).toEqual([{ type: "add_labels", names: ["liver"] }]);
  expect(find(".jl-add-label")).toBeNull();
  find('[data-action="add-label"]').click();
  await settled();
  find("[data-offered-all]").click();
  expect(said("add_labels").at(-1)?.ask).toEqual({ type: "add_labels", names: ["spleen", "liver"] });
});

it("asks for a name alone where no model finds anything else", async () => {
  const { find, press, said } = await shown();
  find('[data-action="add-label"]').click();
  await settled();
  expect(find(".jl-offered")).toBeNull();
  (find(".jl-add-label input") as HTMLInputElement).value = "cyst";
  await press("Enter");
  expect(said("add_label").map(({ ask }) => ask)).toEqual([{ type: "add_label", name: "cyst" }]);
});

it("can be searched from twelve labels up", async () => {
  const labels = Array.from({ length: 300 }, (_, n) => ({
    name: `part ${n + 1}`,
    value: 100 * n + 1,
    color: "#ffffff",
  }));
  const few = await shown(labels.slice(0, 11));
  expect(few.find('[type="search"]')).toBeNull();
  const { find, names } = await shown(labels);
  const field = document.querySelectorAll<HTMLInputElement>('[type="search"]')[0] as HTMLInputElement;
  expect(names().length).toBe(300);
  field.value = "T 29";
  field.dispatchEvent(new Event("input", { bubbles: true }));
  await settled();
  expect(names()).toEqual(["part 29", ...Array.from({ length: 10 }, (_, n) => `part ${290 + n}`)]);
  expect(find(".jl-label kbd")).toBeNull();
});

it("is one row for all objects of a label, with the active one and a new one below it", async () => {
  const nucleus = { name: "nucleus", value: 2, color: "#e69f00", instances: true };
  const { find, tell, said, names, store } = await shown([nucleus]);
  tell({ type: "changed", state: { label: "nucleus", activeObject: 7 } });
  const counts: [number, number][] = [
    [2, 40],
    [7, 60],
  ];
  tell({ type: "volumes", epoch: 1, counts, voxelMl: null });
  await settled();
  expect(names()).toEqual(["nucleus"]);
  expect(find(".jl-size").textContent).toBe("2 objects · 100 px");
  expect(find(".jl-object-name").textContent).toBe("Object 7");
  find('[data-action="new-object"]').click();
  await settled();
  expect(find(".jl-object-name").textContent).toBe("New object …");
  tell({ type: "changed", state: { activeObject: 8 } });
  tell({ type: "ack", client: store.connection.client, seq: 1e6 });
  await settled();
  expect(find(".jl-object-name").textContent).toBe("New object");
  expect((find('[data-action="new-object"]') as HTMLButtonElement).disabled).toBe(true);
  expect(said("new_object").length).toBe(1);
});

it("switches what begins a new object, and objects off", async () => {
  const nucleus = { name: "nucleus", value: 2, color: "#e69f00", instances: true };
  const { find, root, said } = await shown([nucleus, { name: "stroma", value: 1, color: "#56b4e9" }]);
  find('[data-label="nucleus"] .jl-more').click();
  await settled();
  find('[data-switch="object-each-prompt"]').click();
  find('[data-switch="instances"]').click();
  expect(said("object_each_prompt").map(({ ask }) => ask)).toEqual([{ type: "object_each_prompt", on: false }]);
  expect(said("tell_apart").map(({ ask }) => ask)).toEqual([{ type: "tell_apart", value: 2, apart: false }]);
  find('[data-label="stroma"] .jl-more').click();
  await settled();
  const other = root.querySelector<HTMLInputElement>('[data-label="stroma"] [data-switch="instances"]');
  expect(other?.disabled).toBe(true);
});
