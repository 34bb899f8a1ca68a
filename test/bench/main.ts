/** `npm run bench -- SUITE`: starts what the suite measures, measures, takes it down. */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { messageOf } from "../../base/errors.js";
import { CommandError, EXIT, printError, renderTable } from "../../deploy/cli/output.js";
import { api } from "./api.js";
import { startBenchCluster, type BenchCluster } from "./bench-cluster.js";
import { failover } from "./failover.js";
import { gossip } from "./gossip.js";
import { node } from "./node.js";
import { podStart } from "./pod-start.js";
import { reportOf, type BenchReport, type BenchResult } from "./report.js";
import { steady } from "./steady.js";
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
  steady: {
    about: "three servers and simulated nodes of which nobody wants anything: what that takes",
    run: steady,
  },
  store: { about: "the store at its own door beside Debian's etcd", run: store },
};

const QUICK: readonly string[] = ["store", "failover", "gossip", "workloads", "node", "steady"];
const ONLY: readonly string[] = ["store", "failover", "workloads", "steady"];
const REPORTS = join(import.meta.dirname, "../../../reports/bench");

const USAGE = `npm run bench -- SUITE [-o json] [--quick] [--only TEXT]

  -o json      the report as one JSON document; it is also kept in reports/bench/SUITE.json
  --quick      store, failover, gossip, workloads, node, steady: fewer and shorter rounds, to
               see that it works
  --only TEXT  store: only what has this in its name; failover: kill, hand-over or stop;
               workloads: numbers of Deployments, such as 10,100; steady: numbers of nodes
`;

// What runs for it is ended by those who started it: clusters as they hear of the signal too, and
// everything else as this process exits.
for (const signal of ["SIGINT", "SIGTERM"] as const)
  process.once(signal, () => setImmediate(() => process.exit(EXIT.interrupted)));

const args = process.argv.slice(2);
const format = /(^| )(-o ?|--output[ =])json( |$)/.test(args.join(" ")) ? "json" : "table";
if (args.includes("--help") || args.includes("-h")) {
  const lines = Object.entries(SUITES).map(([one, { about }]) => `  ${one}  ${about}\n`);
  process.stdout.write(`${USAGE}\n${lines.join("")}`);
} else process.exitCode = await main();

async function main(): Promise<number> {
  try {
    const { name, suite, quick, only } = parse();
    const report = reportOf(name, await suite.run({ quick, only }));
    keep(report);
    print(report);
    return EXIT.done;
  } catch (error) {
    return printError(format, error);
  }
}

/** Throws CommandError "Usage" for what cannot be done. */
function parse(): { name: string; suite: Suite; quick: boolean; only: string | null } {
  const parsed = parsedArgs();
  const { quick = false, only = null, output } = parsed.values;
  const [name = "", ...more] = parsed.positionals;
  const suite = SUITES[name];
  if (suite === undefined) throw usage(name === "" ? "name a suite" : `there is no suite ${name}`);
  if (more.length > 0) throw usage("one suite at a time");
  if (!["json", "table"].includes(output)) throw usage(`no output ${output}`);
  if (quick && !QUICK.includes(name)) throw usage(`--quick is for the suites ${QUICK.join(", ")}`);
  if (only !== null && !ONLY.includes(name))
    throw usage(`--only is for the suites ${ONLY.join(", ")}`);
  return { name, suite, quick, only };
}

function parsedArgs() {
  try {
    return parseArgs({
      args,
      allowPositionals: true,
      options: {
        output: { type: "string", short: "o", default: "table" },
        quick: { type: "boolean" },
        only: { type: "string" },
      },
    });
  } catch (error) {
    throw usage(messageOf(error));
  }
}

function usage(message: string): CommandError {
  const hint = `npm run bench -- --help says more. Suites: ${Object.keys(SUITES).join(", ")}`;
  return new CommandError("Usage", message, { hint });
}

function keep(report: BenchReport): void {
  mkdirSync(REPORTS, { recursive: true });
  writeFileSync(join(REPORTS, `${report.suite}.json`), `${JSON.stringify(report, null, 2)}\n`);
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
  if (format === "json") {
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
