import { readdir, readFile } from "node:fs/promises";
import t from "tap";
import { parse } from "yaml";
import { exportedMetrics, metricsIn } from "../prometheus/test-metrics.js";
import { type Dashboard, dashboardQueries } from "./dashboard-queries.js";

const FOLDER = new URL("../../../deploy/grafana/", import.meta.url);
const RULES = new URL("../../../deploy/prometheus/rules.yml", import.meta.url);
const names = (await readdir(FOLDER)).filter((name) => name.endsWith(".json"));

/** What rules record, and Prometheus itself. */
async function recorded(): Promise<readonly string[]> {
  const { groups } = parse(await readFile(RULES, "utf8")) as {
    readonly groups: readonly { readonly rules: readonly { readonly record?: string }[] }[];
  };
  return groups
    .flatMap(({ rules }) => rules.flatMap(({ record }) => record ?? []))
    .concat("ALERTS");
}

t.test("every panel is about metrics that somebody exports", async (t) => {
  const known = new Set([...(await exportedMetrics()), ...(await recorded())]);
  for (const name of names) {
    const text = await readFile(new URL(name, FOLDER), "utf8");
    for (const query of dashboardQueries(text)) {
      const named = metricsIn(query);
      t.ok(named.length > 0, `${name}: ${query}`);
      for (const metric of named) t.ok(known.has(metric), `${name}: ${metric}`);
    }
  }
});

t.test(
  "dashboards can be imported side by side, and use each variable that they have",
  async (t) => {
    const all = await Promise.all(
      names.map(async (name) => {
        const text = await readFile(new URL(name, FOLDER), "utf8");
        return [name, text, JSON.parse(text) as Dashboard] as const;
      }),
    );
    t.equal(
      new Set(all.map(([, , { uid }]) => uid)).size,
      names.length,
      "each has a uid of its own",
    );
    for (const [name, text, { panels, templating }] of all) {
      t.equal(new Set(panels.map(({ id }) => id)).size, panels.length, `${name}: ids`);
      t.equal(new Set(panels.map(({ title }) => title)).size, panels.length, `${name}: titles`);
      const declared = templating.list.map((variable) => variable.name);
      for (const one of declared)
        t.ok(text.includes(`$${one}`) || text.includes(`\${${one}}`), `${name}: $${one} is used`);
      for (const [, used = ""] of text.matchAll(/=~\\"\$(\w+)\\"/g))
        t.ok(declared.includes(used), `${name}: $${used} is declared`);
    }
  },
);
