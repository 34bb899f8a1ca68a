import { linePlot, plotsOf } from "../../plots/line-plot.js";
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

/** Two plots over the size of the cluster: bytes in the calm, and times after crashes. An SVG. */
export function plotOf({ cost, detection }: GossipReport): string {
  const rings = cost.filter(({ neighbours }) => neighbours === "rings");
  const everybody = cost.filter(({ neighbours }) => neighbours === "everybody");
  const total = (rows: readonly CostRow[]): (readonly [number, number])[] =>
    rows.map((row) => [row.members, row.framesBytes + row.setupsBytes]);
  const times = (pick: (row: DetectionRow) => Spread): (readonly [number, number])[] =>
    detection.map((row) => [row.members, pick(row).median]);
  const below = "members (logarithmic)";
  return plotsOf([
    linePlot({ title: "bytes per member and second in the calm", below, scale: "log" }, [
      { label: "neighbours on rings", colour: "#1b6ca8", points: total(rings) },
      { label: "everybody a neighbour", colour: "#c0392b", points: total(everybody) },
    ]),
    linePlot({ title: "seconds after a crash, median", below, scale: "log" }, [
      { label: "first suspected", colour: "#27ae60", points: times((row) => row.suspected) },
      { label: "first declared", colour: "#1b6ca8", points: times((row) => row.declared) },
      { label: "everybody knows", colour: "#8e44ad", points: times((row) => row.everybody) },
    ]),
  ]);
}
