import { readFile } from "node:fs/promises";
import t from "tap";
import { parse } from "yaml";
import { exportedMetrics, metricsIn } from "./test-metrics.js";

interface Rule {
  readonly record?: string;
  readonly alert?: string;
  readonly expr: string;
}
interface RuleFile {
  readonly groups: readonly { readonly name: string; readonly rules: readonly Rule[] }[];
}
const FILES = new URL("../../../deploy/prometheus/", import.meta.url);

async function yaml(name: string): Promise<unknown> {
  return parse(await readFile(new URL(name, FILES), "utf8"));
}

t.test("every rule is about metrics that somebody exports", async (t) => {
  const { groups } = (await yaml("rules.yml")) as RuleFile;
  const rules = groups.flatMap((group) => group.rules);
  const known = new Set([...(await exportedMetrics()), ...rules.map(({ record }) => record ?? "")]);
  for (const { record, alert, expr } of rules) {
    const named = metricsIn(expr);
    t.ok(named.length > 0, `${record ?? alert}: ${expr}`);
    for (const name of named) t.ok(known.has(name), `${record ?? alert}: ${name}`);
  }
  const alerts = rules.flatMap(({ alert }) => alert ?? []);
  t.equal(new Set(alerts).size, alerts.length, "each alert has a name of its own");
});

t.test("the scrape configuration reads the rules and all pages of agents", async (t) => {
  const config = (await readFile(new URL("prometheus.yml", FILES), "utf8")).toString();
  const { rule_files: ruleFiles, scrape_configs: jobs } = parse(config, { merge: true }) as {
    readonly rule_files: readonly string[];
    readonly scrape_configs: readonly {
      readonly job_name: string;
      readonly metrics_path?: string;
    }[];
  };
  t.same(ruleFiles, ["rules.yml"]);
  t.same(
    jobs.map(({ job_name: job, metrics_path: path = "/metrics" }) => [job, path]),
    [
      ["apiserver", "/metrics"],
      ["kubelet", "/metrics"],
      ["cadvisor", "/metrics/cadvisor"],
      ["probes", "/metrics/probes"],
      ["kube-state-metrics", "/metrics/state"],
    ],
  );
});
