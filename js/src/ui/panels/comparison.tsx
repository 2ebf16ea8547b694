// The draft beside another label: which one, how it is shown, how well they agree, and taking it over.
import { useEffect } from "preact/hooks";
import type { AgreementRow, TagVersions } from "../../protocol";
import type { CompareBy } from "../../store/comparison";
import type { ViewState } from "../../view/viewState";
import { shortcuts, tooltip } from "../actions/keymap";
import { Button } from "../controls/button";
import { SendBack } from "./sendBack";

export function ComparisonSection({ view }: { view: ViewState }) {
  const { comparison } = view.store;
  const { header } = view.store.image;
  if (!comparison.on || !header.value) return null;
  return (
    <section class="jl-section jl-compare" aria-label="Compare">
      <h3>
        Compare
        <Button
          icon="clear"
          label="Stop comparing"
          title={tooltip(view, "compare", "Stop comparing")}
          keys={shortcuts(view, "compare")}
          action="stop-comparing"
          bare
          onClick={() => comparison.stop()}
        />
      </h3>
      <OtherPicker view={view} />
      <ByPicker view={view} />
      <Agreement view={view} />
      <TakeOver view={view} />
      <SendBack view={view} />
    </section>
  );
}

/** A saved label in words. */
export function titleOf(tag: string, version: number | null): string {
  const name = { original: "Model's label", final: "Saved label" }[tag] ?? tag;
  return version === null ? name : `${name}, version ${version}`;
}

function OtherPicker({ view }: { view: ViewState }) {
  const { comparison, versions } = view.store;
  const { state } = view.store.kernel;
  const shown = state.value?.comparing;
  useEffect(() => versions.request(), [versions, shown?.number]);
  if (!shown) return null;
  const present = JSON.stringify([shown.tag, shown.version]);
  const others = othersOf(versions.tags.value ?? []);
  if (!others.some(([key]) => key === present)) others.unshift([present, titleOf(shown.tag, shown.version)]);
  return (
    <select
      class="jl-select"
      aria-label="Compare the draft with"
      data-choose="other"
      value={present}
      onChange={(event) => {
        const [tag, version] = JSON.parse(event.currentTarget.value) as [string, number | null];
        comparison.start(tag, version);
      }}
    >
      {others.map(([key, text]) => (
        <option key={key} value={key} selected={key === present}>
          {text}
        </option>
      ))}
    </select>
  );
}

/** The labels to choose from: each tag as it is now, and its earlier versions. */
export function othersOf(tags: readonly TagVersions[]): [string, string][] {
  return tags.flatMap(({ tag, versions }) => [
    ...(versions.some(({ current }) => current)
      ? [[JSON.stringify([tag, null]), titleOf(tag, null)] as [string, string]]
      : []),
    ...versions
      .filter(({ current }) => !current)
      .map(({ number }): [string, string] => [JSON.stringify([tag, number]), titleOf(tag, number)]),
  ]);
}

const WAYS: readonly [CompareBy, string, string][] = [
  ["outline", "Outline", "Draw the other label as a light line over the draft"],
  ["sides", "Side by side", "Show the draft and the other label in panes beside each other"],
];

function ByPicker({ view }: { view: ViewState }) {
  const { by } = view.store.comparison;
  return (
    <div class="jl-row jl-ways">
      {WAYS.map(([way, text, title]) => (
        <button
          key={way}
          type="button"
          class="jl-button jl-plain"
          title={title}
          aria-pressed={by.value === way}
          data-compare-by={way}
          onClick={() => {
            by.value = way;
          }}
        >
          {text}
        </button>
      ))}
    </div>
  );
}

function Agreement({ view }: { view: ViewState }) {
  const { comparison } = view.store;
  const { state } = view.store.kernel;
  const agreement = comparison.agreement.value;
  if (!agreement) return <p class="jl-hint">Counting …</p>;
  const labels = state.value?.labels ?? [];
  const unit = agreement.millilitres === null ? "px" : "ml";
  return (
    <table class="jl-agreement">
      <thead>
        <tr>
          <th scope="col">Label</th>
          <th scope="col" title="Dice coefficient: 1 where both are the same, 0 where they share nothing">
            Dice
          </th>
          <th scope="col">Draft {unit}</th>
          <th scope="col">Other {unit}</th>
        </tr>
      </thead>
      <tbody>
        {agreement.rows.map((row) => {
          const label = labels.find(({ value }) => value === row.value);
          return (
            <tr key={row.value} data-agreement={row.value}>
              <th scope="row" title={label?.name}>
                <span class="jl-swatch" style={{ backgroundColor: label?.color ?? "transparent" }} />
                <span class="jl-name">{label?.name ?? `value ${row.value}`}</span>
              </th>
              <td data-dice={row.dice ?? ""}>{diceOf(row)}</td>
              <td>{volumeOf(row.mine, agreement.millilitres)}</td>
              <td>{volumeOf(row.other, agreement.millilitres)}</td>
            </tr>
          );
        })}
      </tbody>
    </table>
  );
}

/** Never rounded up to 1 where the two differ, nor down to 0 where they share something. */
export function diceOf({ dice, mine, other, both }: AgreementRow): string {
  if (dice === null) return "–";
  if (mine === other && both === mine) return "1";
  if (both === 0) return "0";
  return Math.min(0.999, Math.max(0.001, dice)).toFixed(3);
}

export function volumeOf(voxels: number, millilitres: number | null): string {
  if (voxels === 0) return "–";
  if (millilitres === null) return voxels.toLocaleString();
  const volume = voxels * millilitres;
  return volume >= 100 ? Math.round(volume).toLocaleString() : String(Number(volume.toPrecision(3)));
}

function TakeOver({ view }: { view: ViewState }) {
  const { store } = view;
  const value = store.choices.activeLabel?.value ?? null;
  const name = store.choices.chosen("label");
  return (
    <div class="jl-row">
      <Button
        icon="take"
        label="Take over all"
        title="Put the other label in the place of the draft; one step to undo"
        action="take-over"
        onClick={() => store.comparison.takeOver(null)}
      />
      {value !== null && (
        <Button
          icon="take"
          label={`Only ${name}`}
          title={`Take over ${name} alone; the other labels of the draft stay`}
          action="take-over-label"
          onClick={() => store.comparison.takeOver(value)}
        />
      )}
    </div>
  );
}
