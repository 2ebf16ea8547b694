// The model's curve: the score of its versions by the images that they learnt from, and the same as a table.
import { useLayoutEffect, useRef, useState } from "preact/hooks";
import { metricName } from "../text/metricName";
import { type Axis, imageAxis, onCurve, type Scored, scoreAxis, tickTexts } from "./chart";
import type { ModelPoint } from "./loopStatus";
import { scoreText } from "./loopText";

/** What is longer than its place is scrolled with keys. */
const SCROLLED_BY_KEYS = { tabIndex: 0 };
const HEIGHT = 180;
const LEAST_WIDTH = 240;
const EDGE = { left: 46, right: 18, top: 26, bottom: 38 };

export function Curve({ curve }: { curve: readonly ModelPoint[] }) {
  if (curve.length === 0) return null;
  const points = onCurve(curve);
  return (
    <figure class="jll-curve">
      <figcaption>
        <b>Model:</b> <Caption curve={curve} />
      </figcaption>
      {points.length > 0 && <Chart points={points} />}
      <Versions curve={curve} />
    </figure>
  );
}

function Caption({ curve }: { curve: readonly ModelPoint[] }) {
  const used = curve.find((point) => point.in_use);
  if (!used) return <>No version is in use.</>;
  const score = used.score === null ? "" : `: ${metricName(used.metric) || "Score"} ${scoreText(used.score)}`;
  return <>{`Version ${used.version} is in use, learnt from ${images(used.images)}${score}.`}</>;
}

function Chart({ points }: { points: readonly Scored[] }) {
  const place = useRef<HTMLDivElement>(null);
  const width = Math.max(LEAST_WIDTH, useWidth(place));
  const [x, y] = [imageAxis(points), scoreAxis(points)];
  const across = scale(x, EDGE.left, width - EDGE.right);
  const up = scale(y, HEIGHT - EDGE.bottom, EDGE.top);
  const corners = points.map((point) => `${across(point.images)},${up(point.score)}`).join(" ");
  const metric = metricName(points[0]?.metric ?? "") || "Score";
  return (
    <div ref={place} class="jll-chart">
      <svg width={width} height={HEIGHT} role="img" aria-label={spoken(metric, points)}>
        <g class="jll-grid">
          {tickTexts(y.at).map((text, at) => (
            <g key={text} transform={`translate(0 ${up(y.at[at] as number)})`}>
              <line x1={EDGE.left} x2={width - EDGE.right} />
              <text x={EDGE.left - 7} dy="0.35em" text-anchor="end">
                {text}
              </text>
            </g>
          ))}
          {tickTexts(x.at).map((text, at) => (
            <text key={text} x={across(x.at[at] as number)} y={HEIGHT - EDGE.bottom + 16} text-anchor="middle">
              {text}
            </text>
          ))}
          <text x={EDGE.left - 38} y={12}>
            {metric}
          </text>
          <text x={(EDGE.left + width - EDGE.right) / 2} y={HEIGHT - 6} text-anchor="middle">
            Images learnt from
          </text>
        </g>
        <polyline points={corners} />
        {points.map((point) => (
          <Point key={point.version} point={point} x={across(point.images)} y={up(point.score)} width={width} />
        ))}
      </svg>
    </div>
  );
}

function Point({ point, x, y, width }: { point: Scored; x: number; y: number; width: number }) {
  const anchor = x > width - 90 ? "end" : x < EDGE.left + 70 ? "start" : "middle";
  const side = anchor === "end" ? 6 : anchor === "start" ? -6 : 0;
  return (
    <g class={point.in_use ? "jll-used" : undefined} data-version={point.version}>
      <title>{`Version ${point.version}: ${scoreText(point.score)} from ${images(point.images)}`}</title>
      {point.in_use && <circle class="jll-ring" cx={x} cy={y} r={7} />}
      <circle cx={x} cy={y} r={point.in_use ? 4 : 3.5} />
      {point.in_use && (
        <text x={x + side} y={y - 12} text-anchor={anchor}>
          version {point.version}, in use
        </text>
      )}
    </g>
  );
}

function Versions({ curve }: { curve: readonly ModelPoint[] }) {
  const names = new Set(curve.map(({ metric }) => metric).filter(Boolean));
  return (
    <details class="jll-details">
      <summary>Versions of the model</summary>
      <section class="jll-scroll" aria-label="Versions of the model" {...SCROLLED_BY_KEYS}>
        <table>
          <thead>
            <tr>
              <th scope="col">Version</th>
              <th scope="col">Images</th>
              <th scope="col">{names.size === 1 ? metricName([...names][0] as string) : "Score"}</th>
              <th scope="col">In use</th>
            </tr>
          </thead>
          <tbody>
            {[...curve].reverse().map((point) => (
              <tr key={point.version}>
                <td>{point.version}</td>
                <td>{point.images}</td>
                <td>
                  {scoreText(point.score)}
                  {names.size > 1 && point.metric && ` (${metricName(point.metric)})`}
                </td>
                <td>{point.in_use ? "yes" : ""}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </section>
    </details>
  );
}

/** The curve in words. */
function spoken(metric: string, points: readonly Scored[]): string {
  const said = points.map(
    ({ version, images: from, score, in_use }) =>
      `version ${version}${in_use ? ", in use," : ""} ${scoreText(score)} from ${images(from)}`,
  );
  return `${metric} by images learnt from: ${said.slice(-10).join("; ")}`;
}

function images(count: number): string {
  return `${count} image${count === 1 ? "" : "s"}`;
}

/** From values on an axis to pixels. */
function scale({ low, high }: Axis, from: number, to: number): (value: number) => number {
  return (value) => Math.round((from + ((value - low) / (high - low)) * (to - from)) * 10) / 10;
}

/** The width of an element, in pixels. */
function useWidth(place: { current: HTMLElement | null }): number {
  const [width, setWidth] = useState(0);
  useLayoutEffect(() => {
    const element = place.current as HTMLElement;
    const look = () => setWidth(element.clientWidth);
    look();
    const follow = new ResizeObserver(look);
    follow.observe(element);
    return () => follow.disconnect();
  }, [place]);
  return width;
}
