/** `npm run bench -- SUITE`: starts what the suite measures, measures, takes it down. */
import { parseArgs } from "node:util";
import { messageOf } from "../../base/errors.js";
import { renderTable } from "../../deploy/cli/output.js";
import { api } from "./api.js";
import { startBenchCluster, type BenchCluster } from "./bench-cluster.js";
import { failover } from "./failover.js";
import { gossip } from "./gossip.js";
import { node } from "./node.js";
import { podStart } from "./pod-start.js";
import { reportOf, type BenchReport, type BenchResult } from "./report.js";
import { store } from "./store.js";
import { workloads } from "./workloads.js";

interface Suite {
  readonly about: string;
  run(options: { readonly quick: boolean; readonly only: string | null }): Promise<BenchResult[]>;
}

const SUITES: Readonly<Record<string, Suite>> = {
  "pod-start": {
    about: "from creating a pod to Running as a watch shows it, beside CRI alone",
    run: () => onCluster(1, podStart),
  },
  node: {
    about: "pods that start alone, by ten and by a hundred; what the agent takes",
    run: (options) => onCluster(1, (cluster) => node(cluster, options)),
  },
  api: { about: "creates, gets, lists, watch fan-out", run: () => onCluster(0, api) },
  failover: {
    about: "how long writes stop when the leader of three dies, hands over, stands still",
    run: failover,
  },
  workloads: {
    about: "Deployments of ten simulated pods created, scaled, rolled, deleted; by their number",
    run: workloads,
  },
  gossip: {
    about:
      "members with links of their own: bytes in the calm, and how soon killed ones are missed",
    run: gossip,
  },
  store: { about: "the store at its own door beside Debian's etcd", run: store },
};

const USAGE = `npm run bench -- SUITE [-o json] [--quick] [--only TEXT]

  -o json      the report as one JSON document
  --quick      store, failover, gossip, workloads, node: fewer and shorter rounds, to see that
               it works
  --only TEXT  store: only what has this in its name; failover: kill, hand-over or stop;
               workloads: numbers of Deployments, such as 10,100
`;

// What runs for it is ended by those who started it: clusters as they hear of the signal too, and
// everything else as this process exits.
for (const [signal, code] of [
  ["SIGINT", 130],
  ["SIGTERM", 143],
] as const)
  process.once(signal, () => setImmediate(() => process.exit(code)));

const options = parse();
const name = options?.positionals[0];
const suite = name === undefined ? undefined : SUITES[name];
if (options === null || options.values.help === true || name === undefined || !suite) {
  const lines = Object.entries(SUITES).map(([one, { about }]) => `  ${one}  ${about}\n`);
  process.stdout.write(`${USAGE}\n${lines.join("")}`);
  process.exitCode = options?.values.help === true ? 0 : 2;
} else {
  const { quick = false, only = null } = options.values;
  print(reportOf(name, await suite.run({ quick, only })));
}

/** Null: what was asked for cannot be done; stderr says why. */
function parse() {
  try {
    const parsed = parseArgs({
      allowPositionals: true,
      options: {
        help: { type: "boolean" },
        output: { type: "string", short: "o", default: "table" },
        quick: { type: "boolean" },
        only: { type: "string" },
      },
    });
    const { positionals, values } = parsed;
    if (positionals.length > 1) throw new Error(`one suite at a time, not ${positionals.length}`);
    if (!["json", "table"].includes(values.output)) throw new Error(`no output ${values.output}`);
    const [suite = ""] = positionals;
    const isPartial = values.quick === true || values.only !== undefined;
    if (isPartial && !["store", "failover", "gossip", "workloads", "node"].includes(suite))
      throw new Error(
        "--quick and --only are for the suites store, failover, gossip, workloads, node",
      );
    if (["gossip", "node"].includes(suite) && values.only !== undefined)
      throw new Error(`--only is not for the suite ${suite}`);
    return parsed;
  } catch (error) {
    process.stderr.write(`error: ${messageOf(error)}\n`);
    return null;
  }
}

/** Measures on a cluster that is taken down afterwards. */
async function onCluster(
  nodes: 0 | 1,
  run: (cluster: BenchCluster) => Promise<BenchResult[]>,
): Promise<BenchResult[]> {
  process.stderr.write(`… starting a cluster\n`);
  const cluster = await startBenchCluster(nodes);
  try {
    process.stderr.write(`… measuring\n`);
    return await run(cluster);
  } finally {
    await cluster.stop();
  }
}

function print(report: BenchReport): void {
  if (options?.values.output === "json") {
    process.stdout.write(`${JSON.stringify(report, null, 2)}\n`);
    return;
  }
  const { cores, cpu, memoryGiB, node } = report.machine;
  process.stdout.write(`${cores} cores ${cpu}, ${memoryGiB} GiB, Node.js ${node}\n\n`);
  const rows = report.results.map((result) =>
    [
      result.name,
      `${result.ours} ${result.unit}`,
      result.peer === null ? "" : `${result.theirs} (${result.peer}, ${result.peerVersion})`,
      result.ratio,
      result.p50Ms,
      result.p99Ms,
      result.n,
    ].map((cell) => String(cell ?? "")),
  );
  process.stdout.write(
    renderTable([["WHAT", "OURS", "PEER", "RATIO", "P50 MS", "P99 MS", "N"], ...rows]),
  );
}
