// Draws the bars; apart, so that the chart library loads only where there is a chart.
import uPlot from "uplot";
import "uplot/dist/uPlot.min.css";
import { compactUsd, day as showDay } from "../../shared/format";

/** A token's colour as it is now: a canvas cannot read custom properties. */
function colour(token: string): string {
  const probe = document.createElement("span");
  probe.style.color = `var(${token})`;
  document.body.append(probe);
  const { color } = getComputedStyle(probe);
  probe.remove();
  return color;
}

/** Draws into `place`, follows its width, and returns what removes it again. */
export function drawBars(
  place: HTMLElement,
  days: { day: string; settled_micro_usd: number }[],
  height: number,
  onOver: (index: number | null) => void,
): () => void {
  const grid = { stroke: colour("--chart-grid"), width: 1 };
  const ink = colour("--text-3");
  const bars = uPlot.paths.bars?.({ size: [0.62, 28], radius: 0.25 });
  const plot = new uPlot(
    {
      width: place.clientWidth || 600,
      height,
      legend: { show: false },
      cursor: { x: false, y: false, points: { show: false }, drag: { x: false, y: false } },
      scales: { x: { time: false, range: (_plot, min, max) => [min - 0.6, max + 0.6] }, y: { range: (_plot, _min, max) => [0, max > 0 ? max * 1.08 : 1] } },
      axes: [
        {
          stroke: ink, font: "12px 'Inter Variable', sans-serif", grid: { show: false }, ticks: { show: false }, size: 26, space: 72,
          incrs: [1, 2, 5, 7, 10, 14, 30],
          values: (_plot, splits) => splits.map((at) => (days[at] ? showDay(`${days[at].day}T12:00:00Z`) : "")),
        },
        {
          stroke: ink, font: "12px 'Inter Variable', sans-serif", grid, ticks: { show: false }, size: 52, space: 44,
          values: (_plot, splits) => splits.map((usd) => (usd === 0 ? "$0" : usd < 1 ? `$${usd.toFixed(usd < 0.1 ? 3 : 2)}` : compactUsd(usd))),
        },
      ],
      series: [{}, { fill: colour("--chart-1"), stroke: colour("--chart-1"), width: 0, paths: bars, points: { show: false } }],
      hooks: { setCursor: [(chart) => onOver(chart.cursor.left !== undefined && chart.cursor.left >= 0 ? (chart.cursor.idx ?? null) : null)] },
    },
    [days.map((_each, index) => index), days.map((each) => each.settled_micro_usd / 1_000_000)],
    place,
  );
  const watcher = new ResizeObserver(() => {
    if (place.clientWidth > 0 && place.clientWidth !== plot.width) plot.setSize({ width: place.clientWidth, height });
  });
  watcher.observe(place.parentElement ?? place);
  return () => {
    watcher.disconnect();
    plot.destroy();
  };
}
