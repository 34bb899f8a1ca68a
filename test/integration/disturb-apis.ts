import { join } from "node:path";
import { connectStore } from "../../consensus/consensus.js";
import { CHAOS_HOOKS } from "../../deploy/server/chaos-hooks.js";
import { until } from "./member-group.js";
import type { ServerGroup, TestServerProcess } from "./server-group.js";

/** Filling a heap of gigabytes takes its time. */
const HEAP_LIMIT_MS = 180_000;

/**
 * `kill -USR2` on the leader of a group with --chaos-hooks, as often as there are misbehaviours,
 * `rounds` times: its store answers meanwhile, and term and leader of all stay as they are.
 */
export async function disturbApis(
  t: {
    same(a: unknown, b: unknown, m: string): unknown;
    equal(a: unknown, b: unknown, m: string): unknown;
    teardown(run: () => Promise<void>): void;
  },
  group: ServerGroup,
  rounds: number,
): Promise<void> {
  const leader = await group.leader();
  const store = await connectStore({ socketPath: join(leader.dataDir, "run/consensus.sock") });
  t.teardown(() => store.close());
  const before = await termsOf(group);
  for (let round = 1; round <= rounds; round += 1)
    for (const hook of CHAOS_HOOKS) {
      const asked = leader.log.length;
      leader.child.kill("SIGUSR2");
      await until(async () => leader.log.slice(asked).includes(hook));
      const key = Buffer.from(`/isolation/${round}/${hook}`);
      const put = { type: "put", key, value: Buffer.from("x") } as const;
      await store.txn({ compares: [], success: [put] });
      if (hook === "fill-heap") await untilRestarted(leader, asked);
      await until(async () => (await group.get(leader, "/readyz")).status === 200, HEAP_LIMIT_MS);
      t.same(await termsOf(group), before, `${hook}, round ${round}: same term, same leader`);
    }
  t.equal(leader.child.exitCode, null, "the consensus process runs on");
}

function untilRestarted(leader: TestServerProcess, from: number): Promise<void> {
  return until(async () => leader.log.slice(from).includes("it is started again"), HEAP_LIMIT_MS);
}

/** Term and leader as each member tells them. */
async function termsOf(group: ServerGroup): Promise<string[]> {
  const { members } = await group.list();
  return members.map(({ name, term, role }) => `${name} ${term} ${role}`);
}
