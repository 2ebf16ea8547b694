// What readers without a kernel see of a job or a loop lies beside its panel in the notebook; here it is renewed. The
// kernel does so by the output's display id too, but a page that was reloaded does not know that any more.

/** As far as it is needed, what JupyterLab and Notebook 7 give widgets of their notebook; others give less, or nothing. */
interface NotebookManager {
  context?: { model?: { cells?: List<{ outputs?: Outputs }> } };
}
interface List<T> {
  length: number;
  get(place: number): T;
}
interface Outputs extends List<{ data?: Record<string, unknown> }> {
  set(place: number, output: unknown): void;
}

export type StaticData = Record<string, unknown>;

/** Put `data` in the place of the text that has that mark, such as `data-jlabel-job="…"`, wherever the notebook has it. */
export function updateStaticOutput(manager: unknown, mark: string, data: StaticData): void {
  const cells = (manager as NotebookManager | undefined)?.context?.model?.cells;
  if (!cells) return;
  for (let place = 0; place < cells.length; place++) updateIn(cells.get(place)?.outputs, mark, data);
}

function updateIn(outputs: Outputs | undefined, mark: string, data: StaticData): void {
  for (let place = 0; outputs && place < outputs.length; place++) {
    const html = textOf(outputs.get(place)?.data?.["text/html"]);
    if (!html.includes(mark) || html === textOf(data["text/html"])) continue;
    outputs.set(place, { output_type: "display_data", data, metadata: {} });
  }
}

/** Notebooks keep long texts as lists of lines. */
function textOf(value: unknown): string {
  return Array.isArray(value) ? value.join("") : typeof value === "string" ? value : "";
}
