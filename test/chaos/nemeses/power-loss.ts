import {
  existsSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import type { Random } from "../../../base/random.js";
import type { ChaosServer } from "../chaos-cluster.js";
import type { Bite, Nemesis, NemesisContext } from "./nemesis.js";
import { type Loss, parseRecord, planPowerLoss, recordOfDurable } from "./power-loss-plan.js";
import { endBySignal, pidsOf } from "./processes.js";

/** How many bytes LevelDB's own log of `size` bytes keeps: it is never synced, so any number. */
export type KeptOfLevelLog = (random: Random, size: number) => number;

/**
 * The power of all servers fails at once: SIGKILL, and files lose what was not synced. What is left
 * of LevelDB's log is up to `kept`; by default all of it goes in half of the cases.
 */
export function powerLossNemesis(kept: KeptOfLevelLog = allOrSome): Nemesis {
  return {
    name: "power-loss",
    about: "all servers lose power: SIGKILL, and files lose what was not synced",
    needsSeveral: false,
    ends: true,
    attack: (context) => powerLoss(context, kept),
  };
}

function allOrSome(random: Random, size: number): number {
  return random.below(2) === 0 ? 0 : random.below(size);
}

async function powerLoss({ cluster, random }: NemesisContext, kept: KeptOfLevelLog): Promise<Bite> {
  const pids = pidsOf(cluster.servers, ["consensus", "api"]);
  const ended = await Promise.all(pids.map(({ pid }) => endBySignal(pid, "SIGKILL")));
  const losses = cluster.servers.flatMap((server) => [
    ...losePower(server),
    ...tearLevelLogs(server, (size) => kept(random, size)),
  ]);
  await cluster.ensureAllRunning(new AbortController().signal);
  const bit = pids.length > 0 && ended.every(Boolean) && losses.length > 0;
  const targets = cluster.servers.map(({ name }) => name);
  return { targets, bit, evidence: describeLosses(losses) };
}

/** Makes the files of the server's store what a power loss leaves. Returns what was lost. */
function losePower({ storeDir, fsyncRecord }: ChaosServer): Loss[] {
  const record = existsSync(fsyncRecord) ? readFileSync(fsyncRecord, "utf8") : "";
  const losses = planPowerLoss(parseRecord(record), sizesBelow(storeDir));
  for (const loss of losses) {
    if (loss.type === "truncate") truncateSync(loss.path, loss.size);
    else if (loss.type === "vanish") rmSync(loss.path);
    else renameSync(loss.path, loss.to);
  }
  const lines = recordOfDurable(sizesBelow(storeDir)).map((line) => `${JSON.stringify(line)}\n`);
  writeFileSync(fsyncRecord, lines.join(""));
  return losses;
}

function tearLevelLogs({ storeDir }: ChaosServer, keptOf: (size: number) => number): Loss[] {
  const folder = join(storeDir, "store");
  if (!existsSync(folder)) return [];
  const logs = readdirSync(folder).filter((name) => /^\d+\.log$/.test(name));
  return logs.flatMap((name): Loss[] => {
    const path = join(folder, name);
    const { size } = statSync(path);
    if (size === 0) return [];
    const kept = keptOf(size);
    truncateSync(path, kept);
    return [{ type: "truncate", path, size: kept }];
  });
}

function sizesBelow(folder: string): Map<string, number> {
  const sizes = new Map<string, number>();
  if (!existsSync(folder)) return sizes;
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name);
    if (entry.isFile()) sizes.set(path, statSync(path).size);
  }
  return sizes;
}

function describeLosses(losses: readonly Loss[]): string {
  const count = (type: Loss["type"]): number => losses.filter((loss) => loss.type === type).length;
  return [
    `${count("truncate")} files cut`,
    `${count("vanish")} vanished`,
    `${count("rename-back")} renamed back`,
  ].join(", ");
}
