import { isApiError, isNotFound } from "../api/client/api-error.js";
import type { ApiClient, ResourceClient } from "../api/client/client-types.js";
import { PODS } from "../api/client/resource-types.js";
import { jitteredBackoffMs, waitMs } from "../api/client/waiting.js";
import type { Pod, PodStatus } from "../api/schema/types/core-v1.gen.js";
import type { JsonObject } from "../api/schema/wire-types.js";
import type { Clock } from "../base/clock.js";
import type { Logger } from "../base/logger.js";
import type { Random } from "../base/random.js";
import { podKey } from "./plan/pod-runtime.js";
import { isStaticPod } from "./plan/pod-role.js";
import { mirroredUid } from "./plan/static-pods.js";
import { sameStatus, statusPatch } from "./plan/status-patch.js";

interface Entry {
  /** Of the pod as the agent knows it. */
  readonly uid: string;
  /** The API's pod; null: it has none (yet), as of a static pod without its mirror. */
  pod: Pod | null;
  status: PodStatus;
  /** What the server has, as far as we know; null: the status of `pod` as it was given. */
  delivered: PodStatus;
  /** The resourceVersion that `delivered` was seen at. */
  version: bigint;
  urgent: boolean;
  sending: Promise<void> | null;
  /** Ends a wait for more changes before sending. */
  hurry: AbortController;
}

/** Changes that nobody waits for are sent together after this long. */
const LAZY_MS = 400;
const RETRY = { firstMs: 100, maxMs: 5000 };
const FIELD_MANAGER = "raftsman-agent";

/**
 * Brings the statuses of pods to the API server: at once when urgent, one request a pod at a time,
 * and again until the newest one has arrived. Intermediate ones may be left out.
 */
export class StatusManager {
  private readonly pods: ResourceClient<Pod>;
  private readonly deps: {
    readonly clock: Clock;
    readonly random: Random;
    readonly logger: Logger;
    readonly signal: AbortSignal;
  };
  private readonly entries = new Map<string, Entry>();
  /** By uid of the static pod: what the API shows of it. */
  private readonly mirrors = new Map<string, Pod>();

  constructor(client: ApiClient, deps: StatusManager["deps"]) {
    this.pods = client.resource(PODS);
    this.deps = deps;
  }

  /** The newest status computed for the pod; null: none was. */
  latest(uid: string): PodStatus | null {
    return this.entries.get(uid)?.status ?? null;
  }

  /** Takes the newest status of a pod. */
  publish(pod: Pod, status: PodStatus, options: { readonly urgent: boolean }): void {
    const { uid } = pod.metadata;
    const known = this.entries.get(uid);
    if (known !== undefined) {
      known.status = status;
      if (options.urgent && !known.urgent) {
        known.urgent = true;
        known.hurry.abort();
      }
      this.send(known);
      return;
    }
    const target = isStaticPod(pod) ? (this.mirrors.get(uid) ?? null) : pod;
    const entry: Entry = {
      uid,
      pod: target,
      status,
      delivered: target?.status ?? {},
      version: BigInt(target?.metadata.resourceVersion ?? 0),
      urgent: options.urgent,
      sending: null,
      hurry: new AbortController(),
    };
    this.entries.set(uid, entry);
    this.send(entry);
  }

  /** Takes notice of what the server has: what somebody else changed of our part is put right. */
  observe(pod: Pod): void {
    const shown = mirroredUid(pod);
    // The agent's own word of a static pod says nothing of what the server has.
    if (shown === null && isStaticPod(pod)) return;
    if (shown !== null) this.mirrors.set(shown, pod);
    const entry = this.entries.get(shown ?? pod.metadata.uid);
    if (entry === undefined) return;
    entry.pod = pod;
    const version = BigInt(pod.metadata.resourceVersion);
    // Our own last write may be newer than what the watch has shown so far.
    if (version <= entry.version || entry.sending !== null) return;
    entry.version = version;
    entry.delivered = pod.status ?? {};
    if (!sameStatus(entry.status, entry.delivered)) this.send(entry);
  }

  /** The API shows the static pod of this mirror no more. */
  mirrorGone(mirror: Pod): void {
    const uid = mirroredUid(mirror) ?? "";
    if (this.mirrors.get(uid)?.metadata.uid !== mirror.metadata.uid) return;
    this.mirrors.delete(uid);
    const entry = this.entries.get(uid);
    if (entry !== undefined) entry.pod = null;
  }

  /** Resolves once the newest status has arrived or can arrive no more (the pod is gone). */
  async flush(uid: string): Promise<void> {
    const entry = this.entries.get(uid);
    if (entry === undefined) return;
    entry.urgent = true;
    entry.hurry.abort();
    while (entry.sending !== null) await entry.sending;
  }

  /** The pod is gone: nothing more is sent for it. */
  forget(uid: string): void {
    this.entries.delete(uid);
  }

  private send(entry: Entry): void {
    if (entry.sending !== null || entry.pod === null) return;
    entry.sending = this.deliver(entry)
      .catch((error: unknown) => {
        if (!this.deps.signal.aborted) this.deps.logger.error("pod status lost", { error });
      })
      .finally(() => {
        entry.sending = null;
        if (this.deps.signal.aborted || !this.isCurrent(entry)) return;
        if (!sameStatus(entry.status, entry.delivered)) this.send(entry);
      });
  }

  private async deliver(entry: Entry): Promise<void> {
    const { clock, random, signal } = this.deps;
    for (let failures = 0; !signal.aborted && this.isCurrent(entry); ) {
      if (!entry.urgent) await waitMs(clock, LAZY_MS, entry.hurry.signal);
      entry.hurry = new AbortController();
      entry.urgent = false;
      const { status, pod } = entry;
      if (pod === null || sameStatus(status, entry.delivered)) return;
      try {
        entry.version = await this.patch(pod, statusPatch(entry.delivered, status), signal);
        entry.delivered = status;
        failures = 0;
      } catch (error) {
        if (signal.aborted) return;
        if (await this.isGone(pod, error)) {
          // There is nobody left to tell, unless another mirror has been made meanwhile.
          const next = entry.pod !== null && entry.pod.metadata.uid !== pod.metadata.uid;
          entry.delivered = next ? (entry.pod?.status ?? {}) : status;
          if (next) continue;
          return;
        }
        this.deps.logger.warn("pod status not written yet", { pod: podKey(pod), error });
        await waitMs(clock, jitteredBackoffMs(failures, RETRY, random), signal);
        failures += 1;
        entry.urgent = true;
      }
    }
  }

  private async patch(pod: Pod, status: JsonObject, signal: AbortSignal): Promise<bigint> {
    const { name, namespace = "", uid } = pod.metadata;
    // The uid makes the write fail when another pod has taken the name.
    const patch = { metadata: { uid }, status };
    const options = { namespace, type: "strategic", subresource: "status" } as const;
    const call = { ...options, fieldManager: FIELD_MANAGER, signal };
    const written = await this.pods.patch(name, patch, call);
    return BigInt(written.metadata.resourceVersion);
  }

  /** True when no pod of that name and uid is there any more. */
  private async isGone(pod: Pod, error: unknown): Promise<boolean> {
    if (isNotFound(error)) return true;
    if (!isApiError(error, "Conflict", "Invalid")) return false;
    const { name, namespace = "", uid } = pod.metadata;
    const { signal } = this.deps;
    try {
      return (await this.pods.get(name, { namespace, signal })).metadata.uid !== uid;
    } catch (failure) {
      return isNotFound(failure);
    }
  }

  private isCurrent(entry: Entry): boolean {
    return this.entries.get(entry.uid) === entry;
  }
}
