// Loss and Dice over the epochs, drawn by uPlot in the colours of the page.
import { useEffect, useRef } from "preact/hooks";
import uPlot from "uplot";
import { metricName } from "../text/metricName";
import type { Row } from "./jobView";

const HEIGHT = 190;

interface CurvesProps {
  rows: readonly Row[];
  /** The metric that counts, from 0 to 1, drawn against an axis of its own. */
  score: string | null;
}

export function Curves({ rows, score }: CurvesProps) {
  const place = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot | null>(null);
  useEffect(() => {
    const element = place.current as HTMLDivElement;
    const made = new uPlot(optionsFor(element, score), dataOf(rows, score), element);
    plot.current = made;
    const follow = new ResizeObserver(() => {
      if (element.clientWidth > 0) made.setSize({ width: element.clientWidth, height: HEIGHT });
    });
    follow.observe(element);
    const theme = new MutationObserver(() => made.redraw());
    theme.observe(document.body, { attributes: true, attributeFilter: ["data-jp-theme-light", "data-jp-theme-name"] });
    return () => {
      follow.disconnect();
      theme.disconnect();
      made.destroy();
    };
  }, [score]);
  useEffect(() => plot.current?.setData(dataOf(rows, score)), [rows, score]);
  const last = rows.at(-1)?.epoch ?? 0;
  const names = ["loss", ...(score === null ? [] : [metricName(score)])].join(" and ");
  return <div ref={place} class="jlj-curves" role="img" aria-label={`Curves of ${names} up to epoch ${last}`} />;
}

/** Epochs, losses and scores; null where there is none. */
export function dataOf(rows: readonly Row[], score: string | null): uPlot.AlignedData {
  const values = (name: string) => rows.map((row) => row[name] ?? null);
  const epochs = rows.map(({ epoch }) => epoch);
  return score === null ? [epochs, values("loss")] : [epochs, values("loss"), values(score)];
}

function optionsFor(element: HTMLElement, score: string | null): uPlot.Options {
  const color = (name: string) => () => getComputedStyle(element).getPropertyValue(name).trim();
  const [ink, grid] = [color("--jlj-ink-soft"), color("--jlj-line")];
  const axis = {
    stroke: ink,
    grid: { stroke: grid, width: 1 },
    ticks: { stroke: grid, width: 1 },
    font: "11px sans-serif",
  };
  const line = (label: string, scale: string, name: string): uPlot.Series => ({
    label,
    scale,
    stroke: color(name),
    width: 2,
    spanGaps: true,
    points: { show: true, size: 5, fill: color(name) },
    value: (_, value) => (value === null ? "–" : value.toPrecision(4)),
  });
  const scored = score === null ? [] : [line(metricName(score), "score", "--jlj-score")];
  const right = {
    ...axis,
    scale: "score",
    side: 1 as const,
    size: 44,
    grid: { show: false },
    stroke: color("--jlj-score"),
  };
  return {
    width: Math.max(200, element.clientWidth),
    height: HEIGHT,
    legend: { markers: { stroke: (_, place) => (place === 1 ? "var(--jlj-loss)" : "var(--jlj-score)") } },
    cursor: { drag: { x: false, y: false }, y: false },
    scales: { x: { time: false }, loss: {}, score: { range: [0, 1] } },
    series: [
      { label: "Epoch", value: (_, epoch) => (epoch === null ? "–" : String(epoch)) },
      line("Loss", "loss", "--jlj-loss"),
      ...scored,
    ],
    axes: [
      { ...axis, size: 30, incrs: [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000] },
      { ...axis, scale: "loss", size: 48, stroke: color("--jlj-loss") },
      ...(score === null ? [] : [right]),
    ],
  };
}
