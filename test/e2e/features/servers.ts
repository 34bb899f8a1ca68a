import { execFileSync } from "node:child_process";
import { rmSync } from "node:fs";
import { join } from "node:path";
import type { Test } from "tap";
import type { MemberList } from "../../../consensus/consensus.js";
import { EXAMPLE_FILE } from "../../../deploy/local-cluster/example.js";
import { layoutOf } from "../../../deploy/local-cluster/layout.js";
import type { Kubectl } from "../kubectl.js";
import type { TestCluster } from "../test-cluster.js";
import { until } from "../until.js";
import { adminFilesOf, SteadyWriter } from "./steady-writer.js";

const WRITES = 10;
const CUT_TABLE = "raftsman_test_cut";
const CUT = `table inet ${CUT_TABLE} {
  chain input { type filter hook input priority -150; policy drop; iif lo accept; }
  chain output { type filter hook output priority -150; policy drop; oif lo accept; }
}
`;

/** Any one server dies, stands still, is cut off, loses its disk: nothing acknowledged is lost. */
export async function servers(t: Test, cluster: TestCluster): Promise<void> {
  const kubectl = cluster.kubectl();
  const writer = await startWriter(cluster);
  t.teardown(() => writer.stop());
  await t.test("the example through the virtual address", async () => {
    await kubectl.ok(["apply", "-f", EXAMPLE_FILE]);
    await kubectl.ok(["rollout", "status", "deployment/web", "--timeout=60s"]);
  });
  await t.test("a leader is killed", async (t) => {
    await withoutLeader(t, { cluster, kubectl, writer }, async (leader) => {
      await cluster.ok(["kill", leader]);
      return () => cluster.ok(["start", leader]);
    });
  });
  await t.test("a leader stands still", async (t) => {
    await withoutLeader(t, { cluster, kubectl, writer }, async (leader) => {
      await cluster.ok(["pause", leader]);
      return () => cluster.ok(["resume", leader]);
    });
  });
  await t.test("a leader is cut off", async (t) => {
    await withoutLeader(t, { cluster, kubectl, writer }, async (leader) => {
      const { netns } = await cluster.host(leader);
      nft(netns, CUT);
      return () => Promise.resolve(nft(netns, `delete table inet ${CUT_TABLE}\n`));
    });
  });
  await t.test("the first server loses its disk and joins as another member", (t) =>
    lostDisk(t, { cluster, kubectl, writer }),
  );
  await writer.stop();
  await t.test("every acknowledged write is there, and all servers hold the same", async (t) => {
    const { acknowledged, failures } = writer;
    t.comment(`${acknowledged.length} writes acknowledged, ${failures.length} unknown`);
    const listed = await kubectl.ok(["get", "configmaps", "-l", "app=steady", "-o", "name"]);
    const names = new Set(listed.trim().split("\n"));
    t.same(
      acknowledged.filter((name) => !names.has(`configmap/${name}`)),
      [],
    );
    await until("the same hash everywhere", async () => {
      const { members } = await memberList(cluster);
      const states = new Set(members.map(({ hash, hashRevision }) => `${hashRevision} ${hash}`));
      return members.every(({ healthy }) => healthy) && states.size === 1;
    });
  });
}

interface Parts {
  readonly cluster: TestCluster;
  readonly kubectl: Kubectl;
  readonly writer: SteadyWriter;
}

/** Takes the leader away, sees that life goes on without it, and brings it back. */
async function withoutLeader(
  t: Test,
  { cluster, kubectl, writer }: Parts,
  takeAway: (leader: string) => Promise<() => Promise<unknown>>,
): Promise<void> {
  const leader = await leaderOf(cluster);
  const startedMs = performance.now();
  const bringBack = await takeAway(leader);
  try {
    await writer.untilWritten(WRITES);
    t.comment(`${WRITES} writes after ${Math.round(performance.now() - startedMs)} ms`);
    await worksThrough(kubectl);
    t.comment(`kubectl after ${Math.round(performance.now() - startedMs)} ms`);
    const next = await leaderOf(cluster);
    t.not(next, leader, "another one leads");
    await untilNodesReady(kubectl);
  } finally {
    await bringBack();
  }
  await until(`${leader} to follow`, async () => {
    const { members } = await memberList(cluster);
    return members.length === 3 && members.every(({ voter, healthy }) => voter && healthy);
  });
  await writer.untilWritten(WRITES);
}

async function lostDisk(t: Test, { cluster, kubectl, writer }: Parts): Promise<void> {
  const idOf = async (): Promise<string | undefined> =>
    (await memberList(cluster)).members.find(({ name }) => name === "server-1")?.id;
  const before = await idOf();
  const { dataDir } = await cluster.host("server-1");
  await cluster.ok(["kill", "server-1"]);
  rmSync(dataDir, { recursive: true });
  await writer.untilWritten(WRITES);
  // A second `up` starts what is dead: here by letting it join.
  const up = await cluster.raftsman(["up", "--servers", "3", "--nodes", "2", "--empty"]);
  t.equal(up.code, 0, up.stderr);
  const after = await idOf();
  t.match(after, /^[0-9a-f]{16}$/);
  t.not(after, before, "it is another member");
  t.equal((await memberList(cluster)).members.filter(({ voter }) => voter).length, 3);
  await writer.untilWritten(WRITES);
  await worksThrough(kubectl);
}

/** kubectl, which knows one address, writes and reads. */
async function worksThrough(kubectl: Kubectl): Promise<void> {
  await until("kubectl to write through the virtual address", async () => {
    const args = ["annotate", "service", "kubernetes", `seen=${performance.now()}`, "--overwrite"];
    return (await kubectl.run([...args, "--request-timeout=3s"], { timeoutMs: 5_000 })).code === 0;
  });
}

async function untilNodesReady(kubectl: Kubectl): Promise<void> {
  await until("both nodes to be Ready", async () => {
    const { stdout } = await kubectl.run(["get", "nodes", "--no-headers"], { timeoutMs: 5_000 });
    return stdout.match(/ Ready /g)?.length === 2;
  });
}

export async function leaderOf(cluster: TestCluster): Promise<string> {
  return until("a leader", async () => {
    const { members } = await memberList(cluster);
    return members.find(({ role }) => role === "leader")?.name ?? null;
  });
}

export async function memberList(cluster: TestCluster): Promise<MemberList> {
  return JSON.parse(await cluster.ok(["member", "list", "-o", "json"])) as MemberList;
}

export async function startWriter(cluster: TestCluster): Promise<SteadyWriter> {
  const { hosts } = await cluster.status();
  const servers = hosts.flatMap(({ role, address, ports }) =>
    role === "server" ? [`https://${address}:${ports.api}`] : [],
  );
  const layout = layoutOf(cluster.home, cluster.name);
  return new SteadyWriter({ servers, ...adminFilesOf(layout, join(cluster.home, "admin")) });
}

function nft(netns: string | null, input: string): void {
  execFileSync("nsenter", [`--net=/var/run/netns/${netns}`, "nft", "-f", "-"], { input });
}
