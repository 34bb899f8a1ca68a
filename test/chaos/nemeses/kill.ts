import type { ChaosServer } from "../chaos-cluster.js";
import type { Bite, Nemesis, NemesisContext } from "./nemesis.js";
import { pickServer } from "./pick.js";
import { endBySignal, hold, pidsOf, type ServerProcess } from "./processes.js";

const DOWN_MS_MAX = 2000;

/** kill -9, of a whole server or of one of its processes. */
export function killNemesis(
  name: string,
  about: string,
  processes: readonly ServerProcess[],
): Nemesis {
  return {
    name,
    about,
    needsSeveral: false,
    ends: true,
    attack: (context) => kill(context, processes),
  };
}

async function kill(
  { cluster, random, signal }: NemesisContext,
  processes: readonly ServerProcess[],
): Promise<Bite> {
  const server = await pickServer(random, cluster);
  const pids = pidsOf([server], processes).map(({ pid }) => pid);
  const ended = await Promise.all(pids.map((pid) => endBySignal(pid, "SIGKILL")));
  await hold(random.below(DOWN_MS_MAX), signal);
  await runAgain(server, { cluster });
  const bit = pids.length > 0 && ended.every(Boolean);
  return { targets: [server.name], bit, evidence: `pids ${pids.join(", ")} ended` };
}

/** SIGTERM to one server after the other; each is ready again before the next one goes. */
export const ROLLING_RESTART: Nemesis = {
  name: "rolling-restart",
  about: "SIGTERM and a new start, one server after the other",
  needsSeveral: false,
  ends: true,
  attack: async ({ cluster }) => {
    const ended: boolean[] = [];
    for (const server of cluster.servers) {
      const pid = server.pid("consensus");
      ended.push(pid !== null && (await endBySignal(pid, "SIGTERM")));
      await runAgain(server, { cluster });
    }
    const targets = cluster.servers.map(({ name }) => name);
    return { targets, bit: ended.every(Boolean), evidence: `${ended.length} servers restarted` };
  },
};

/** Healing is not interrupted: what comes after needs all servers. */
async function runAgain(
  server: ChaosServer,
  { cluster }: Pick<NemesisContext, "cluster">,
): Promise<void> {
  await cluster.ensureRunning(server, new AbortController().signal);
}
