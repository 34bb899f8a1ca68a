import { signalProcess } from "../../../deploy/local-cluster/host-processes.js";
import type { ChaosServer } from "../chaos-cluster.js";
import type { Bite, Nemesis, NemesisContext } from "./nemesis.js";
import { pickServer } from "./pick.js";
import { cpuSecondsOf, hold, pidsOf, type ServerProcess, stateOf } from "./processes.js";

/** Three times the Lease that the election workload's candidates hold for 2 s. */
const PAUSE_MS = 6000;
const SETTLE_MS = 50;
/** More than an api process needs by itself while the hooks do nothing. */
const BURNT_SECONDS_MIN = 1;

/** SIGSTOP, and SIGCONT after three lease times. */
export function pauseNemesis(
  name: string,
  about: string,
  processes: readonly ServerProcess[],
): Nemesis {
  const attack: Nemesis["attack"] = async (context) => {
    const { random, cluster } = context;
    return await pause(context, await pickServer(random, cluster), processes);
  };
  return { name, about, needsSeveral: false, ends: false, attack };
}

async function pause(
  { cluster, signal }: NemesisContext,
  server: ChaosServer,
  processes: readonly ServerProcess[],
): Promise<Bite> {
  const pids = pidsOf([server], processes).map(({ pid }) => pid);
  const bite = await standStill(pids, signal);
  await cluster.ensureRunning(server, new AbortController().signal);
  return { targets: [server.name], ...bite };
}

/**
 * SIGSTOP, and SIGCONT after PAUSE_MS; looks whether they stood still all that time. `meanwhile`
 * is called once they do.
 */
export async function standStill(
  pids: readonly number[],
  signal: AbortSignal,
  meanwhile: () => Promise<void> = () => Promise.resolve(),
): Promise<Pick<Bite, "bit" | "evidence">> {
  for (const pid of pids) signalProcess(pid, "SIGSTOP");
  try {
    await meanwhile();
    await hold(SETTLE_MS, signal);
    const before = pids.map(stateOf);
    await hold(PAUSE_MS, signal);
    const states = [...before, ...pids.map(stateOf)];
    const bit = pids.length > 0 && states.every((state) => state === "T");
    const evidence = `pids ${pids.join(", ")} in state ${[...new Set(states)].join("")}`;
    return { bit, evidence };
  } finally {
    for (const pid of pids) signalProcess(pid, "SIGCONT");
  }
}

/** SIGUSR2: the server's own chaos hooks let its api process stand still, in three ways. */
export const STALL_API: Nemesis = {
  name: "stall-api",
  about: "the api process of a server stands still for 5 s, or fills its heap",
  needsSeveral: false,
  ends: true,
  attack: async ({ cluster, random, signal }) => {
    const server = await pickServer(random, cluster);
    const [consensus, api] = [server.pid("consensus"), server.pid("api")];
    const before = api === null ? 0 : cpuSecondsOf(api);
    if (consensus !== null) signalProcess(consensus, "SIGUSR2");
    await hold(PAUSE_MS, signal);
    const isReplaced = api !== server.pid("api");
    const burnt = api === null || isReplaced ? 0 : cpuSecondsOf(api) - before;
    await cluster.ensureRunning(server, new AbortController().signal);
    const evidence = isReplaced
      ? `api ${api} ended`
      : `api ${api} used ${burnt.toFixed(1)} s of a core`;
    const bit = api !== null && (isReplaced || burnt > BURNT_SECONDS_MIN);
    return { targets: [server.name], bit, evidence };
  },
};
