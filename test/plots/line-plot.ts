const WIDTH = 640;
const HEIGHT = 260;
const LEFT = 56;
const RIGHT = 160;
const BOTTOM = 40;
const TOP = 30;
const TICKS = 5;

/** One line of a plot: its points from left to right. */
export interface PlotLine {
  readonly label: string;
  readonly colour: string;
  readonly points: readonly (readonly [x: number, y: number])[];
}

export interface PlotFrame {
  readonly title: string;
  /** What lies below, with its unit. */
  readonly below: string;
  /** Of what lies below; a logarithmic one is labelled at the points. */
  readonly scale: "log" | "linear";
}

/** An SVG of plots, one below the other. */
export function plotsOf(plots: readonly string[]): string {
  const body = plots.map((one, i) => `<g transform="translate(0 ${i * HEIGHT})">${one}</g>`);
  const size = `width="${WIDTH}" height="${HEIGHT * plots.length}"`;
  const style = 'font-family="sans-serif" font-size="12"';
  const ground = '<rect width="100%" height="100%" fill="white"/>';
  const open = `<svg xmlns="http://www.w3.org/2000/svg" ${size} ${style}>`;
  return [open, ground, ...body, "</svg>", ""].join("\n");
}

/** Lines over one axis; values begin at 0. Empty without a point. */
export function linePlot(frame: PlotFrame, lines: readonly PlotLine[]): string {
  const all = lines.flatMap(({ points }) => points);
  if (all.length === 0) return "";
  const isLog = frame.scale === "log";
  const along = (x: number): number => (isLog ? Math.log10(x) : x);
  const places = [...new Set(all.map(([x]) => x))].sort((a, b) => a - b);
  const [first, last] = [along(places[0] ?? 0), along(places.at(-1) ?? 0)];
  const to = Math.max(last, first + 1);
  const top = Math.max(...all.map(([, y]) => y), 1) * 1.1;
  const x = (place: number): number =>
    LEFT + ((along(place) - first) / (to - first)) * (WIDTH - LEFT - RIGHT);
  const y = (value: number): number => HEIGHT - BOTTOM - (value / top) * (HEIGHT - BOTTOM - TOP);
  const corner = `M${LEFT} ${TOP}V${HEIGHT - BOTTOM}H${WIDTH - RIGHT + 10}`;
  const ticks = [0, top / 2, top].map((value) =>
    text([LEFT - 6, y(value) + 4], value.toFixed(value < 100 ? 1 : 0), 'text-anchor="end"'),
  );
  const evenly = Array.from({ length: TICKS }, (_, i) => first + ((to - first) * i) / (TICKS - 1));
  const labels = (isLog ? places : evenly).map((place) =>
    text([x(place), HEIGHT - BOTTOM + 16], String(Math.round(place)), 'text-anchor="middle"'),
  );
  return [
    text([LEFT, 18], frame.title),
    `<path d="${corner}" fill="none" stroke="#444"/>`,
    ...ticks,
    ...labels,
    ...lines.map((line, i) => drawn(line, { i, x, y, dots: isLog })),
    text([LEFT, HEIGHT - 8], frame.below),
  ].join("\n");
}

interface Place {
  readonly i: number;
  readonly x: (place: number) => number;
  readonly y: (value: number) => number;
  readonly dots: boolean;
}

function drawn({ label, colour, points }: PlotLine, { i, x, y, dots }: Place): string {
  const path = points.map(([place, value]) => `${x(place).toFixed(1)} ${y(value).toFixed(1)}`);
  const circles = points.map(
    ([place, value]) =>
      `<circle cx="${x(place).toFixed(1)}" cy="${y(value).toFixed(1)}" r="3" fill="${colour}"/>`,
  );
  const key = text([WIDTH - RIGHT + 15, TOP + 14 + i * 16], label, `fill="${colour}"`);
  const line = `<path d="M${path.join("L")}" fill="none" stroke="${colour}"/>`;
  return `${line}${dots ? circles.join("") : ""}${key}`;
}

function text(at: readonly [number, number], what: string, more = ""): string {
  return `<text x="${at[0].toFixed(1)}" y="${at[1].toFixed(1)}" ${more}>${what}</text>`;
}
