import { setTimeout as delay } from "node:timers/promises";
import { isApiError } from "../../api/client/api-error.js";
import type { ApiClient } from "../../api/client/client-types.js";
import type { ChaosCluster } from "./chaos-cluster.js";
import type { ReplicaCheck } from "./verdict.js";

interface ReplicaLine {
  readonly name: string;
  readonly role: string;
  readonly hash: string;
  readonly hashRevision: number;
}

const DEADLINE_MS = 30_000;
const PAUSE_MS = 500;
const CALL_MS = 5000;

/**
 * Whether the replicas hold the same at the same revision, once nobody writes for the suite any
 * more. The loops of the cluster may: it is asked until two answers are of one revision.
 */
export async function checkReplicas(cluster: ChaosCluster): Promise<ReplicaCheck> {
  if (cluster.servers.length === 1) return { valid: true, evidence: "one server has one replica" };
  const [server] = cluster.servers;
  if (server === undefined) return { valid: "unknown", evidence: "there is no server" };
  const client = cluster.clientOf(server);
  try {
    return await askUntilComparable(client, cluster.servers.length);
  } finally {
    client.close();
  }
}

async function askUntilComparable(client: ApiClient, servers: number): Promise<ReplicaCheck> {
  const deadlineMs = performance.now() + DEADLINE_MS;
  for (;;) {
    const members = await membersOf(client);
    const reachable = members.filter(({ role }) => role !== "unreachable");
    const revisions = new Set(reachable.map(({ hashRevision }) => hashRevision));
    const hashes = new Set(reachable.map(({ hash }) => hash));
    const [revision] = revisions;
    if (reachable.length === servers && revisions.size === 1)
      return hashes.size === 1
        ? { valid: true, evidence: `${servers} replicas are equal at revision ${revision}` }
        : { valid: false, evidence: `replicas differ at revision ${revision}` };
    if (performance.now() > deadlineMs)
      return {
        valid: reachable.length === servers ? "unknown" : false,
        evidence: `${reachable.length} of ${servers} members answer, at revisions ${[...revisions].join(", ")}`,
      };
    await delay(PAUSE_MS);
  }
}

async function membersOf(client: ApiClient): Promise<readonly ReplicaLine[]> {
  try {
    const answer = await client.request("GET", "/raftsman/v1/members", { timeoutMs: CALL_MS });
    return (answer as unknown as { members?: readonly ReplicaLine[] }).members ?? [];
  } catch (error) {
    if (isApiError(error)) return [];
    throw error;
  }
}
