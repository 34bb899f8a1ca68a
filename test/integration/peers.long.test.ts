import t from "tap";
import type { Store } from "../../consensus/consensus.js";
import { TestGroup, type TestMember, until } from "./member-group.js";

const LIMIT_MS = 300_000;
t.setTimeout(LIMIT_MS);

const PREFIX = "/peers/";

/** Writes one key after the other through one member's store, and knows what was acknowledged. */
class Writer {
  readonly acknowledged: string[] = [];
  unknown = 0;
  private readonly store: Store;
  private readonly name: string;
  private isStopped = false;
  private done: Promise<void> = Promise.resolve();

  constructor(name: string, store: Store) {
    this.name = name;
    this.store = store;
  }

  start(): void {
    this.done = this.run();
  }

  async stop(): Promise<void> {
    this.isStopped = true;
    await this.done;
  }

  private async run(): Promise<void> {
    for (let n = 0; !this.isStopped; n += 1) {
      const key = `${PREFIX}${this.name}/${String(n).padStart(6, "0")}`;
      try {
        await create(this.store, key);
        this.acknowledged.push(key);
      } catch {
        this.unknown += 1;
      }
    }
  }
}

/** A key that must not be there yet: a write that is done twice is noticed. */
async function create(store: Store, key: string): Promise<void> {
  const bytes = Buffer.from(key);
  const { succeeded } = await store.txn({
    compares: [{ target: "version", key: bytes, result: "=", value: 0 }],
    success: [{ type: "put", key: bytes, value: Buffer.from("x".repeat(200)) }],
  });
  if (!succeeded) throw new Error(`${key} was there already`);
}

async function keysOf(store: Store): Promise<Set<string>> {
  const rangeEnd = Buffer.from("/peers0");
  const { kvs } = await store.range({ key: Buffer.from(PREFIX), rangeEnd, keysOnly: true });
  return new Set(kvs.map((kv) => kv.key.toString()));
}

async function startGroup(t: { teardown(run: () => Promise<void>): void }): Promise<TestGroup> {
  const group = await TestGroup.start(3);
  t.teardown(() => group.close());
  return group;
}

/** Every running member holds every acknowledged key, and all have the same hash. */
async function checkAll(
  t: { same(a: unknown, b: unknown, m: string): unknown },
  group: TestGroup,
  writers: readonly Writer[],
): Promise<void> {
  for (const member of group.running) {
    const keys = await keysOf(await member.store());
    const lost = writers.flatMap((w) => w.acknowledged).filter((key) => !keys.has(key));
    t.same(lost, [], `${member.name} has all that was acknowledged`);
  }
  await until(async () => {
    const statuses = await Promise.all(
      group.running.map(async (member) => (await member.store()).status()),
    );
    return new Set(statuses.map((s) => `${s.appliedIndex} ${s.hash}`)).size === 1;
  });
}

async function startWriters(members: readonly TestMember[]): Promise<Writer[]> {
  const writers: Writer[] = [];
  for (const member of members) writers.push(new Writer(member.name, await member.store()));
  for (const writer of writers) writer.start();
  return writers;
}

/** Resolves once each of them has had so many more writes acknowledged. */
async function untilWritten(writers: readonly Writer[], more: number): Promise<void> {
  const goals = writers.map((writer) => writer.acknowledged.length + more);
  await until(async () => writers.every((w, i) => w.acknowledged.length >= (goals[i] ?? 0)));
}

void t.test("one grows to three, each serves, and any one may die", async (t) => {
  t.setTimeout(LIMIT_MS);
  const group = await startGroup(t);
  const { members } = await group.list();
  t.equal(members.length, 3);
  t.equal(members.filter(({ role }) => role === "leader").length, 1);
  t.ok(members.every(({ voter, healthy, pid }) => voter && healthy && pid > 0));
  const writers = await startWriters(group.members);
  await untilWritten(writers, 50);
  for (const victim of group.members) {
    const others = writers.filter((_, i) => group.members[i] !== victim);
    await victim.end();
    await untilWritten(others, 50);
    await victim.start();
    await untilWritten(writers, 20);
  }
  for (const writer of writers) await writer.stop();
  await checkAll(t, group, writers);
});

void t.test("a leader that is stopped is replaced, and when it wakes it has no say", async (t) => {
  t.setTimeout(LIMIT_MS);
  const group = await startGroup(t);
  const leader = await group.leader();
  const others = group.members.filter((member) => member !== leader);
  const writers = await startWriters(others);
  await untilWritten(writers, 20);
  leader.signal("SIGSTOP");
  await untilWritten(writers, 50);
  const written = writers.flatMap((writer) => writer.acknowledged);
  leader.signal("SIGCONT");
  const keys = await keysOf(await leader.store());
  t.same(
    written.filter((key) => !keys.has(key)),
    [],
    "it answers no stale read",
  );
  for (const writer of writers) await writer.stop();
  await checkAll(t, group, writers);
});

void t.test("a watch and a lease live on through a change of leaders", async (t) => {
  t.setTimeout(LIMIT_MS);
  const group = await startGroup(t);
  const leader = await group.leader();
  const [follower] = group.members.filter((member) => member !== leader) as [TestMember];
  const store = await follower.store();
  const lease = await store.leaseGrant(20_000);
  t.equal(await store.leaseKeepAlive(lease), 20_000);
  const seen: string[] = [];
  const stop = new AbortController();
  const watching = store.watch(
    { key: Buffer.from(PREFIX), rangeEnd: Buffer.from("/peers0"), fromRevision: 1 },
    {
      signal: stop.signal,
      onBatch: ({ events }) => seen.push(...events.map(({ kv }) => kv.key.toString())),
    },
  );
  for (let n = 0; n < 10; n += 1) await create(store, `${PREFIX}w/${n}`);
  await leader.end();
  for (let n = 10; n < 20; n += 1) await create(store, `${PREFIX}w/${n}`);
  t.ok((await store.leaseTimeToLive(lease)).remainingMs > 0);
  t.equal(await store.leaseKeepAlive(lease), 20_000);
  await until(async () => seen.length === 20);
  t.same(
    seen,
    Array.from({ length: 20 }, (_, n) => `${PREFIX}w/${n}`),
  );
  stop.abort();
  await watching;
  const [first] = (await group.list()).members.filter(({ role }) => role === "unreachable");
  t.equal(first?.id, leader.id);
  await store.memberRemove(leader.name);
  await leader.start().catch(() => {});
  t.equal(await leader.ended(), 1);
  t.match(leader.log, /was removed from the cluster/);
  const back = await group.join(leader.name);
  await group.untilVoters(3);
  t.equal((await keysOf(await back.store())).size, 20, "who lost its disk has everything again");
});

/** Places that only a member with peers passes. */
const SEND_POINTS = ["before-send", "after-send"];

void t.test("a member that is killed as it sends loses nothing", async (t) => {
  t.setTimeout(LIMIT_MS);
  const group = await startGroup(t);
  const [first, second, other] = group.members as [TestMember, TestMember, TestMember];
  const store = await other.store();
  const writers = [1, 2, 3, 4].map((n) => new Writer(`w${n}`, store));
  for (const writer of writers) writer.start();
  const places = SEND_POINTS.flatMap((point) => [5, 150].map((hit) => ({ point, hit })));
  for (const [i, { point, hit }] of places.entries()) {
    const victim = i % 2 === 0 ? first : second;
    await victim.end();
    await victim.start({ RAFTSMAN_FAIL_POINT: `${point}:${hit}` }).catch(() => {});
    // Whoever leads sends the most, and has the most to lose.
    await store.transferLeader(victim.name).catch(() => {});
    await until(async () => victim.pid === 0);
    await victim.start();
    await untilWritten(writers, 20);
  }
  for (const writer of writers) await writer.stop();
  await checkAll(t, group, writers);
});

/** Places that a member passes while a snapshot takes the place of its log. */
const INSTALL_POINTS = ["before-rename", "after-rename", "segment-create", "segment-delete"];

void t.test("a member that is killed while it takes in a snapshot recovers", async (t) => {
  t.setTimeout(LIMIT_MS);
  const group = await TestGroup.start(3, {
    snapshotEntries: 60,
    segmentSizeBytes: 10_000,
    entriesKept: 20,
  });
  t.teardown(() => group.close());
  const leader = await group.leader();
  const [victim, other] = group.members.filter((member) => member !== leader) as [
    TestMember,
    TestMember,
  ];
  const store = await other.store();
  const writers = [1, 2, 3, 4].map((n) => new Writer(`w${n}`, store));
  for (const writer of writers) writer.start();
  for (const point of INSTALL_POINTS) {
    await victim.end();
    await untilWritten(writers, 40);
    // It cannot know that it is to be killed: it dies within the start, or soon after.
    await victim.start({ RAFTSMAN_FAIL_POINT: `${point}:1` }).catch(() => {});
    await until(async () => victim.pid === 0);
    await victim.start();
    await untilWritten(writers, 20);
  }
  t.match(victim.log, /a snapshot of the leader's takes the place of the log/);
  for (const writer of writers) await writer.stop();
  await checkAll(t, group, writers);
});
