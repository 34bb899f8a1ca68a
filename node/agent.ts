import { setMaxListeners } from "node:events";
import { mkdir } from "node:fs/promises";
import { uptime } from "node:os";
import { type AgentLink, startAgentLink } from "../gossip/agent-link.js";
import { EventBroadcaster } from "../api/client/event-recorder.js";
import type { Informer } from "../api/client/informer.js";
import { InformerFactory } from "../api/client/informer-factory.js";
import { followApiServers } from "../api/client/server-discovery.js";
import { waitMs } from "../api/client/waiting.js";
import type { Node } from "../api/schema/types/core-v1.gen.js";
import { assert } from "../base/assert.js";
import { messageOf } from "../base/errors.js";
import { AgentGossip } from "./agent-gossip.js";
import { type AgentInformers, agentInformers } from "./agent-informers.js";
import { type AgentNetwork, preparePodNetwork, startAgentNetwork } from "./agent-network.js";
import type { AgentOptions, RunningAgent } from "./agent-options.js";
import { AgentPods, type AgentPodsDeps, readHostTraits } from "./agent-pods.js";
import { type AgentRuntime, openAgentRuntime } from "./agent-runtime.js";
import { AgentMetrics } from "./metrics/agent-metrics.js";
import { MetricPages } from "./metrics/metric-pages.js";
import { NodeHealthMonitor } from "./node-health.js";
import { readNodeFacts } from "./node-facts.js";
import { NodePaths } from "./node-paths.js";
import { NodeRegistration } from "./node-registration.js";
import { reservedBy } from "./plan/eviction-thresholds.js";
import {
  leftForPods,
  type NodeDescription,
  type NodeFacts,
  type ReservedResources,
} from "./plan/node-object.js";
import { LocalVolumes } from "./volumes/local-volumes.js";
import { ClientAccess } from "./streaming/client-access.js";
import { type RunningStreamingServer, startStreamingServer } from "./streaming/streaming-server.js";

export type { AgentOptions, RunningAgent } from "./agent-options.js";

/**
 * Starts the agent of a node: finds or starts the container runtime, adopts the pods that run, runs
 * static pods, registers the node and keeps its pods as the API says. Needs no server to resolve.
 * Rejects with ContainerdError or CriError when the runtime cannot be had, with a system error
 * when the port or a folder cannot.
 */
export async function startAgent(options: AgentOptions): Promise<RunningAgent> {
  const stop = new AbortController();
  // Everything that waits listens to it: many listeners are no leak.
  setMaxListeners(0, stop.signal);
  const paths = new NodePaths(options.dataDir);
  for (const dir of [
    paths.podsDir,
    paths.logsDir,
    paths.seccompDir,
    options.manifestsDir,
    options.runDir,
    options.logDir,
  ])
    await mkdir(dir, { recursive: true, mode: 0o711 });
  const metrics = new AgentMetrics(options.nodeName);
  const agentRuntime = await openAgentRuntime(options, {
    paths,
    onCall: (method, ended) => metrics.runtimeCall(method, ended),
    signal: stop.signal,
  });
  try {
    return await startOnRuntime(options, { paths, agentRuntime, metrics, stop });
  } catch (error) {
    stop.abort();
    await agentRuntime.release();
    throw error;
  }
}

interface Parts {
  readonly paths: NodePaths;
  readonly agentRuntime: AgentRuntime;
  readonly metrics: AgentMetrics;
  readonly stop: AbortController;
}

async function startOnRuntime(options: AgentOptions, parts: Parts): Promise<RunningAgent> {
  const { agentRuntime, paths, metrics, stop } = parts;
  const { signal } = stop;
  const { client, clock, random, logger, nodeName } = options;
  const factory = new InformerFactory(client, { clock, random, logger });
  const informers = agentInformers(factory, nodeName);
  const broadcaster = new EventBroadcaster({ client, clock, logger });
  const recorder = broadcaster.recorder({ component: "kubelet", host: nodeName });
  const facts = await readNodeFacts(options.dataDir);
  const monitor = new NodeHealthMonitor(agentRuntime.runtime, {
    clock,
    readPressure: () => pods.pressure(),
    onChange: (health) => registration?.setHealth(health),
  });
  let registration: NodeRegistration | null = null;
  const pods = new AgentPods(
    {
      options,
      paths,
      agentRuntime,
      ...amountsOf(options, facts),
      node: () => ownNode(registration),
      pods: informers.pods,
      services: informers.services,
      ownNode: informers.ownNode,
      recorder,
      metrics,
      onRuntimeHealth: (healthy) => monitor.runtimeAnswered(healthy),
      onPressure: () => monitor.refresh(signal),
      signal,
    },
    await readHostTraits(),
  );
  const localVolumes = new LocalVolumes(paths.localVolumesDir);
  const server = await serve(options, { pods, facts, metrics, localVolumes });
  const description = describe(options, { facts, agentRuntime, port: server.port, paths });
  registration = new NodeRegistration(
    client,
    { description, health: await monitor.look(signal) },
    { clock, random, logger, recorder, signal },
  );
  const state: { network: AgentNetwork | null } = { network: null };
  const link = openLink(options, { informers, gossip: server.gossip, registration });
  pods.usage.subscribe((usage) => link.sendUsage(usage));
  factory.start(signal);
  const ready = bringUp(options, parts, { registration, informers, monitor, state });
  const stopped = run({ ready, pods, monitor, broadcaster, factory, signal });
  ready.catch(() => {}); // Whoever does not ask for readiness learns of the failure from `stopped`.
  stopped.catch((error: unknown) => {
    if (!signal.aborted) logger.error("the agent failed", { error });
  });
  return {
    port: server.port,
    runtimeSocket: agentRuntime.socketPath,
    ready,
    stopped,
    pids: async () => ({
      containerd: await agentRuntime.containerdPid(),
      dns: state.network?.dns.pid ?? null,
    }),
    stop: async () => {
      stop.abort();
      link.close();
      await server.close();
      await Promise.allSettled([ready, stopped]);
      await state.network?.close();
      await agentRuntime.release();
    },
  };
}

/** Asked only while pods are worked on. */
function ownNode(registration: NodeRegistration | null): Node {
  assert(registration !== null, "pods are worked on once all parts of the agent are made");
  return registration.node();
}

/** The agent's port, at which the node is a member of the gossip besides. */
async function serve(
  options: AgentOptions,
  parts: {
    readonly pods: AgentPods;
    readonly facts: NodeFacts;
    readonly metrics: AgentMetrics;
    readonly localVolumes: LocalVolumes;
  },
): Promise<RunningStreamingServer & { readonly gossip: AgentGossip }> {
  const { pods, facts, metrics, localVolumes } = parts;
  const { client, clock, logger, nodeName } = options;
  const pages = new MetricPages(
    { nodeName, ...facts, bootedAtMs: clock.nowMs() - uptime() * 1000 },
    { collector: pods.usage, metrics },
  );
  const gossip = new AgentGossip();
  const server = await startStreamingServer(options, {
    access: new ClientAccess(client, { nodeName, clock }),
    streams: pods.streams,
    pages,
    localVolumes,
    gossip: (connection, certified) => gossip.accept(connection, certified),
    clock,
    logger,
  });
  await gossip.start(options, server.port);
  const close = async (): Promise<void> => {
    await gossip.leave();
    await server.close();
  };
  return { port: server.port, gossip, close };
}

/** The link to a server, and the list of servers that it and the API client go by. */
function openLink(
  options: AgentOptions,
  deps: {
    readonly informers: AgentInformers;
    readonly gossip: AgentGossip;
    readonly registration: NodeRegistration;
  },
): AgentLink {
  const { servers, onServers, version: agentVersion } = options;
  followApiServers(deps.informers.slices, servers, onServers);
  return startAgentLink({
    ...options.clientConfig,
    ...options,
    serverList: servers,
    agentVersion,
    onChange: (server) => {
      deps.registration.setHeard(server !== null);
      // Whoever is told of its server's members finds those that it was cut off from, too.
      if (server !== null) deps.gossip.join(server);
    },
  });
}

/**
 * Registers the node, waits for its range of addresses, sets up its network, and only then calls it
 * ready.
 */
async function bringUp(
  options: AgentOptions,
  { paths, agentRuntime, stop: { signal } }: Parts,
  deps: {
    readonly registration: NodeRegistration;
    readonly informers: AgentInformers;
    readonly monitor: NodeHealthMonitor;
    readonly state: { network: AgentNetwork | null };
  },
): Promise<void> {
  const node = await deps.registration.register();
  followOwnNode(deps.informers.ownNode, deps.registration);
  const podCidr = node.spec.podCIDR ?? (await podCidrOf(deps.informers.ownNode, signal));
  agentRuntime.setPodCidr(podCidr);
  if (!agentRuntime.simulated) {
    for (let failed = true; failed; ) {
      try {
        await preparePodNetwork(options, paths, podCidr);
        failed = false;
      } catch (error) {
        options.logger.error("the pod network cannot be set up", { error });
        deps.monitor.networkFailed(messageOf(error));
        await waitMs(options.clock, 5000, signal);
        signal.throwIfAborted();
      }
    }
    deps.state.network = await startAgentNetwork(options, deps.informers, signal);
  }
  await deps.monitor.networkReady(signal);
}

async function run(parts: {
  readonly ready: Promise<void>;
  readonly pods: AgentPods;
  readonly monitor: NodeHealthMonitor;
  readonly broadcaster: EventBroadcaster;
  readonly factory: InformerFactory;
  readonly signal: AbortSignal;
}): Promise<void> {
  const { signal } = parts;
  const podsRun = parts.pods.run(parts.ready);
  await Promise.all([
    podsRun.catch((error: unknown) => {
      if (!signal.aborted) throw error;
    }),
    parts.monitor.run(signal),
    parts.broadcaster.run(signal),
    parts.factory.whenStopped(),
  ]);
}

function followOwnNode(ownNode: Informer<Node>, registration: NodeRegistration): void {
  ownNode.addHandler({
    added: (node) => registration.observe(node),
    updated: (node) => registration.observe(node),
    deleted: () => registration.observe(null),
  });
}

/** Resolves once the cluster has given the node a range; rejects when the signal aborts. */
async function podCidrOf(ownNode: Informer<Node>, signal: AbortSignal): Promise<string> {
  return new Promise((resolve, reject) => {
    const check = (node: Node): void => {
      if (node.spec.podCIDR === undefined) return;
      // A handler may be told of what is known already before addHandler returns.
      queueMicrotask(() => remove());
      signal.removeEventListener("abort", giveUp);
      resolve(node.spec.podCIDR);
    };
    const giveUp = (): void => reject(signal.reason as Error);
    signal.addEventListener("abort", giveUp, { once: true });
    const remove = ownNode.addHandler({ added: check, updated: check });
  });
}

function amountsOf(
  options: AgentOptions,
  facts: NodeFacts,
): Pick<AgentPodsDeps, "capacity" | "allocatable"> {
  return { capacity: facts, allocatable: leftForPods(facts, allReserved(options, facts)) };
}

function allReserved(
  { eviction: { thresholds }, reserved }: AgentOptions,
  facts: NodeFacts,
): ReservedResources {
  const memoryBytes = reservedBy(thresholds, "memory.available", facts.memoryBytes);
  const storageBytes = reservedBy(thresholds, "nodefs.available", facts.ephemeralStorageBytes);
  return {
    cpuMilli: reserved.cpuMilli,
    memoryBytes: reserved.memoryBytes + memoryBytes,
    ephemeralStorageBytes: reserved.ephemeralStorageBytes + storageBytes,
  };
}

function describe(
  options: AgentOptions,
  node: {
    readonly facts: NodeFacts;
    readonly agentRuntime: AgentRuntime;
    readonly port: number;
    readonly paths: NodePaths;
  },
): NodeDescription {
  return {
    name: options.nodeName,
    address: options.nodeAddress,
    port: node.port,
    labels: options.labels,
    taints: options.taints,
    facts: node.facts,
    version: options.version,
    runtimeVersion: node.agentRuntime.version,
    simulated: node.agentRuntime.simulated,
    localVolumesDir: node.paths.localVolumesDir,
    podsMax: options.maxPods,
    reserved: allReserved(options, node.facts),
  };
}
