import t from "tap";
import { TestGroup, type TestMember, until } from "./member-group.js";

const LIMIT_MS = 120_000;
t.setTimeout(LIMIT_MS);

async function alarmsOf(group: TestGroup): Promise<Readonly<Record<string, readonly string[]>>> {
  const { members } = await group.list();
  return Object.fromEntries(members.map(({ name, alarms }) => [name, alarms]));
}

void t.test("a replica that went astray is found, and is right again as a new one", async (t) => {
  t.setTimeout(LIMIT_MS);
  const group = await TestGroup.start(3, { scrubMs: 200 });
  t.teardown(() => group.close());
  const leader = await group.leader();
  const [astray, other] = group.members.filter((member) => member !== leader) as [
    TestMember,
    TestMember,
  ];
  const write = async (count: number): Promise<void> => {
    const store = await other.store();
    for (let n = 0; n < count; n += 1) {
      const put = { type: "put", key: Buffer.from(`/k/${n}`), value: Buffer.from("x") } as const;
      await store.txn({ compares: [], success: [put] });
    }
  };
  await write(50);
  await until(async () => / replicas were compared /.test(leader.log.replaceAll('"', " ")));
  t.same(Object.values(await alarmsOf(group)), [[], [], []], "all are the same");
  await astray.end();
  await astray.start({}, { plantedBug: "ApplySkips" });
  await write(50);
  await until(async () => (await alarmsOf(group))[astray.name]?.length === 1);
  t.same(await alarmsOf(group), {
    [leader.name]: [],
    [other.name]: [],
    [astray.name]: ["HashMismatch"],
  });
  t.match(astray.log, /this replica is not what the others are/);
  await astray.end();
  const back = await group.join(astray.name);
  await group.untilVoters(3);
  await write(10);
  await until(async () => {
    const { members } = await group.list();
    return new Set(members.map(({ hash, hashRevision }) => `${hashRevision} ${hash}`)).size === 1;
  });
  t.same(Object.values(await alarmsOf(group)), [[], [], []]);
  t.equal((await back.store().then((store) => store.status())).alarms.length, 0);
});
