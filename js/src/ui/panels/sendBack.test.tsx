// @vitest-environment happy-dom
import { render } from "preact";
import { afterEach, expect, it } from "vitest";
import { HEADER, opened, STATE } from "../../../test/fixtures";
import type { SendBackInfo } from "../../protocol";
import { ViewState } from "../../view/viewState";
import { SendBack } from "./sendBack";

const settled = () => new Promise((resolve) => setTimeout(resolve, 20));
const BY_BOB: SendBackInfo = { origin: "CVAT, by <b>bob</b>", sending: false, sent: 0 };

async function shown(first: SendBackInfo | null = BY_BOB) {
  const kernel = opened();
  const root = document.body.appendChild(document.createElement("div"));
  render(<SendBack view={new ViewState(kernel.store)} />, root);
  const told = async (sendBack: SendBackInfo | null) => {
    kernel.tell({ type: "state", state: { ...STATE, sendBack } });
    await settled();
  };
  await told(first);
  const find = <E extends HTMLElement>(selector: string) => root.querySelector(selector) as E;
  const field = () => find<HTMLInputElement>("input");
  const button = () => find<HTMLButtonElement>('[data-action="send-back"]');
  const type = async (text: string) => {
    field().value = text;
    field().dispatchEvent(new Event("input", { bubbles: true }));
    await settled();
  };
  const press = async (key: string) => {
    field().dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true }));
    await settled();
  };
  const asked = () => kernel.said("send_back").map(({ ask }) => ask);
  /** The kernel has heard everything. */
  const ack = async () => {
    const seq = Math.max(...kernel.asks.map((one) => one.seq ?? 0));
    kernel.tell({ type: "ack", client: kernel.store.connection.client, seq });
    await settled();
  };
  return { ...kernel, root, told, find, field, button, type, press, asked, ack };
}

afterEach(() => document.body.replaceChildren());

it("shows nothing of it where the image was annotated by nobody elsewhere", async () => {
  const { root } = await shown(null);
  expect(root.textContent).toBe("");
});

it("says who is asked, as text, and sends what is typed with the voxel under the crosshair", async () => {
  const { find, button, type, asked, store } = await shown();
  expect(find('[data-part="origin"]').textContent).toContain("From CVAT, by <b>bob</b>.");
  expect(button().disabled).toBe(true);
  await type("   ");
  expect(button().disabled).toBe(true);
  await type(" the lower edge is missing ");
  store.display.moveCursor([5, 4, 3], HEADER.shape);
  button().click();
  expect(asked()).toEqual([{ type: "send_back", epoch: 1, position: [5, 4, 3], message: "the lower edge is missing" }]);
});

it("sends nothing more while a comment is on its way, and empties the field once it has arrived", async () => {
  const { field, button, type, press, asked, ack, told } = await shown();
  await type("too large");
  await press("Enter");
  expect(button().disabled).toBe(true);
  await told({ ...BY_BOB, sending: true });
  await ack();
  await press("Enter");
  expect([asked().length, button().disabled, field().readOnly, field().value]).toEqual([1, true, true, "too large"]);
  await told({ ...BY_BOB, sent: 1 });
  expect([button().disabled, field().readOnly, field().value]).toEqual([true, false, ""]);
});

it("keeps what was typed where it could not be sent, for another try", async () => {
  const { field, button, type, ack, told } = await shown();
  await type("too large");
  button().click();
  await told({ ...BY_BOB, sending: true });
  await ack();
  await told(BY_BOB);
  expect([button().disabled, field().value]).toEqual([false, "too large"]);
});

it("forgets what was typed with the image, and where somebody works on it again", async () => {
  const { field, type, tell, told } = await shown();
  await type("too large");
  tell({ type: "image", epoch: 2, header: { ...HEADER, id: "b.nii.gz" } });
  await settled();
  expect(field().value).toBe("");
  await type("too small");
  await told(null);
  await told(BY_BOB);
  expect(field().value).toBe("");
});
