/**
 * Many simulated nodes in one process, for benchmarks: `node hollow-agents.js JSON`, see
 * HollowAgents. Tells its parent `ready` when all of them can take pods, and ends with it.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { monitorEventLoopDelay } from "node:perf_hooks";
import { setTimeout as delay } from "node:timers/promises";
import { agentOptions } from "../../deploy/agent/agent-process.js";
import { parseAgentConfig } from "../../deploy/agent/agent-config.js";
import { ensureAgentPki } from "../../deploy/pki/cluster-pki.js";
import { type RunningAgent, startAgent } from "../../node/agent.js";

/** What the process is told. */
export interface HollowAgents {
  readonly server: string;
  /** The server's keys, with which the nodes' certificates are signed. */
  readonly pkiDir: string;
  /** Where the agents' folders go; short. */
  readonly folder: string;
  /** Their numbers begin with that. */
  readonly first: number;
  readonly count: number;
  readonly maxPods: number;
  /** Their nodes' address, which servers reach. */
  readonly address: string;
}

/** Event-loop delays beyond that, on average, mean that there is more to do than time. */
const LATE_NS = 40e6;
const LOOK_MS = 250;
/** Of all processors; less means that somebody waits for one. */
const IDLE_SHARE = 0.1;

const delays = monitorEventLoopDelay({ resolution: 10 });
delays.enable();
const asked = JSON.parse(process.argv[2] ?? "{}") as HollowAgents;
const agents: RunningAgent[] = [];
// Also while they still start.
process.once("disconnect", () => {
  void Promise.all(agents.map((agent) => agent.stop())).then(() => process.exit(0));
});
for (let index = asked.first; index < asked.first + asked.count; index += 1) {
  const name = `hollow-${index}`;
  const dataDir = join(asked.folder, name);
  const config = parseAgentConfig({
    name,
    servers: [asked.server],
    dataDir,
    runtime: "hollow",
    nodeAddress: asked.address,
    listen: `${asked.address}:0`,
    maxPods: asked.maxPods,
  });
  await ensureAgentPki(asked.pkiDir, join(dataDir, "pki"), {
    nodeName: name,
    addresses: [asked.address],
    nowMs: Date.now(),
  });
  const agent = await startAgent(agentOptions(config));
  agents.push(agent);
  await agent.ready;
  await calm();
}
process.send?.("ready");

/**
 * Waits until this process keeps up with what it has begun, and the computer with what all do.
 * Each node has a computer of its own elsewhere; here, what a thousand of them do at their start
 * must not come all at once.
 */
async function calm(): Promise<void> {
  for (;;) {
    const before = processorTimes();
    delays.reset();
    await delay(LOOK_MS);
    const now = processorTimes();
    const idle = (now.idle - before.idle) / (now.all - before.all);
    if (delays.mean < LATE_NS && idle >= IDLE_SHARE) return;
  }
}

/** Of all processors since the computer began, in clock ticks. */
function processorTimes(): { readonly idle: number; readonly all: number } {
  const [first = ""] = readFileSync("/proc/stat", "utf8").split("\n");
  const ticks = first.trim().split(/\s+/).slice(1).map(Number);
  return { idle: ticks[3] ?? 0, all: ticks.reduce((sum, of) => sum + of, 0) };
}
