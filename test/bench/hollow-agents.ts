/**
 * Many simulated nodes in one process, for benchmarks: `node hollow-agents.js JSON`, see
 * HollowAgents. Tells its parent `ready` when all of them can take pods, and ends with it.
 */
import { join } from "node:path";
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
  agents.push(await startAgent(agentOptions(config)));
}
await Promise.all(agents.map(({ ready }) => ready));
process.send?.("ready");
