import { setTimeout as delay } from "node:timers/promises";
import t from "tap";
import { isConflict } from "../../api/client/api-error.js";
import type { ApiClient, Fence } from "../../api/client/client-types.js";
import { CONFIG_MAPS, DEPLOYMENTS, LEASES, REPLICA_SETS } from "../../api/client/resource-types.js";
import type { Lease } from "../../api/schema/types/coordination-v1.gen.js";
import { until } from "./member-group.js";
import { ServerGroup, type TestServerProcess } from "./server-group.js";

/** How long a server stands still: the promise speaks of a leader that is stopped for 10 s. */
const PAUSE_MS = 10_000;
const LIMIT_MS = 240_000;
const HOLD_SECONDS = 3;
const READS = 20;
const LOOP = "kube-controller-manager";
t.setTimeout(LIMIT_MS);

const holdPath = (name: string): string =>
  `/apis/coordination.k8s.io/v1/namespaces/kube-system/leases/${name}/hold`;

async function hold(client: ApiClient, name: string, holder: string): Promise<Fence> {
  const body = { holderIdentity: holder, leaseDurationSeconds: HOLD_SECONDS };
  const { metadata, spec } = (await client.request("PUT", holdPath(name), {
    body,
  })) as unknown as Lease;
  const { uid } = metadata;
  return { namespace: "kube-system", name, uid, leaseTransitions: spec.leaseTransitions ?? 0 };
}

async function holderOf(client: ApiClient, name: string): Promise<string> {
  const lease = await client.resource(LEASES).get(name, { namespace: "kube-system" });
  return lease.spec.holderIdentity ?? "";
}

/** False for a write that came too late; everything else is thrown. */
function isLost(error: unknown): false {
  if (isConflict(error)) return false;
  throw error;
}

const configMap = (name: string, value: string) => ({
  apiVersion: "v1" as const,
  kind: "ConfigMap" as const,
  metadata: { name, namespace: "default" },
  data: { value },
});

const deployment = (name: string) => ({
  apiVersion: "apps/v1" as const,
  kind: "Deployment" as const,
  metadata: { name, namespace: "default" },
  spec: {
    replicas: 1,
    selector: { matchLabels: { app: name } },
    template: {
      metadata: { labels: { app: name } },
      spec: { containers: [{ name: "web", image: "registry.example/web:1" }] },
    },
  },
});

/** Writes that this server's API has accepted, of whomever: holds keep a Lease, they write none. */
async function acceptedWrites(group: ServerGroup, server: TestServerProcess): Promise<number> {
  const { body } = await group.get(server, "/metrics");
  const lines = body.split("\n").filter((line) => line.startsWith("apiserver_request_total{"));
  return lines
    .filter((line) => /verb="(POST|PUT|PATCH|DELETE|APPLY)"/.test(line) && /code="20\d"/.test(line))
    .filter((line) => !line.includes('resource="leases"'))
    .reduce((sum, line) => sum + Number(line.split(" ").at(-1)), 0);
}

void t.test("a server that is stopped and wakes does no harm", async (t) => {
  t.setTimeout(LIMIT_MS);
  const group = await ServerGroup.start(3);
  t.teardown(() => group.close());
  // The first server's loops lead, for they were there first; its member shall lead too.
  const [first, second] = group.servers as [TestServerProcess, TestServerProcess];
  await group.succeed(["member", "transfer-leader", first.name, ...group.cluster]);
  const [stopped, other] = [group.client(first), group.client(second)];
  t.teardown(() => stopped.close());
  t.teardown(() => other.close());
  await until(async () => (await holderOf(other, LOOP)).startsWith(`${first.name}_`));
  await other.resource(CONFIG_MAPS).create(configMap("read", "old"));
  t.equal((await group.leader()).name, first.name);
  // Last, for it lasts some seconds only, which a busy computer may need for the first write.
  let fence = await hold(stopped, "test-loop", "first");
  const held = stopped.fencedBy(() => fence).resource(CONFIG_MAPS);
  await until(async () => {
    fence = await hold(stopped, "test-loop", "first");
    return held.create(configMap("held", "x")).then(() => true, isLost);
  });

  await t.test("what its consensus was asked before it stopped is refused", async (t) => {
    const writes: Promise<unknown>[] = [];
    for (let n = 0; n < 20; n += 1) writes.push(held.create(configMap(`early-${n}`, "x")));
    await Promise.race(writes);
    group.signal(first, "SIGSTOP", "consensus");
    // Its api process goes on and asks: all of it waits at the socket.
    for (let n = 0; n < 20; n += 1) writes.push(held.create(configMap(`late-${n}`, "x")));
    const taken = await untilTaken(other, "test-loop", "second");
    const { metadata } = await other
      .fencedBy(() => taken)
      .resource(CONFIG_MAPS)
      .create(configMap("taken", "x"));
    await setRead(other, "newer");
    const reads = readsThrough(group, first);
    await until(async () => (await readsInFlight(group, first)) >= READS);
    group.signal(first, "SIGCONT", "consensus");
    await checkReads(t, reads, "newer");
    const outcomes = await Promise.allSettled(writes);
    const accepted = outcomes.flatMap((one) =>
      one.status === "fulfilled" ? [one.value as { metadata: { resourceVersion: string } }] : [],
    );
    t.comment(`${accepted.length} of ${writes.length} were accepted before another took over`);
    for (const one of accepted)
      t.ok(Number(one.metadata.resourceVersion) < Number(metadata.resourceVersion), "in time");
    const { items } = await other.resource(CONFIG_MAPS).list({ namespace: "default" });
    const late = items.filter(
      (one) =>
        /^(early|late)-/.test(one.metadata.name) &&
        Number(one.metadata.resourceVersion) > Number(metadata.resourceVersion),
    );
    t.same(late, [], "nothing was written after another took over");
    const refusal = await held.create(configMap("never", "x")).catch((error: unknown) => error);
    t.ok(isConflict(refusal), String(refusal));
  });

  await t.test(
    "the whole server stops for 10 s: no stale read, no write of its loops",
    async (t) => {
      const holder = (await holderOf(other, LOOP)).split("_")[0];
      const victim = group.servers.find(({ name }) => name === holder) ?? first;
      const witness = victim === second ? stopped : other;
      await group.succeed(["member", "transfer-leader", victim.name, ...group.cluster]);
      const deployments = witness.resource(DEPLOYMENTS);
      await deployments.create(deployment("before"));
      await untilServed(witness, ["before"]);
      const before = await untilQuiet(group, victim);
      group.signal(victim, "SIGSTOP");
      const stoppedMs = performance.now();
      await setRead(witness, "new");
      t.comment(`next write ${Math.round(performance.now() - stoppedMs)} ms after the stop`);
      const names = Array.from({ length: 10 }, (_, n) => `during-${n}`);
      for (const name of names) await deployments.create(deployment(name));
      await untilServed(witness, names);
      await delay(Math.max(0, stoppedMs + PAUSE_MS - performance.now()));
      // They wait at its socket and are what it sees first.
      const reads = readsThrough(group, victim);
      group.signal(victim, "SIGCONT");
      await checkReads(t, reads, "new");
      await until(async () => (await group.get(victim, "/readyz")).status === 200);
      await deployments.create(deployment("after"));
      await untilServed(witness, ["after"]);
      t.notOk(
        (await holderOf(witness, LOOP)).startsWith(`${victim.name}_`),
        "another's loops lead",
      );
      t.equal(
        await acceptedWrites(group, victim),
        before,
        "its API accepted no write of its loops",
      );
      t.equal(victim.child.exitCode, null);
    },
  );
});

type Answer = Awaited<ReturnType<ServerGroup["get"]>>;

async function setRead(client: ApiClient, value: string): Promise<void> {
  const place = { namespace: "default", type: "merge" } as const;
  await client.resource(CONFIG_MAPS).patch("read", { data: { value } }, place);
}

function readsThrough(group: ServerGroup, server: TestServerProcess): Promise<Answer>[] {
  const path = "/api/v1/namespaces/default/configmaps/read";
  return Array.from({ length: READS }, () => group.get(server, path));
}

async function readsInFlight(group: ServerGroup, server: TestServerProcess): Promise<number> {
  const { body } = await group.get(server, "/metrics");
  const [, count = "0"] =
    /^apiserver_current_inflight_requests\{request_kind="readOnly"\} (\d+)$/m.exec(body) ?? [];
  return Number(count);
}

/** What was answered at all is what was written last. */
async function checkReads(
  t: { comment(text: string): void; same(a: unknown, b: unknown, m: string): unknown },
  reads: readonly Promise<Answer>[],
  value: string,
): Promise<void> {
  const answers = await Promise.allSettled(reads);
  const values = answers.flatMap((one) =>
    one.status === "fulfilled" && one.value.status === 200
      ? [(JSON.parse(one.value.body) as { data: { value: string } }).data.value]
      : [],
  );
  t.comment(`${values.length} of ${reads.length} reads were answered`);
  t.same(
    [...new Set(values)].filter((one) => one !== value),
    [],
    "no stale read",
  );
}

/** Takes the hold as soon as the one before has run out. */
async function untilTaken(client: ApiClient, name: string, holder: string): Promise<Fence> {
  let fence: Fence | null = null;
  await until(async () => {
    fence = await hold(client, name, holder);
    return true;
  });
  return fence as unknown as Fence;
}

/** Each Deployment has its ReplicaSet: whoever's loops lead have worked. */
async function untilServed(client: ApiClient, names: readonly string[]): Promise<void> {
  await until(async () => {
    const { items } = await client.resource(REPLICA_SETS).list({ namespace: "default" });
    const owners = items.map(({ metadata }) => metadata.ownerReferences?.[0]?.name);
    return names.every((name) => owners.includes(name));
  });
}

/** The writes it has accepted once its loops have nothing left to do. */
async function untilQuiet(group: ServerGroup, server: TestServerProcess): Promise<number> {
  let last = -1;
  await until(async () => {
    const now = await acceptedWrites(group, server);
    const isQuiet = now === last;
    last = now;
    await delay(1_000);
    return isQuiet;
  });
  return last;
}
