import type { ApiClient } from "../api/client/client-types.js";
import { parseTimeMs } from "../api/machinery/time.js";
import type { TokenRequest } from "../api/schema/types/authentication-v1.gen.js";
import type { Pod } from "../api/schema/types/core-v1.gen.js";
import type { JsonValue } from "../api/schema/wire-types.js";
import type { Clock } from "../base/clock.js";
import type { Logger } from "../base/logger.js";
import type { Random } from "../base/random.js";

/** A token that a pod asks for. */
export interface WantedToken {
  /** "" for the API server. */
  readonly audience: string;
  readonly seconds: number;
}

export interface PodTokensDeps {
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  /** A token of this pod is due to be renewed. */
  readonly onChange: (podUid: string) => void;
}

interface Held {
  readonly token: string;
  readonly expiresMs: number;
  renewAtMs: number;
  cancel: () => void;
}

/** A token is renewed after this share of its life, or after a day if that comes first. */
const RENEW_SHARE = 0.8;
const RENEW_AFTER_MS_MAX = 24 * 3_600_000;
/** So that the pods of a node do not all ask at once. */
const JITTER_MS = 10_000;
/** How long after a renewal that failed the next is tried. */
const RETRY_MS = 30_000;

/**
 * The service-account tokens of this node's pods, asked of the API server, each bound to its pod
 * and renewed in time.
 */
export class PodTokens {
  private readonly client: ApiClient;
  private readonly deps: PodTokensDeps;
  /** Pod uid → audience and life → token. */
  private readonly held = new Map<string, Map<string, Held>>();

  constructor(client: ApiClient, deps: PodTokensDeps) {
    this.client = client;
    this.deps = deps;
  }

  /**
   * A token that is not due to be renewed; when renewing fails, the one that there is. Throws
   * ApiError when there is none.
   */
  async token(pod: Pod, wanted: WantedToken): Promise<string> {
    const { uid } = pod.metadata;
    const key = `${wanted.audience}/${wanted.seconds}`;
    const now = this.deps.clock.nowMs();
    const held = this.held.get(uid)?.get(key);
    if (held !== undefined && now < held.renewAtMs) return held.token;
    try {
      const fresh = await this.request(pod, wanted);
      this.keep(uid, key, fresh);
      return fresh.token;
    } catch (error) {
      if (held === undefined || this.deps.clock.nowMs() >= held.expiresMs) throw error;
      const { name, namespace } = pod.metadata;
      this.deps.logger.warn("a pod's token could not be renewed", { name, namespace, error });
      this.renewIn(uid, held, RETRY_MS);
      return held.token;
    }
  }

  /** The pod is gone: its tokens are forgotten. */
  release(uid: string): void {
    for (const { cancel } of this.held.get(uid)?.values() ?? []) cancel();
    this.held.delete(uid);
  }

  close(): void {
    for (const uid of this.held.keys()) this.release(uid);
  }

  private async request(pod: Pod, { audience, seconds }: WantedToken): Promise<Held> {
    const { name, namespace = "", uid } = pod.metadata;
    const account = pod.spec.serviceAccountName ?? "default";
    const path = `/api/v1/namespaces/${namespace}/serviceaccounts/${account}/token`;
    const body = {
      apiVersion: "authentication.k8s.io/v1",
      kind: "TokenRequest",
      spec: {
        audiences: audience === "" ? [] : [audience],
        expirationSeconds: seconds,
        boundObjectRef: { apiVersion: "v1", kind: "Pod", name, uid },
      },
    } satisfies JsonValue;
    const askedMs = this.deps.clock.nowMs();
    const answer = (await this.client.request("POST", path, { body })) as unknown as TokenRequest;
    const { token = "", expirationTimestamp = "" } = answer.status ?? {};
    const expiresMs = parseTimeMs(expirationTimestamp) ?? askedMs + seconds * 1_000;
    const renewMs = Math.min((expiresMs - askedMs) * RENEW_SHARE, RENEW_AFTER_MS_MAX);
    const renewAtMs = askedMs + renewMs - this.deps.random.below(JITTER_MS);
    return { token, expiresMs, renewAtMs, cancel: () => {} };
  }

  private keep(uid: string, key: string, fresh: Held): void {
    const ofPod = this.held.get(uid) ?? new Map<string, Held>();
    ofPod.get(key)?.cancel();
    ofPod.set(key, fresh);
    this.held.set(uid, ofPod);
    this.renewIn(uid, fresh, fresh.renewAtMs - this.deps.clock.nowMs());
  }

  private renewIn(uid: string, held: Held, delayMs: number): void {
    held.cancel();
    held.renewAtMs = this.deps.clock.nowMs() + delayMs;
    held.cancel = this.deps.clock.schedule(delayMs, () => {
      // A timer counts from the start of the turn that set it, so that it may be early by the clock;
      // there is no other one to come.
      held.renewAtMs = Math.min(held.renewAtMs, this.deps.clock.nowMs());
      this.deps.onChange(uid);
    });
  }
}
