import type { Fault } from "../nemeses/nemesis.js";
import type { Bucket } from "./series.js";

/** What the charts of one workload share. */
export interface ChartFrame {
  readonly endSeconds: number;
  readonly faults: readonly Fault[];
  /** Marked in every chart; null when nothing failed. */
  readonly failing: { readonly startSeconds: number; readonly endSeconds: number } | null;
}

const WIDTH = 1080;
const LEFT = 56;
const RIGHT = 12;
const PLOT_HEIGHT = 150;
const AXIS_HEIGHT = 22;
const LANE_HEIGHT = 15;
const LABEL_CHARACTER = 6.1;
const TICK_STEPS = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 1800, 3600, 7200];

type Scale = (value: number) => number;

/** The faults of a run in lanes, each with its name: above the charts, on the same axis. */
export function faultLanes({ endSeconds, faults }: ChartFrame): string {
  const x = timeScale(endSeconds);
  const lanes: number[] = [];
  const bars = faults.map((fault) => {
    const [start, end] = [x(fault.startNs / 1e9), x(fault.endNs / 1e9)];
    const width = Math.max(end - start, 2);
    const labelWidth = fault.nemesis.length * LABEL_CHARACTER + 6;
    // Beside its bar when it is wider, and to the left of it near the right edge.
    const isInside = labelWidth <= width;
    const needed = isInside ? width : width + labelWidth;
    const isTight = start + needed > WIDTH - RIGHT;
    const from = isTight ? end - needed : start;
    let lane = lanes.findIndex((taken) => taken < from);
    if (lane < 0) lane = lanes.push(0) - 1;
    lanes[lane] = from + needed + 4;
    const y = lane * LANE_HEIGHT;
    const label =
      isTight && !isInside
        ? `<text x="${round(start - 3)}" y="${y + 10}" text-anchor="end">${escape(fault.nemesis)}</text>`
        : `<text x="${round((isInside ? start : end) + 3)}" y="${y + 10}">${escape(fault.nemesis)}</text>`;
    const title = `${fault.nemesis} on ${fault.targets.join("; ")}: ${fault.evidence}`;
    const kind = fault.bit ? "fault" : "fault missed";
    return (
      `<g class="${kind}"><title>${escape(title)}</title>` +
      `<rect x="${round(start)}" y="${y}" width="${round(width)}" height="13"/>${label}</g>`
    );
  });
  const height = Math.max(1, lanes.length) * LANE_HEIGHT;
  return svg(height, "Faults over time", bars.join(""));
}

/** Operations a second over time, stacked by outcome. */
export function throughputChart(buckets: readonly Bucket[], frame: ChartFrame): string {
  const top = niceCeiling(Math.max(1, ...buckets.map(({ ok, fail, info }) => ok + fail + info)));
  const y: Scale = (value) => PLOT_HEIGHT - (value / top) * (PLOT_HEIGHT - 8);
  const x = timeScale(frame.endSeconds);
  const layers = [
    ["ok", ({ ok }: Bucket) => [0, ok]],
    ["fail", ({ ok, fail }: Bucket) => [ok, ok + fail]],
    ["info", ({ ok, fail, info }: Bucket) => [ok + fail, ok + fail + info]],
  ] as const;
  const areas = layers.map(([name, between]) => {
    const upper = stepPoints(buckets, { x, frame }, (bucket) => y(between(bucket)[1] ?? 0));
    const lower = stepPoints(buckets, { x, frame }, (bucket) => y(between(bucket)[0] ?? 0));
    return `<path class="area ${name}" d="M${upper.join("L")}L${lower.reverse().join("L")}Z"/>`;
  });
  const ticks = [0, top / 2, top].map((value) => yTick(y(value), String(round(value))));
  const legend = legendOf([
    ["ok", "ok"],
    ["fail", "refused"],
    ["info", "unknown"],
  ]);
  const body = [shading(frame), gridAndAxis(frame, ticks), ...areas, legend].join("");
  return svg(PLOT_HEIGHT + AXIS_HEIGHT, "Operations a second over time", body);
}

/** Latencies of ok operations over time, on a logarithmic scale. */
export function latencyChart(buckets: readonly Bucket[], frame: ChartFrame): string {
  const all = buckets.flatMap(({ latency }) => (latency === null ? [] : [latency]));
  const low = Math.floor(Math.log10(Math.max(0.1, Math.min(1, ...all.map(({ p50 }) => p50)))));
  const high = Math.max(low + 1, Math.ceil(Math.log10(Math.max(10, ...all.map(({ max }) => max)))));
  const y: Scale = (ms) => {
    const share = (Math.log10(Math.max(ms, 10 ** low)) - low) / (high - low);
    return PLOT_HEIGHT - share * (PLOT_HEIGHT - 8);
  };
  const x = timeScale(frame.endSeconds);
  const middle = middleOf(buckets);
  const lines = (["p50", "p99"] as const).map((name) => {
    const parts = runsOf(buckets).map((run) =>
      run
        .map(({ bucket, latency }, i) => {
          const point = `${round(x(bucket.startSeconds + middle))} ${round(y(latency[name]))}`;
          return `${i === 0 ? "M" : "L"}${point}`;
        })
        .join(""),
    );
    return `<path class="line ${name}" d="${parts.join("")}"/>`;
  });
  const dots = buckets.map(({ latency, startSeconds }) =>
    latency === null
      ? ""
      : `<circle class="max" cx="${round(x(startSeconds + middle))}" cy="${round(y(latency.max))}" r="1.6"/>`,
  );
  const ticks = Array.from({ length: high - low + 1 }, (_, i) =>
    yTick(y(10 ** (low + i)), msText(10 ** (low + i))),
  );
  const legend = legendOf([
    ["p50", "p50"],
    ["p99", "p99"],
    ["max", "slowest"],
  ]);
  const body = [shading(frame), gridAndAxis(frame, ticks), ...dots, ...lines, legend].join("");
  return svg(PLOT_HEIGHT + AXIS_HEIGHT, "Latency over time", body);
}

function middleOf(buckets: readonly Bucket[]): number {
  return ((buckets[1]?.startSeconds ?? 1) - (buckets[0]?.startSeconds ?? 0)) / 2;
}

/** Stretches in which every bucket has a latency: a line across a gap would claim what was not. */
function runsOf(
  buckets: readonly Bucket[],
): { bucket: Bucket; latency: NonNullable<Bucket["latency"]> }[][] {
  const runs: { bucket: Bucket; latency: NonNullable<Bucket["latency"]> }[][] = [[]];
  for (const bucket of buckets) {
    if (bucket.latency === null) runs.push([]);
    else runs.at(-1)?.push({ bucket, latency: bucket.latency });
  }
  return runs.filter((run) => run.length > 0);
}

function timeScale(endSeconds: number): Scale {
  return (seconds) => LEFT + (seconds / Math.max(endSeconds, 1e-9)) * (WIDTH - LEFT - RIGHT);
}

function stepPoints(
  buckets: readonly Bucket[],
  { x, frame }: { x: Scale; frame: ChartFrame },
  y: (bucket: Bucket) => number,
): string[] {
  return buckets.flatMap((bucket, i) => {
    const end = buckets[i + 1]?.startSeconds ?? frame.endSeconds;
    const height = round(y(bucket));
    return [`${round(x(bucket.startSeconds))} ${height}`, `${round(x(end))} ${height}`];
  });
}

function shading({ endSeconds, faults, failing }: ChartFrame): string {
  const x = timeScale(endSeconds);
  const rect = (start: number, end: number, kind: string): string =>
    `<rect class="${kind}" x="${round(x(start))}" y="0" height="${PLOT_HEIGHT}" ` +
    `width="${round(Math.max(x(end) - x(start), 2))}"/>`;
  const shaded = faults.map(({ startNs, endNs }) => rect(startNs / 1e9, endNs / 1e9, "shade"));
  if (failing !== null) shaded.push(rect(failing.startSeconds, failing.endSeconds, "failing"));
  return shaded.join("");
}

function gridAndAxis({ endSeconds }: ChartFrame, yTicks: readonly string[]): string {
  const x = timeScale(endSeconds);
  const step = TICK_STEPS.find((candidate) => endSeconds / candidate <= 12) ?? 14_400;
  const ticks: string[] = [];
  for (let at = 0; at <= endSeconds; at += step)
    ticks.push(
      `<text class="tick" x="${round(x(at))}" y="${PLOT_HEIGHT + 15}" text-anchor="middle">${timeText(at)}</text>`,
    );
  return [...yTicks, ...ticks].join("");
}

function yTick(y: number, text: string): string {
  return (
    `<line class="grid" x1="${LEFT}" x2="${WIDTH - RIGHT}" y1="${round(y)}" y2="${round(y)}"/>` +
    `<text class="tick" x="${LEFT - 6}" y="${round(y + 3.5)}" text-anchor="end">${text}</text>`
  );
}

/** On the line of the heading above the chart, at its right end. */
function legendOf(items: readonly (readonly [string, string])[]): string {
  let x = WIDTH - RIGHT - 4;
  const parts = [...items].reverse().map(([kind, text]) => {
    const width = text.length * LABEL_CHARACTER + 20;
    x -= width;
    const swatch = `<rect class="swatch ${kind}" x="${round(x)}" y="-14" width="9" height="9"/>`;
    return `${swatch}<text x="${round(x + 13)}" y="-6">${text}</text>`;
  });
  return `<g class="legend">${parts.join("")}</g>`;
}

function svg(height: number, label: string, body: string): string {
  return `<svg viewBox="0 0 ${WIDTH} ${height}" role="img" aria-label="${label}">${body}</svg>`;
}

function niceCeiling(value: number): number {
  const scale = 10 ** Math.floor(Math.log10(value));
  const nice = [1, 2, 4, 5, 10].find((factor) => factor * scale >= value) ?? 10;
  return nice * scale;
}

function msText(ms: number): string {
  return ms >= 1000 ? `${ms / 1000} s` : `${ms} ms`;
}

function timeText(seconds: number): string {
  const minutes = Math.floor(seconds / 60);
  return `${minutes}:${String(Math.round(seconds % 60)).padStart(2, "0")}`;
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}

/** Text that is safe in HTML. */
export function escape(text: string): string {
  return text
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;");
}
