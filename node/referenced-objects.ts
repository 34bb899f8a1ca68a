import { isNotFound } from "../api/client/api-error.js";
import type { ApiClient } from "../api/client/client-types.js";
import { Informer } from "../api/client/informer.js";
import type { ReflectorDeps } from "../api/client/reflector.js";
import {
  CLUSTER_TRUST_BUNDLES,
  CONFIG_MAPS,
  PERSISTENT_VOLUME_CLAIMS,
  PERSISTENT_VOLUMES,
  RUNTIME_CLASSES,
  SECRETS,
} from "../api/client/resource-types.js";
import type {
  ConfigMap,
  PersistentVolume,
  PersistentVolumeClaim,
  Pod,
  Secret,
} from "../api/schema/types/core-v1.gen.js";
import type { ClusterTrustBundle } from "../api/schema/types/certificates-v1beta1.gen.js";
import type { RuntimeClass } from "../api/schema/types/node-v1.gen.js";
import { objectReferences } from "./plan/object-references.js";
import { PodTokens, type WantedToken } from "./pod-tokens.js";

/**
 * The ConfigMaps, Secrets, claims and volumes that this node's pods name, and the tokens of their
 * service accounts; nothing else of them is ever read.
 */
export interface ReferencedObjects {
  /**
   * Follows what the pod names; resolves once all of it is known, false when that takes too long.
   */
  follow(pod: Pod, signal: AbortSignal): Promise<boolean>;
  /** The pod is gone: stops following what no other pod names. */
  release(uid: string): void;
  /** Null: there is none of that name. */
  configMap(namespace: string, name: string): ConfigMap | null;
  secret(namespace: string, name: string): Secret | null;
  /** As the server has them now; null: there is none of that name. Throws ApiError. */
  claim(namespace: string, name: string): Promise<PersistentVolumeClaim | null>;
  persistentVolume(name: string): Promise<PersistentVolume | null>;
  runtimeClass(name: string): Promise<RuntimeClass | null>;
  /** Every bundle of the cluster, once a pod that uses any is followed. */
  trustBundles(): readonly ClusterTrustBundle[];
  /** A token of the pod's service account, bound to the pod. Throws ApiError. */
  token(pod: Pod, wanted: WantedToken): Promise<string>;
}

type Watched = "configmaps" | "secrets" | "clustertrustbundles";

interface Followed {
  readonly informer: Informer<ConfigMap> | Informer<Secret> | Informer<ClusterTrustBundle>;
  readonly stop: AbortController;
  /** Pods that name it. */
  readonly users: Set<string>;
}

const SYNC_WAIT_MS = 10_000;

/** Follows each object by a watch of its own, shared by the pods that name it. */
export class WatchedObjects implements ReferencedObjects {
  private readonly client: ApiClient;
  private readonly deps: ReflectorDeps;
  private readonly volumes: boolean;
  private readonly onChange: (podUid: string) => void;
  private readonly tokens: PodTokens;
  private readonly followed = new Map<string, Followed>();

  /** `volumes` false: no volume is ever mounted, so that what volumes name is of no interest. */
  constructor(
    client: ApiClient,
    deps: ReflectorDeps & {
      readonly onChange: (podUid: string) => void;
      readonly volumes: boolean;
    },
  ) {
    this.client = client;
    this.deps = deps;
    this.volumes = deps.volumes;
    this.onChange = deps.onChange;
    this.tokens = new PodTokens(client, deps);
  }

  async follow(pod: Pod, signal: AbortSignal): Promise<boolean> {
    const namespace = pod.metadata.namespace ?? "";
    const { configMaps, secrets, trustBundles } = objectReferences(pod, { volumes: this.volumes });
    const all = [
      ...Array.from(configMaps, (name) => this.entryOf("configmaps", namespace, name)),
      ...Array.from(secrets, (name) => this.entryOf("secrets", namespace, name)),
      ...(trustBundles ? [this.entryOf("clustertrustbundles", "", "")] : []),
    ];
    for (const { users } of all) users.add(pod.metadata.uid);
    if (all.every(({ informer }) => informer.hasSynced)) return true;
    const limit = new AbortController();
    const cancel = this.deps.clock.schedule(SYNC_WAIT_MS, () => limit.abort());
    const giveUp = (): void => limit.abort();
    signal.addEventListener("abort", giveUp, { once: true });
    try {
      const synced = all.map(({ informer }) => informer.whenSynced(limit.signal));
      return (await Promise.all(synced)).every(Boolean);
    } finally {
      cancel();
      signal.removeEventListener("abort", giveUp);
    }
  }

  release(uid: string): void {
    this.tokens.release(uid);
    for (const [key, { users, stop }] of this.followed) {
      if (!users.delete(uid) || users.size > 0) continue;
      stop.abort();
      this.followed.delete(key);
    }
  }

  configMap(namespace: string, name: string): ConfigMap | null {
    return this.lookup("configmaps", namespace, name) as ConfigMap | null;
  }

  secret(namespace: string, name: string): Secret | null {
    return this.lookup("secrets", namespace, name) as Secret | null;
  }

  token(pod: Pod, wanted: WantedToken): Promise<string> {
    return this.tokens.token(pod, wanted);
  }

  claim(namespace: string, name: string): Promise<PersistentVolumeClaim | null> {
    return orNull(this.client.resource(PERSISTENT_VOLUME_CLAIMS).get(name, { namespace }));
  }

  persistentVolume(name: string): Promise<PersistentVolume | null> {
    return orNull(this.client.resource(PERSISTENT_VOLUMES).get(name));
  }

  runtimeClass(name: string): Promise<RuntimeClass | null> {
    return orNull(this.client.resource(RUNTIME_CLASSES).get(name));
  }

  trustBundles(): readonly ClusterTrustBundle[] {
    const entry = this.followed.get("clustertrustbundles//");
    return entry === undefined
      ? []
      : [...(entry.informer as Informer<ClusterTrustBundle>).lister.values()];
  }

  /** Ends every watch. */
  close(): void {
    this.tokens.close();
    for (const { stop } of this.followed.values()) stop.abort();
    this.followed.clear();
  }

  private lookup(plural: string, namespace: string, name: string): ConfigMap | Secret | null {
    const entry = this.followed.get(`${plural}/${namespace}/${name}`);
    if (entry === undefined) return null;
    for (const object of entry.informer.lister.values()) return object as ConfigMap | Secret;
    return null;
  }

  private entryOf(plural: Watched, namespace: string, name: string): Followed {
    const key = `${plural}/${namespace}/${name}`;
    const known = this.followed.get(key);
    if (known !== undefined) return known;
    const informer = this.informerOf(plural, namespace, name);
    const entry: Followed = { informer, stop: new AbortController(), users: new Set() };
    this.followed.set(key, entry);
    const changed = (): void => {
      if (informer.hasSynced) for (const uid of entry.users) this.onChange(uid);
    };
    informer.addHandler({ added: changed, updated: changed, deleted: changed });
    informer.run(entry.stop.signal).catch((error: unknown) => {
      this.deps.logger.error("watch of a referenced object ended", { key, error });
    });
    return entry;
  }

  private informerOf(plural: Watched, namespace: string, name: string): Followed["informer"] {
    const options = { namespace, fieldSelector: `metadata.name=${name}` };
    switch (plural) {
      case "configmaps":
        return new Informer(this.client.resource(CONFIG_MAPS), options, this.deps);
      case "secrets":
        return new Informer(this.client.resource(SECRETS), options, this.deps);
      case "clustertrustbundles":
        return new Informer(this.client.resource(CLUSTER_TRUST_BUNDLES), {}, this.deps);
    }
  }
}

async function orNull<T>(asked: Promise<T>): Promise<T | null> {
  try {
    return await asked;
  } catch (error) {
    if (isNotFound(error)) return null;
    throw error;
  }
}
