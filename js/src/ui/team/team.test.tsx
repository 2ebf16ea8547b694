// @vitest-environment happy-dom
import { render } from "preact";
import { afterEach, expect, it } from "vitest";
import { HEADER, opened, STATE } from "../../../test/fixtures";
import type { LeaseInfo, State, Tell, VerdictInfo } from "../../protocol";
import { ViewState } from "../../view/viewState";
import { save } from "../actions/commands";
import { Header } from "../images/header";
import { Reason } from "../images/reason";
import { Messages } from "../panels/messages";
import { Panels } from "../panels/panels";

const settled = () => new Promise((resolve) => setTimeout(resolve, 20));
const BENS: LeaseInfo = {
  holder: "<b>ben</b>",
  mine: false,
  purpose: "label",
  since: "2026-01-02T03:04:05Z",
  lost: false,
};
const BACK: VerdictInfo = {
  verdict: "sent_back",
  reviewer: "cleo",
  time: "2026-01-02T03:04:05Z",
  comment: "the <i>tail</i> is missing",
  place: [5, 4, 3],
  version: 2,
  author: "mia",
};

async function shown(first: Partial<State> = {}) {
  const kernel = opened();
  const view = new ViewState(kernel.store);
  const root = document.body.appendChild(document.createElement("div"));
  render(
    <>
      <Header view={view} />
      <Reason view={view} />
      <Panels view={view} />
      <Messages view={view} />
    </>,
    root,
  );
  const told = async (more: Partial<State>) => {
    kernel.tell({ type: "state", state: { ...STATE, ...more } });
    await settled();
  };
  await told(first);
  const find = <E extends HTMLElement = HTMLElement>(selector: string) => root.querySelector<E>(selector);
  const click = async (selector: string) => {
    find(selector)?.click();
    await settled();
  };
  const type = async (field: HTMLInputElement | null, text: string) => {
    if (!field) throw new Error("there is no such field");
    field.value = text;
    field.dispatchEvent(new Event("input", { bubbles: true }));
    await settled();
  };
  const press = async (field: HTMLInputElement | null, key: string) => {
    field?.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true }));
    await settled();
  };
  const asked = (kind: Parameters<typeof kernel.said>[0]) => kernel.said(kind).map(({ ask }) => ask);
  return { ...kernel, view, root, told, find, click, type, press, asked };
}

afterEach(() => document.body.replaceChildren());

it("says who works on the image, as text, and lets the person take it over or go on", async () => {
  const { find, click, asked, told } = await shown({ lease: BENS });
  expect(find("[data-lease]")?.textContent).toContain("<b>ben</b> works on this image, since");
  await click('[data-answer="take-over"]');
  expect(asked("take_over_image")).toEqual([{ type: "take_over_image", epoch: 1 }]);
  await click('[data-answer="leave"]');
  expect(asked("next")).toHaveLength(1);
  await told({ lease: { ...BENS, mine: true } });
  expect(find("[data-lease]")).toBeNull();
});

it("asks before it saves beside somebody's work, and not where the image was the person's", async () => {
  const { view, find, click, asked, told } = await shown({ lease: BENS, dirty: true });
  save(view);
  await settled();
  expect(asked("save")).toEqual([]);
  await click('[data-answer="stay"]');
  save(view);
  await settled();
  expect(find('[role="alertdialog"]')?.textContent).toContain("Both versions are kept");
  await click('[data-answer="anyway"]');
  expect(asked("save")).toEqual([{ type: "save", anyway: true, epoch: 1 }]);
  await told({ lease: { ...BENS, lost: true }, dirty: true });
  expect(find("[data-lease]")?.textContent).toContain("both versions are kept");
  save(view);
  expect(asked("save")[1]).toEqual({ type: "save", epoch: 1 });
});

it("shows what a reviewer wants changed, and the place", async () => {
  const { find, click, store, told } = await shown({ verdict: BACK });
  expect(find("[data-verdict]")?.textContent).toContain("cleo sent version 2 back: the <i>tail</i> is missing");
  await click('[data-answer="go-to-place"]');
  expect(store.display.cursor.value).toEqual([5, 4, 3]);
  await told({ verdict: { ...BACK, verdict: "accepted", comment: "", place: null } });
  expect(find("[data-verdict]")).toBeNull();
  expect(find('[data-part="verdict-chip"]')?.textContent).toBe("Accepted");
});

it("gives verdicts in a review for them: accepted, or sent back with a comment at the crosshair", async () => {
  const review = { place: 1, total: 1, order: "waiting" } as const;
  const { find, click, type, press, asked, store, view, told } = await shown({ review });
  expect(find('[data-action="looks-right"]')?.textContent).toBe("Accept");
  await click('[data-action="looks-right"]');
  expect(asked("accept_label")).toEqual([{ type: "accept_label", epoch: 1 }]);
  const field = () => find<HTMLInputElement>('[data-part="verdict"] input[type="text"]');
  expect(find<HTMLButtonElement>('[data-action="send-label-back"]')?.disabled).toBe(true);
  store.display.moveCursor([2, 3, 1], HEADER.shape);
  await type(field(), " too small ");
  await press(field(), "Enter");
  await click('[data-part="verdict"] input[type="checkbox"]');
  await click('[data-action="send-label-back"]');
  expect(asked("send_label_back")).toEqual([
    { type: "send_label_back", comment: "too small", place: [2, 3, 1], epoch: 1 },
    { type: "send_label_back", comment: "too small", epoch: 1 },
  ]);
  await told({ review, dirty: true });
  await click('[data-action="looks-right"]');
  expect([asked("accept_label").length, view.leaving.value?.type]).toEqual([1, "accept_label"]);
  await told({ review: { ...review, place: 0 } });
  expect([field()?.value, field()?.disabled]).toEqual(["", true]);
  expect(find<HTMLButtonElement>('[data-action="send-label-back"]')?.disabled).toBe(true);
  expect(find('[data-part="reason"]')?.textContent).toContain("Next opens a label that waits for a verdict");
  await told({ review: { ...review, order: "suspicious" } });
  expect(find('[data-part="verdict"]')).toBeNull();
});

it("asks once who labels here", async () => {
  const { find, click, type, press, asked, told } = await shown({ annotator: { name: "root", known: false } });
  const field = find<HTMLInputElement>("[data-annotator] input");
  await press(field, "Enter");
  expect(asked("set_annotator")).toEqual([]);
  await type(field, " Mia ");
  await press(field, "Enter");
  expect(asked("set_annotator")).toEqual([{ type: "set_annotator", name: "Mia" }]);
  await click('[data-answer="no-name"]');
  expect(find("[data-annotator]")).toBeNull();
  await told({ annotator: { name: "Mia", known: true } });
  expect(find("[data-annotator]")).toBeNull();
});

it("shows the notes on the image, and adds one", async () => {
  const note = { text: "motion <b>here</b>", author: "ben", time: "2026-01-02T03:04:05Z" };
  const { find, click, type, asked } = await shown({ imageNotes: [note] });
  await click('[data-action="notes"]');
  expect(find('[data-part="image-note"]')?.textContent).toContain("motion <b>here</b>ben");
  await type(find<HTMLInputElement>(".jl-image-notes input"), " low quality ");
  await click('[data-do="add-note"]');
  expect(asked("note_image")).toEqual([{ type: "note_image", text: "low quality", epoch: 1 }]);
  expect(find<HTMLInputElement>(".jl-image-notes input")?.value).toBe("");
});

it("shows who works on what, and how well readers agree once that is asked", async () => {
  const { find, click, asked, tell, store, view } = await shown();
  view.panel.value = "team";
  await settled();
  expect(asked("ask_for_team")).toHaveLength(1);
  const mia = {
    name: "mia",
    images: ["case_1"],
    since: "2026-01-02T03:04:05Z",
    labelled: 12,
    accepted: 3,
    sentBack: 1,
  };
  const counts = { toDo: 7, waiting: 2, accepted: 3, sentBack: 1, readBySeveral: 4, readByAll: 2 };
  const { client } = store.connection;
  const team: Tell = { type: "team", client, members: [mia], ...counts, agreement: [] };
  tell(team);
  await settled();
  expect(find('[data-part="team-counts"]')?.textContent).toBe(
    "7 to do · 2 waiting for a review · 3 accepted · 1 sent back",
  );
  expect(find('[data-member="mia"]')?.textContent).toBe("miacase_11231");
  await click('[data-do="compare-readers"]');
  expect(asked("ask_for_team")[1]).toEqual({ type: "ask_for_team", agreement: true });
  const agreement = [{ label: "organ", images: 2, pairs: 2, dice: 0.876, nsd: 0.91, lowestDice: 0.7 }];
  tell({ ...team, agreement });
  await settled();
  expect(find('[data-label="organ"]')?.textContent).toBe("organ20.880.910.70");
});
