import { expect, it } from "vitest";
import { updateStaticOutput } from "../text/staticOutput";
import { type JobTell, JobView } from "./jobView";

const html = (job: string, state: string) => `<div data-jlabel-job="${job}">${state}</div>`;

/** A notebook of cells with outputs, as JupyterLab gives it to widgets. */
function notebook(...cells: Record<string, unknown>[][]) {
  const held = cells.map((outputs) => outputs.map((data) => ({ data })));
  const asList = (outputs: { data: Record<string, unknown> }[]) => ({
    length: outputs.length,
    get: (place: number) => outputs[place],
    set: (place: number, output: { data: Record<string, unknown> }) => {
      outputs[place] = output;
    },
  });
  const list = { length: held.length + 1, get: (place: number) => ({ outputs: held[place] && asList(held[place]) }) };
  return { manager: { context: { model: { cells: list } } }, held };
}

it("renews the text of its job wherever the notebook has it, and no other output", () => {
  const other = { "text/plain": "5" };
  const { manager, held } = notebook(
    [other, { "text/html": html("a", "running") }],
    [
      { "text/html": [html("b", "running")] },
      { "text/html": [html("a", "running").slice(0, 9), html("a", "running").slice(9)] },
    ],
  );
  const data = { "text/html": html("a", "done"), "text/plain": "done" };
  updateStaticOutput(manager, 'data-jlabel-job="a"', data);
  expect(held[0]).toEqual([{ data: other }, { output_type: "display_data", data, metadata: {} }]);
  expect(held[1]?.map(({ data }) => data)).toEqual([{ "text/html": [html("b", "running")] }, data]);
});

it("leaves a text alone that is the same already, so that nothing is to be saved", () => {
  const { manager, held } = notebook([{ "text/html": [html("a", "done")] }]);
  const before = held[0]?.[0];
  updateStaticOutput(manager, 'data-jlabel-job="a"', { "text/html": html("a", "done") });
  expect(held[0]?.[0]).toBe(before);
});

it.each([undefined, {}, { context: null }, { context: { model: {} } }])("does without a notebook: %j", (manager) => {
  expect(() => updateStaticOutput(manager, 'data-jlabel-job="a"', {})).not.toThrow();
});

it("is told by the kernel", () => {
  const { manager, held } = notebook([{ "text/html": html("a", "running") }]);
  let receive: (message: JobTell) => void = () => {};
  const view = new JobView({
    send: () => {},
    on: (_, handler) => {
      receive = handler;
    },
    off: () => {},
    widget_manager: manager,
  });
  const data = { "text/html": html("a", "done") };
  receive({ type: "still", data });
  expect(held[0]?.[0]?.data).not.toEqual(data);
  const job = { id: "a", state: "done" } as Extract<JobTell, { type: "job" }>["job"];
  receive({ type: "job", job, rows: [], whole: true });
  receive({ type: "still", data });
  expect(held[0]?.[0]?.data).toEqual(data);
  view.close();
});
