import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parse, stringify } from "yaml";
import { freePort } from "./local-registry.js";
import { until } from "./until.js";

const SHIPPED = new URL("../../../deploy/prometheus/", import.meta.url);
/** Names a build that can ask Kubernetes for targets, to be tried in place of Debian's. */
const OWN_BUILD = process.env["TEST_PROMETHEUS"] ?? null;

/** Whether the Prometheus that is tried knows kubernetes_sd_configs: Debian's does not. */
export const FINDS_TARGETS = OWN_BUILD !== null;

/** One line of an answer. */
export interface Sample {
  readonly metric: Readonly<Record<string, string>>;
  readonly value: number;
}

interface DiscoveryConfig {
  readonly role: string;
  readonly api_server: string;
  readonly namespaces?: { readonly names: readonly string[] };
}
interface ScrapeConfig {
  readonly kubernetes_sd_configs?: readonly DiscoveryConfig[];
  readonly [field: string]: unknown;
}
interface Configuration {
  readonly global: object;
  readonly scrape_configs: readonly ScrapeConfig[];
}

/**
 * The shipped configuration with the address of the API filled in. Scrapes every two seconds and
 * evaluates every second.
 */
export function filled(text: string, apiServer: string): string {
  const config = parse(text.replaceAll("API_SERVER", apiServer), { merge: true }) as Configuration;
  const global = { ...config.global, scrape_interval: "2s", evaluation_interval: "1s" };
  return stringify({ ...config, global }, { aliasDuplicateObjects: false });
}

/**
 * A filled configuration for a Prometheus that cannot ask Kubernetes for targets, as Debian's:
 * `discover` starts somebody who asks in its place, once for each configuration, and says in which
 * file the targets are. They go through the shipped relabelling.
 */
export function withFileDiscovery(
  text: string,
  discover: (asked: {
    readonly role: string;
    readonly apiServer: string;
    readonly namespace: string | null;
  }) => string,
): string {
  const config = parse(text) as Configuration;
  const files = new Map<string, string>();
  const fileOf = ({ role, api_server: apiServer, namespaces }: DiscoveryConfig): string => {
    const asked = { role, apiServer, namespace: namespaces?.names[0] ?? null };
    const key = JSON.stringify(asked);
    const file = files.get(key) ?? discover(asked);
    files.set(key, file);
    return file;
  };
  const jobs = config.scrape_configs.map(({ kubernetes_sd_configs: asked, ...job }) =>
    asked === undefined ? job : { ...job, file_sd_configs: [{ files: asked.map(fileOf) }] },
  );
  return stringify({ ...config, scrape_configs: jobs }, { aliasDuplicateObjects: false });
}

/**
 * The shipped rules in a hurry: alerts fire as soon as their condition holds, and what is averaged
 * over five minutes is averaged over one.
 */
export function inAHurry(rules: string): string {
  return rules.replaceAll(/^( +for:) .*$/gm, "$1 0s").replaceAll("[5m]", "[1m]");
}

/** What deploy/prometheus ships under this name. */
export function shipped(name: string): string {
  return readFileSync(new URL(name, SHIPPED), "utf8");
}

/** A Prometheus on loopback, in a folder of its own; Debian's if nothing else is said. */
export class Prometheus {
  private readonly url: string;
  private readonly child: ChildProcess;

  private constructor(url: string, child: ChildProcess) {
    this.url = url;
    this.child = child;
  }

  /** `folder` holds ca.crt and token. Rejects when it does not become ready. */
  static async start(
    folder: string,
    files: { readonly config: string; readonly rules: string },
  ): Promise<Prometheus> {
    const configFile = join(folder, "prometheus.yml");
    writeFileSync(configFile, files.config);
    writeFileSync(join(folder, "rules.yml"), files.rules);
    const address = `127.0.0.1:${await freePort()}`;
    const child = spawn(
      OWN_BUILD ?? "prometheus",
      [
        `--config.file=${configFile}`,
        `--storage.tsdb.path=${join(folder, "data")}`,
        `--web.listen-address=${address}`,
        "--log.level=warn",
      ],
      { stdio: ["ignore", "inherit", "inherit"] },
    );
    const started = new Prometheus(`http://${address}`, child);
    try {
      await until("Prometheus to be ready", async () => {
        return (await fetch(`${started.url}/-/ready`)).ok;
      });
    } catch (error) {
      await started.stop();
      throw error;
    }
    return started;
  }

  /** An instant query. Throws with what Prometheus says of an expression that it cannot read. */
  async query(expr: string): Promise<readonly Sample[]> {
    const data = await this.get<{
      readonly result: readonly {
        readonly metric: Sample["metric"];
        readonly value: readonly [number, string];
      }[];
    }>("query", { query: expr });
    return data.result.map(({ metric, value }) => ({ metric, value: Number(value[1]) }));
  }

  /** By job and instance, how the last scrape went. */
  async targets(): Promise<
    readonly { readonly name: string; readonly health: string; readonly lastError: string }[]
  > {
    const { activeTargets } = await this.get<{
      readonly activeTargets: readonly {
        readonly labels: Readonly<Record<string, string>>;
        readonly health: string;
        readonly lastError: string;
      }[];
    }>("targets", { state: "active" });
    return activeTargets.map(({ labels, health, lastError }) => ({
      name: `${labels["job"]} ${labels["instance"]}`,
      health,
      lastError,
    }));
  }

  /** The alerts that fire now. */
  async firing(): Promise<ReadonlySet<string>> {
    const samples = await this.query('ALERTS{alertstate="firing"}');
    return new Set(samples.map(({ metric }) => metric["alertname"] ?? ""));
  }

  /** The alerts that have fired within this time, also those that do not any more. */
  async fired(within: string): Promise<ReadonlySet<string>> {
    const expr = `max by (alertname) (max_over_time(ALERTS{alertstate="firing"}[${within}]))`;
    return new Set((await this.query(expr)).map(({ metric }) => metric["alertname"] ?? ""));
  }

  async stop(): Promise<void> {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return;
    this.child.kill();
    await once(this.child, "exit");
  }

  private async get<T>(what: string, asked: Readonly<Record<string, string>>): Promise<T> {
    const answer = await fetch(
      `${this.url}/api/v1/${what}?${new URLSearchParams(asked).toString()}`,
    );
    const body = (await answer.json()) as { readonly data: T; readonly error?: string };
    if (!answer.ok) throw new Error(`${what} ${JSON.stringify(asked)}: ${body.error}`);
    return body.data;
  }
}
