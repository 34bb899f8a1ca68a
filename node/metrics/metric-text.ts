/** One series of a metric. */
export interface Series {
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
  /** Milliseconds since 1970 when it was measured; absent: now. */
  readonly atMs?: number;
}

/** A metric with all its series. */
export interface MetricFamily {
  readonly name: string;
  readonly type: "counter" | "gauge";
  readonly help: string;
  readonly series: readonly Series[];
}

/** The media type of what metricText writes. */
export const METRIC_TEXT_TYPE = "text/plain; version=0.0.4; charset=utf-8";

/**
 * The metrics in Prometheus' text format; those without series are left out. prom-client keeps
 * every series it ever saw: what comes and goes with containers is written by this.
 */
export function metricText(families: readonly MetricFamily[]): string {
  const lines: string[] = [];
  for (const { name, type, help, series } of families) {
    if (series.length === 0) continue;
    lines.push(`# HELP ${name} ${help}`, `# TYPE ${name} ${type}`);
    for (const { labels, value, atMs } of series) {
      const written = Object.entries(labels).map(([label, text]) => `${label}="${escaped(text)}"`);
      const selector = written.length === 0 ? "" : `{${written.join(",")}}`;
      lines.push(`${name}${selector} ${value}${atMs === undefined ? "" : ` ${Math.round(atMs)}`}`);
    }
  }
  return lines.length === 0 ? "" : `${lines.join("\n")}\n`;
}

function escaped(text: string): string {
  return text.replaceAll("\\", "\\\\").replaceAll('"', '\\"').replaceAll("\n", "\\n");
}
