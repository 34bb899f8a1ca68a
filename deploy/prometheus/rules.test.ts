import { readFile } from "node:fs/promises";
import { Registry } from "prom-client";
import t from "tap";
import { parse } from "yaml";
import { TestServer } from "../../apiserver/test-server.js";
import { workQueueMetrics } from "../../controllers/workqueue-metrics.js";
import { AgentMetrics } from "../../node/metrics/agent-metrics.js";
import { cadvisorMetrics } from "../../node/metrics/cadvisor-metrics.js";
import { schedulerMetrics } from "../../scheduler/scheduler-metrics.js";

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

/** Words of an expression that must be metrics: no function, keyword, label or time. */
function metricsIn(expr: string): readonly string[] {
  const bare = expr
    .replaceAll(/\{[^}]*\}|\[[^\]]*\]|"[^"]*"/g, "")
    .replaceAll(/\b(by|without|on|ignoring) ?\([^)]*\)/g, "");
  return [...bare.matchAll(/[a-z_][a-z0-9_:]*(?![a-z0-9_:]| *\()/g)]
    .map(([word]) => word)
    .filter((word) => !/^(and|or|unless|by|without)$/.test(word));
}

/** Every metric that servers and agents export, those without series included. */
async function exported(): Promise<ReadonlySet<string>> {
  const server = await TestServer.start();
  const api = (await server.send("GET", "/metrics")).bytes.toString();
  const state = (await server.send("GET", "/metrics/state")).bytes.toString();
  await server.close();
  const loops = new Registry();
  workQueueMetrics(loops);
  schedulerMetrics(loops);
  const { text: agent } = await new AgentMetrics("n").text();
  const names = [api, state, await loops.metrics(), agent].flatMap((text) =>
    [...text.matchAll(/^# TYPE (\S+) (\S+)$/gm)].flatMap(([, name = "", type]) =>
      type === "histogram" ? [`${name}_bucket`, `${name}_sum`, `${name}_count`] : [name],
    ),
  );
  const containers = cadvisorMetrics(null, { cpuMilli: 1, memoryBytes: 1 });
  return new Set([...names, ...containers.map(({ name }) => name), "up", "prober_probe_total"]);
}

t.test("every rule is about metrics that somebody exports", async (t) => {
  const { groups } = (await yaml("rules.yml")) as RuleFile;
  const rules = groups.flatMap((group) => group.rules);
  const known = new Set([...(await exported()), ...rules.map(({ record }) => record ?? "")]);
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
