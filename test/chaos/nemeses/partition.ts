import { netnsPath } from "../../../deploy/local-cluster/host-network.js";
import { runCommand } from "../../../node/cni/run-command.js";
import type { ChaosCluster, ChaosServer } from "../chaos-cluster.js";
import type { Bite, Nemesis, NemesisContext } from "./nemesis.js";
import {
  droppedPackets,
  type Grudge,
  type Partition,
  PARTITION_TABLE,
  planPartition,
  renderDeafness,
} from "./partition-plan.js";
import { pickOne } from "./pick.js";
import { standStill } from "./pause.js";
import { hold, pidsOf } from "./processes.js";

const HOLD_MS = { least: 4000, more: 2000 } as const;
/** Longer than an election timeout, after which a leader that hears nobody steps down. */
const ALONE_MS = 2000;

/** Cuts servers off from each other, by nftables in their own network namespaces. */
export function partitionNemesis(kind: Partition, about: string): Nemesis {
  const name = `partition-${kind}`;
  return {
    name,
    about,
    needsSeveral: true,
    ends: false,
    attack: (context) => partition(context, kind),
  };
}

async function partition(context: NemesisContext, kind: Partition): Promise<Bite> {
  const { cluster, random, signal } = context;
  const leader = (await cluster.leader()) ?? pickOne(random, cluster.servers);
  const names = cluster.servers.map(({ name }) => name);
  const grudge = planPartition(kind, names, { leader: leader.name, random });
  try {
    await cut(cluster, grudge);
    await hold(HOLD_MS.least + random.below(HOLD_MS.more), signal);
    const packets = await droppedIn(cluster, grudge);
    const targets = [...grudge].map(([to, from]) => `${to} deaf to ${from.join(", ")}`);
    return { targets, bit: packets > 0, evidence: `${packets} packets dropped` };
  } finally {
    await heal(cluster);
  }
}

/**
 * The leader's consensus process stands still and wakes where it does not hear that another leads
 * by now: it has to find out by itself that its word counts no more.
 */
export const PAUSE_CUT_OFF: Nemesis = {
  name: "pause-cut-off",
  about: "the leader stands still for 6 s and wakes cut off from all others",
  needsSeveral: true,
  ends: false,
  attack: async ({ cluster, random, signal }) => {
    const leader = (await cluster.leader()) ?? pickOne(random, cluster.servers);
    const names = cluster.servers.map(({ name }) => name);
    const grudge = planPartition("leader", names, { leader: leader.name, random });
    const pids = pidsOf([leader], ["consensus"]).map(({ pid }) => pid);
    try {
      // Cut off only once it stands still: it must not notice before it wakes.
      const stood = await standStill(pids, signal, () => cut(cluster, grudge));
      await hold(ALONE_MS, signal);
      const packets = await droppedIn(cluster, grudge);
      const evidence = `${stood.evidence}, ${packets} packets dropped`;
      return { targets: [leader.name], bit: stood.bit && packets > 0, evidence };
    } finally {
      await heal(cluster);
      await cluster.ensureRunning(leader, new AbortController().signal);
    }
  },
};

async function droppedIn(cluster: ChaosCluster, grudge: Grudge): Promise<number> {
  const dropped = await Promise.all(deafOf(cluster, grudge).map(({ server }) => look(server)));
  return dropped.reduce((sum, count) => sum + count, 0);
}

function deafOf(
  cluster: ChaosCluster,
  grudge: Grudge,
): { readonly server: ChaosServer; readonly addresses: readonly string[] }[] {
  return cluster.servers.flatMap((server) => {
    const from = grudge.get(server.name) ?? [];
    const addresses = cluster.servers
      .filter(({ name }) => from.includes(name))
      .map(({ address }) => address);
    return addresses.length === 0 ? [] : [{ server, addresses }];
  });
}

async function cut(cluster: ChaosCluster, grudge: Grudge): Promise<void> {
  await Promise.all(
    deafOf(cluster, grudge).map(({ server, addresses }) =>
      nft(server, ["-f", "-"], renderDeafness(addresses)),
    ),
  );
}

async function look(server: ChaosServer): Promise<number> {
  return droppedPackets(await nft(server, ["list", "table", "inet", PARTITION_TABLE]));
}

async function heal({ servers }: ChaosCluster): Promise<void> {
  const table = `table inet ${PARTITION_TABLE}`;
  // Adding it first makes deleting it right whether it was there or not.
  await Promise.all(
    servers.map((server) => nft(server, ["-f", "-"], `add ${table}\ndelete ${table}\n`)),
  );
}

async function nft(server: ChaosServer, args: readonly string[], input?: string): Promise<string> {
  const { netns } = server;
  if (netns === null) throw new Error(`${server.name} has no network of its own to be cut`);
  const command = [`--net=${netnsPath(netns)}`, "nft", ...args];
  return await runCommand("nsenter", command, input === undefined ? {} : { input });
}
