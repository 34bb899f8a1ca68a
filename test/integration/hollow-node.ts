import { isApiError, isConflict, isNotFound } from "../../api/client/api-error.js";
import type { ApiClient } from "../../api/client/client-types.js";
import { Informer } from "../../api/client/informer.js";
import { NODES, PODS } from "../../api/client/resource-types.js";
import { systemClock, systemRandom } from "../../api/client/system-clock.js";
import type { Pod } from "../../api/schema/types/core-v1.gen.js";
import { silentLogger } from "../../base/logger.js";

/** How a container ends that SIGKILL ended. */
const KILLED = 137;

/** Stands for scheduler and agent of a cluster without containers. */
export interface HollowNode {
  /** Which pods get ready; the others run but are not ready. May be changed, with `review`. */
  isHealthy: (pod: Pod) => boolean;
  /** The exit code with which a pod ends at once; null: it runs on. May be changed likewise. */
  exitCode: (pod: Pod) => number | null;
  /** Which deleted pods end; the others take their time. May be changed likewise. */
  letsGo: (pod: Pod) => boolean;
  /** Writes the status of every pod again. */
  review(): void;
  stop(): Promise<void>;
}

/** The node that a DaemonSet's pod is meant for; n1 for all others. */
function wantedNode({ spec }: Pod): string {
  const { nodeAffinity } = spec.affinity ?? {};
  const terms = nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms;
  return terms?.[0]?.matchFields?.[0]?.values?.[0] ?? "n1";
}

/**
 * Binds every pod to the node it is meant for, or to n1, reports it running at once, and lets it
 * go when it is deleted.
 */
export async function startHollowNode(client: ApiClient): Promise<HollowNode> {
  const metadata = { name: "n1" };
  await client.resource(NODES).create({ apiVersion: "v1", kind: "Node", metadata, spec: {} });
  const deps = { clock: systemClock, random: systemRandom, logger: silentLogger };
  const pods = new Informer(client.resource(PODS), {}, deps);
  const stop = new AbortController();
  const busy = new Set<Promise<void>>();
  let lastIp = 0;
  const ips = new Map<string, string>();
  const ipOf = ({ metadata: { uid } }: Pod): string => {
    const known = ips.get(uid);
    if (known !== undefined) return known;
    lastIp += 1;
    const ip = `10.244.${lastIp >> 8}.${lastIp & 255}`;
    ips.set(uid, ip);
    return ip;
  };
  const track = (pod: Pod): void => {
    const work = care(pod).catch((error: unknown) => {
      if (isNotFound(error) || isConflict(error) || stop.signal.aborted) return;
      // A computer that has no time for the server: asked again, as an agent does.
      if (isApiError(error, "ServiceUnavailable", "Timeout")) track(pod);
      else throw error;
    });
    busy.add(work);
    void work.finally(() => busy.delete(work));
  };
  const care = async (pod: Pod): Promise<void> => {
    const { name, namespace = "", uid } = pod.metadata;
    const { signal } = stop;
    if (pod.metadata.deletionTimestamp !== undefined) {
      if (!node.letsGo(pod)) return;
      // Who waits for its end is told how it ended before it goes (KEP-3939).
      const isHeld = (pod.metadata.finalizers ?? []).length > 0;
      if (isHeld && pod.status?.phase === "Running") return end(pod, KILLED);
      const options = { namespace, uid, gracePeriodSeconds: 0, signal };
      return client.resource(PODS).delete(name, options);
    }
    if (pod.spec.nodeName === undefined) {
      const path = `/api/v1/namespaces/${namespace}/pods/${name}/binding`;
      const target = { apiVersion: "v1", kind: "Node", name: wantedNode(pod) };
      const body = {
        apiVersion: "v1",
        kind: "Binding",
        metadata: { name, namespace, uid },
        target,
      };
      await client.request("POST", path, { body, signal });
      return;
    }
    const exitCode = node.exitCode(pod);
    if (exitCode !== null) return end(pod, exitCode);
    const status = node.isHealthy(pod) ? "True" : "False";
    const known = pod.status?.conditions?.find(({ type }) => type === "Ready");
    if (known?.status === status && pod.status?.phase === "Running") return;
    const lastTransitionTime = `${new Date().toISOString().slice(0, 19)}Z`;
    const condition = { type: "Ready", status, lastTransitionTime };
    const ip = ipOf(pod);
    const now = { phase: "Running", podIP: ip, podIPs: [{ ip }], conditions: [condition] };
    const options = { namespace, type: "strategic", subresource: "status", signal } as const;
    await client.resource(PODS).patch(name, { status: now }, options);
  };
  const end = async (pod: Pod, exitCode: number): Promise<void> => {
    const phase = exitCode === 0 ? "Succeeded" : "Failed";
    if (pod.status?.phase === phase) return;
    const finishedAt = `${new Date().toISOString().slice(0, 19)}Z`;
    const containerStatuses = pod.spec.containers.map(({ name, image = "" }) => {
      const state = { terminated: { exitCode, finishedAt } };
      return { name, image, imageID: image, ready: false, restartCount: 0, state };
    });
    const { name, namespace = "" } = pod.metadata;
    const options = { namespace, type: "strategic", subresource: "status" } as const;
    const { signal } = stop;
    const status = { phase, containerStatuses };
    await client.resource(PODS).patch(name, { status }, { ...options, signal });
  };
  const node: HollowNode = {
    isHealthy: () => true,
    exitCode: () => null,
    letsGo: () => true,
    review: () => {
      for (const pod of pods.lister.values()) track(pod);
    },
    stop: async () => {
      stop.abort();
      await running;
      await Promise.all(busy);
    },
  };
  pods.addHandler({ added: track, updated: track });
  const running = pods.run(stop.signal);
  return node;
}
