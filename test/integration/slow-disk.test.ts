import { join } from "node:path";
import t from "tap";
import { StoreError } from "../../consensus/consensus.js";
import { TestGroup, type TestMember, until } from "./member-group.js";

const LIMIT_MS = 240_000;
const SLOW_MS = 2_000;
t.setTimeout(LIMIT_MS);

async function put(member: TestMember, key: string): Promise<void> {
  const store = await member.store();
  const op = { type: "put", key: Buffer.from(`/slow/${key}`), value: Buffer.from("x") } as const;
  await store.txn({ compares: [], success: [op] });
}

/**
 * As a client does that writes something once: again, where the outcome is unknown. With three
 * disks of two seconds a write may well take longer than the ten that a server waits for it.
 */
async function putUntilDone(member: TestMember, key: string): Promise<void> {
  for (;;) {
    try {
      return await put(member, key);
    } catch (error) {
      if (!(error instanceof StoreError) || error.code !== "OutcomeUnknown") throw error;
    }
  }
}

async function termOf(group: TestGroup): Promise<number> {
  return Math.max(...(await group.list()).members.map(({ term }) => term));
}

void t.test("a leader whose disk stalls hands leadership over and names the disk", async (t) => {
  t.setTimeout(LIMIT_MS);
  const group = await TestGroup.start(3);
  t.teardown(() => group.close());
  const slow = await group.leader();
  const before = await termOf(group);
  slow.slowDisk(SLOW_MS);
  const others = group.members.filter((member) => member !== slow) as [TestMember, TestMember];
  for (let n = 0; n < 30; n += 1) await put(others[n % 2] as TestMember, String(n));
  await until(async () => (await group.leader()) !== slow);
  for (let n = 30; n < 60; n += 1) await put(others[n % 2] as TestMember, String(n));
  const { members } = await group.list();
  t.match(slow.log, /the disk takes long to write the log/);
  t.ok(slow.log.includes(JSON.stringify(join(slow.folder, "data", "wal"))), "it names the disk");
  t.same(members.find(({ id }) => id === slow.id)?.alarms, ["SlowDisk"]);
  t.equal(await termOf(group), before + 1, "one change of leaders, no storm");
});

void t.test("where every disk is slow the leader stays", async (t) => {
  t.setTimeout(LIMIT_MS);
  const group = await TestGroup.start(3);
  t.teardown(() => group.close());
  const leader = await group.leader();
  const before = await termOf(group);
  for (const member of group.members) member.slowDisk(SLOW_MS);
  const writes = group.members.map(async (member, n) => {
    for (let i = 0; i < 2; i += 1) await putUntilDone(member, `${n}/${i}`);
  });
  await Promise.all(writes);
  t.equal(await group.leader(), leader);
  t.equal(await termOf(group), before, "nobody else would do better");
  t.match(leader.log, /the disk takes long to write the log/);

  // Also who has to be elected on slow disks is, in a few terms.
  await leader.end();
  await until(async () => (await group.leader()) !== leader).catch((error: unknown) => {
    for (const member of group.members) t.comment(member.name, member.log);
    throw error;
  });
  const [follower] = group.running as [TestMember];
  await putUntilDone(follower, "after");
  t.comment(`elected after ${(await termOf(group)) - before} terms`);
  t.ok((await termOf(group)) - before <= 5, "no storm of elections");
});
