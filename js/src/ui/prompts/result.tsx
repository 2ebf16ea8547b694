// What a model told of the open image beside a mask, as plain text.
import type { ViewState } from "../../view/viewState";

export function Result({ view }: { view: ViewState }) {
  const result = view.store.imageTags.result.value;
  if (result === null) return null;
  return (
    <details class="jl-result">
      <summary>Result of {result.model}</summary>
      <dl>
        {result.rows.map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
    </details>
  );
}
