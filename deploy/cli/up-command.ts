import { join } from "node:path";
import { DEFAULT_AGENT_PORT, parseMirrors, parsePairList } from "../agent/agent-config.js";
import { BUSYBOX_IMAGE, ensureBusyboxArchive } from "../images/busybox-image.js";
import {
  type ClusterFacts,
  needsNamespaces,
  planCluster,
  portsNeeded,
  refuseOtherShape,
  type WantedCluster,
} from "../local-cluster/cluster-plan.js";
import { clusterStatus, runtimeSocketOf } from "../local-cluster/cluster-status.js";
import {
  type HostPart,
  type HostState,
  isClusterName,
  isNode,
  readClusterState,
  writeClusterState,
} from "../local-cluster/cluster-state.js";
import { deployExample, fetchExamplePage, waitForExample } from "../local-cluster/example.js";
import { findFreePorts } from "../local-cluster/free-ports.js";
import { freeSubnet } from "../local-cluster/host-network.js";
import { withClusterLock } from "../local-cluster/cluster-lock.js";
import { layoutOf, raftsmanHome, type ClusterLayout } from "../local-cluster/layout.js";
import { LocalCluster } from "../local-cluster/local-cluster.js";
import { primaryAddress } from "../local-cluster/primary-address.js";
import { takeDown } from "../local-cluster/take-down.js";
import { DEFAULT_API_PORT } from "../server/server-config.js";
import { importImageArchive } from "../../node/containerd/image-import.js";
import { CommandError, type OutputFormat } from "./output.js";
import { Progress } from "./progress.js";

const EXAMPLE_READY_MS = 120_000;
const PAGE_MS = 30_000;

interface UpOptions {
  readonly name: string;
  readonly servers: string;
  readonly nodes: string;
  readonly serverNodes?: boolean;
  readonly empty?: boolean;
  readonly runtime: "containerd" | "hollow";
  readonly registryMirror: readonly string[];
  readonly output: OutputFormat;
}

/**
 * `raftsman up`: starts what is dead of the cluster, deploys the example and fetches its page.
 * Interrupted on its first run it undoes what it did.
 */
export async function upCommand(options: UpOptions): Promise<void> {
  const wanted = wantedCluster(options);
  const layout = layoutOf(raftsmanHome(), wanted.name);
  const progress = new Progress();
  const interrupt = new AbortController();
  for (const signal of ["SIGINT", "SIGTERM"] as const)
    process.once(signal, () => interrupt.abort());
  const onWait = (pid: number): void =>
    progress.note(`… another raftsman (pid ${pid}) works on this cluster; waiting for it`);
  const run = { wanted, layout, progress, signal: interrupt.signal, options };
  try {
    await withClusterLock(layout, { signal: interrupt.signal, onWait }, () => upUnlessStopped(run));
  } catch (error) {
    if (!interrupt.signal.aborted || error instanceof CommandError) throw error;
    throw new CommandError("Interrupted", "interrupted", { hint: "Nothing was changed." });
  }
}

async function upUnlessStopped(run: Run): Promise<void> {
  const { wanted, layout, progress, signal } = run;
  const isNew = readClusterState(layout) === null;
  try {
    await bringUp(run);
    signal.throwIfAborted();
  } catch (error) {
    if (!signal.aborted) throw error;
    const begun = readClusterState(layout) !== null;
    if (isNew && begun) await progress.step("undone", () => takeDown(layout, wanted.name));
    throw new CommandError("Interrupted", "interrupted", {
      hint: isNew ? "Nothing was left behind." : "The cluster is as it was: raftsman status",
    });
  }
}

interface Run {
  readonly wanted: WantedCluster;
  readonly layout: ClusterLayout;
  readonly progress: Progress;
  readonly signal: AbortSignal;
  readonly options: UpOptions;
}

async function bringUp(run: Run): Promise<void> {
  const { progress, signal, layout } = run;
  const cluster = await openCluster(run);
  const archive = join(layout.images, "busybox.tar");
  const containers = run.wanted.runtime === "containerd";
  if (containers)
    await progress.step("example image built from busybox", () => ensureBusyboxArchive(archive));
  await startHosts(cluster, run);
  const client = cluster.adminClient();
  try {
    await progress.step("every node is Ready", () => cluster.waitNodesReady(client, signal));
    if (containers) await importExampleImage(cluster, { archive, progress, signal });
    if (run.options.empty !== true && run.wanted.nodes > 0)
      await showExample(client, { containers, progress, signal });
  } finally {
    client.close();
  }
  if (run.options.output === "json")
    process.stdout.write(
      `${JSON.stringify(await clusterStatus(layout, cluster.state), null, 2)}\n`,
    );
  sayWhatNext(cluster, progress);
}

async function openCluster({ wanted, layout }: Run): Promise<LocalCluster> {
  const found = readClusterState(layout);
  if (found !== null) {
    refuseOtherShape(found, wanted);
    return new LocalCluster(layout, found);
  }
  const state = planCluster(wanted, await computerFacts(wanted));
  writeClusterState(layout, state);
  return new LocalCluster(layout, state);
}

async function computerFacts(wanted: WantedCluster): Promise<ClusterFacts> {
  const { servers, nodes } = wanted;
  const preferred = Array.from({ length: portsNeeded(wanted) }, (_, index) => {
    if (index < servers) return DEFAULT_API_PORT + index;
    if (index < servers + nodes) return DEFAULT_AGENT_PORT + index - servers;
    if (index < 2 * servers + nodes) return DEFAULT_API_PORT + index - nodes;
    return DEFAULT_AGENT_PORT + index - 2 * servers;
  });
  return {
    address: primaryAddress() ?? "127.0.0.1",
    freePorts: await findFreePorts(preferred),
    subnet: needsNamespaces(wanted) ? await freeSubnet() : null,
  };
}

async function startHosts(cluster: LocalCluster, { progress, signal }: Run): Promise<void> {
  if (cluster.state.network !== undefined)
    await progress.step(`${cluster.state.hosts.length} hosts as network namespaces`, () =>
      cluster.ensureNetwork(),
    );
  const woken = await cluster.wakeMembers();
  const servers = cluster.state.hosts.filter(({ role }) => role === "server");
  const start = async (host: HostState, part: HostPart): Promise<void> => {
    signal.throwIfAborted();
    await progress.step(`${part} ${host.name}`, async (remark) => {
      const { started } = await cluster.ensurePart(host, { part, signal });
      const isWoken = part === "server" && woken.has(host.name);
      remark(started || isWoken ? "started" : "was running");
    });
    if (part === "server") cluster.writeKubeconfig();
  };
  for (const host of servers) await start(host, "server");
  if (servers.length > 1)
    await progress.step(`${servers.length} servers agree`, () => cluster.waitVoters(signal));
  for (const host of cluster.state.hosts) if (isNode(host)) await start(host, "agent");
}

async function importExampleImage(
  cluster: LocalCluster,
  options: { archive: string; progress: Progress; signal: AbortSignal },
): Promise<void> {
  await options.progress.step(`image ${BUSYBOX_IMAGE}`, async () => {
    for (const host of cluster.state.hosts.filter(isNode)) {
      const socket = runtimeSocketOf(cluster.layout.host(host.name));
      await importImageArchive(socket, options.archive, options.signal);
    }
  });
}

async function showExample(
  client: ReturnType<LocalCluster["adminClient"]>,
  options: { containers: boolean; progress: Progress; signal: AbortSignal },
): Promise<void> {
  const { progress, signal } = options;
  signal.throwIfAborted();
  await progress.step("deploy/examples/web.yaml", async (remark) => {
    const created = await deployExample(client);
    remark(created === 0 ? "was there" : `${created} objects created`);
  });
  const pods = options.containers ? "pods are ready" : "simulated pods are ready";
  await progress.step(`its ${pods}`, async (remark) => {
    const { ready } = await waitForExample(client, { timeoutMs: EXAMPLE_READY_MS, signal });
    remark(String(ready));
  });
  // Simulated pods serve nothing that could be fetched.
  if (!options.containers) return;
  const { url, page } = await progress.step("its page through the Service", () =>
    fetchExamplePage(client, { timeoutMs: PAGE_MS, signal }),
  );
  progress.note(`\n${url}\n${page.trimEnd()}`);
}

function sayWhatNext(cluster: LocalCluster, progress: Progress): void {
  const { name } = cluster.state;
  const flag = name === "dev" ? "" : ` --name ${name}`;
  progress.note(
    `\nThe cluster ${name} runs. What next:\n` +
      `  export KUBECONFIG=${cluster.layout.kubeconfig}\n` +
      "  kubectl get pods -A -o wide\n" +
      `  npx raftsman status${flag}\n` +
      `  npm run down${flag === "" ? "" : ` --${flag}`}`,
  );
}

function wantedCluster(options: UpOptions): WantedCluster {
  return {
    name: clusterName(options.name),
    servers: wholeNumber("--servers", options.servers),
    nodes: wholeNumber("--nodes", options.nodes),
    serverNodes: options.serverNodes === true,
    runtime: options.runtime,
    registryMirrors: parseMirrors(parsePairList(options.registryMirror, "--registry-mirror")),
  };
}

function wholeNumber(flag: string, text: string): number {
  if (/^\d{1,5}$/.test(text)) return Number(text);
  throw new CommandError("Usage", `${flag}: ${JSON.stringify(text)} is not a whole number`, {
    hint: "See raftsman up --help",
  });
}

function clusterName(text: string): string {
  if (isClusterName(text)) return text;
  throw new CommandError("Usage", `--name: ${JSON.stringify(text)} cannot name a cluster`, {
    hint: "Up to ten lower-case letters, digits and dashes, such as dev.",
  });
}
