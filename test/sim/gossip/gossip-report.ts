import type { CostRow, DetectionRow, Spread, StarvedRow } from "./gossip-cases.js";

export interface GossipReport {
  readonly seed: number;
  readonly cost: readonly CostRow[];
  readonly detection: readonly DetectionRow[];
  readonly starved: readonly StarvedRow[];
}

/** The tables of a report, as Markdown. */
export function tablesOf({ cost, detection, starved }: GossipReport): string {
  return [
    table(
      ["members", "neighbours", "frames, B/s", "set-ups, B/s", "set-ups/s"],
      cost.map((row) => [
        String(row.members),
        row.neighbours,
        row.framesBytes.toFixed(0),
        row.setupsBytes.toFixed(0),
        row.setupsPerSecond.toFixed(2),
      ]),
    ),
    table(
      ["members", "crashes", "suspected, s", "declared, s", "everybody knows, s", "B/s", "wrong"],
      detection.map((row) => [
        String(row.members),
        String(row.crashes),
        spread(row.suspected),
        spread(row.declared),
        spread(row.everybody),
        row.bytes.toFixed(0),
        String(row.wrong),
      ]),
    ),
    table(
      ["members", "variant", "healthy suspected", "called dead", "verdicts heard", "B/s"],
      starved.map((row) => [
        String(row.members),
        row.variant,
        String(row.suspicionsOfHealthy),
        String(row.verdicts),
        String(row.verdictsHeard),
        row.bytes.toFixed(0),
      ]),
    ),
  ].join("\n");
}

function spread({ median, max }: Spread): string {
  return `${median.toFixed(1)}, at most ${max.toFixed(1)}`;
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const lines = [head, head.map(() => "---"), ...rows];
  return `${lines.map((cells) => `| ${cells.join(" | ")} |`).join("\n")}\n`;
}

const WIDTH = 640;
const HEIGHT = 260;
const LEFT = 56;
const BOTTOM = 40;
const TOP = 30;

interface Line {
  readonly label: string;
  readonly colour: string;
  readonly points: readonly (readonly [number, number])[];
}

/** Two plots over the size of the cluster: bytes in the calm, and times after crashes. An SVG. */
export function plotOf({ cost, detection }: GossipReport): string {
  const rings = cost.filter(({ neighbours }) => neighbours === "rings");
  const everybody = cost.filter(({ neighbours }) => neighbours === "everybody");
  const total = (rows: readonly CostRow[]): (readonly [number, number])[] =>
    rows.map((row) => [row.members, row.framesBytes + row.setupsBytes]);
  const times = (pick: (row: DetectionRow) => Spread): (readonly [number, number])[] =>
    detection.map((row) => [row.members, pick(row).median]);
  const plots = [
    plot("bytes per member and second in the calm", [
      { label: "neighbours on rings", colour: "#1b6ca8", points: total(rings) },
      { label: "everybody a neighbour", colour: "#c0392b", points: total(everybody) },
    ]),
    plot("seconds after a crash, median", [
      { label: "first suspected", colour: "#27ae60", points: times((row) => row.suspected) },
      { label: "first declared", colour: "#1b6ca8", points: times((row) => row.declared) },
      { label: "everybody knows", colour: "#8e44ad", points: times((row) => row.everybody) },
    ]),
  ];
  const body = plots.map((one, i) => `<g transform="translate(0 ${i * HEIGHT})">${one}</g>`);
  const size = `width="${WIDTH}" height="${HEIGHT * plots.length}"`;
  const style = 'font-family="sans-serif" font-size="12"';
  const ground = '<rect width="100%" height="100%" fill="white"/>';
  const open = `<svg xmlns="http://www.w3.org/2000/svg" ${size} ${style}>`;
  return [open, ground, ...body, "</svg>", ""].join("\n");
}

function plot(title: string, lines: readonly Line[]): string {
  const all = lines.flatMap(({ points }) => points);
  if (all.length === 0) return "";
  const sizes = [...new Set(all.map(([x]) => x))].sort((a, b) => a - b);
  const logs = sizes.map(Math.log10);
  const [from, to] = [Math.min(...logs), Math.max(...logs, Math.min(...logs) + 1)];
  const top = Math.max(...all.map(([, y]) => y), 1) * 1.1;
  const x = (size: number): number =>
    LEFT + ((Math.log10(size) - from) / (to - from)) * (WIDTH - LEFT - 160);
  const y = (value: number): number => HEIGHT - BOTTOM - (value / top) * (HEIGHT - BOTTOM - TOP);
  const text = (at: readonly [number, number], what: string, more = ""): string =>
    `<text x="${at[0].toFixed(1)}" y="${at[1].toFixed(1)}" ${more}>${what}</text>`;
  const corner = `M${LEFT} ${TOP}V${HEIGHT - BOTTOM}H${WIDTH - 150}`;
  const axis = `<path d="${corner}" fill="none" stroke="#444"/>`;
  const ticks = [0, top / 2, top].map((value) =>
    text([LEFT - 6, y(value) + 4], value.toFixed(value < 100 ? 1 : 0), 'text-anchor="end"'),
  );
  const labels = sizes.map((size) =>
    text([x(size), HEIGHT - BOTTOM + 16], String(size), 'text-anchor="middle"'),
  );
  const drawn = lines.map(({ label, colour, points }, i) => {
    const path = points.map(([size, value]) => `${x(size).toFixed(1)} ${y(value).toFixed(1)}`);
    const dots = points.map(
      ([size, value]) =>
        `<circle cx="${x(size).toFixed(1)}" cy="${y(value).toFixed(1)}" r="3" fill="${colour}"/>`,
    );
    const key = text([WIDTH - 145, TOP + 14 + i * 16], label, `fill="${colour}"`);
    return `<path d="M${path.join("L")}" fill="none" stroke="${colour}"/>${dots.join("")}${key}`;
  });
  const below = text([LEFT, HEIGHT - 8], "members (logarithmic)");
  return [text([LEFT, 18], title), axis, ...ticks, ...labels, ...drawn, below].join("\n");
}
