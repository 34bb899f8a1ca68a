import type { ClusterTrustBundle } from "../api/schema/types/certificates-v1beta1.gen.js";
import type { RuntimeClass } from "../api/schema/types/node-v1.gen.js";
import type { ApiClient, PatchType } from "../api/client/client-types.js";
import { ApiError } from "../api/client/api-error.js";
import { systemClock, systemRandom } from "../api/client/system-clock.js";
import type {
  Container,
  Node,
  PersistentVolume,
  PersistentVolumeClaim,
  Pod,
  PodSpec,
  PodStatus,
} from "../api/schema/types/core-v1.gen.js";
import type { JsonValue } from "../api/schema/wire-types.js";
import { silentLogger } from "../base/logger.js";
import { ContainerStarter } from "./container-starter.js";
import type { Runtime } from "./cri/runtime.js";
import { ImagePuller } from "./image-puller.js";
import { ProbeCounts } from "./metrics/probe-counts.js";
import type { NodeContext } from "./node-context.js";
import { NodePaths } from "./node-paths.js";
import { Pleg, type ExitEvents } from "./pleg.js";
import { LinuxPodCgroups, NoPodCgroups } from "./pod-cgroups.js";
import { PodSandboxes } from "./pod-sandboxes.js";
import type { ResizeRoom } from "./pod-resizer.js";
import { type Admit, PodWorkers, type Preempt } from "./pod-workers.js";
import type { WantedToken } from "./pod-tokens.js";
import type { ReferencedObjects } from "./referenced-objects.js";
import { StatusManager } from "./status-manager.js";
import type { ContainerSignals } from "./containerd/container-signals.js";
import { PodVolumes } from "./volumes/pod-volumes.js";
import { PullRecords } from "./pull-records.js";

/** An API server reduced to what pod workers ask of it: pods in memory. */
export class TestApi {
  readonly pods = new Map<string, Pod>();
  readonly events: string[] = [];
  private version = 1;
  private readonly watchers = new Set<(pod: Pod) => void>();
  /** Told of every write. */
  onWrite: (pod: Pod, deleted: boolean) => void = () => {};

  /** A client whose pods live here; everything else is refused. */
  readonly client = {
    resource: () => ({
      patch: (
        name: string,
        patch: JsonValue,
        options: { namespace?: string; type: PatchType },
      ): Promise<Pod> => {
        const pod = this.pods.get(name);
        const { metadata, status } = patch as unknown as Pick<Pod, "metadata" | "status">;
        if (pod === undefined) return Promise.reject(notFound(name));
        if (metadata.uid !== pod.metadata.uid)
          return Promise.reject(new ApiError("Conflict", `${options.type}: uid`));
        return Promise.resolve(this.put({ ...pod, status: merge(pod.status ?? {}, status ?? {}) }));
      },
      get: (name: string): Promise<Pod> => {
        const pod = this.pods.get(name);
        return pod === undefined ? Promise.reject(notFound(name)) : Promise.resolve(pod);
      },
    }),
  } as unknown as ApiClient;

  put(pod: Pod): Pod {
    this.version += 1;
    const stored = {
      ...pod,
      metadata: { ...pod.metadata, resourceVersion: `${this.version}` },
    };
    this.pods.set(pod.metadata.name, stored);
    this.onWrite(stored, false);
    for (const watcher of this.watchers) watcher(stored);
    return stored;
  }

  remove(pod: Pod): void {
    this.pods.delete(pod.metadata.name);
    this.onWrite(pod, true);
    for (const watcher of this.watchers) watcher(pod);
  }

  /** Asks for deletion as `kubectl delete` does. */
  askDelete(name: string, graceSeconds: number): void {
    const pod = this.pods.get(name);
    if (pod === undefined) return;
    const ending = { deletionTimestamp: "2026-01-01T00:00:00Z" };
    const metadata = { ...pod.metadata, ...ending, deletionGracePeriodSeconds: graceSeconds };
    this.put({ ...pod, metadata });
  }

  /** Resolves with the pod once its status satisfies `test`; undefined: once it is gone. */
  async until(
    name: string,
    test: (status: PodStatus, pod: Pod) => boolean,
    timeoutMs = 60_000,
  ): Promise<Pod> {
    return new Promise((resolve, reject) => {
      const check = (): void => {
        const pod = this.pods.get(name);
        if (pod === undefined || !test(pod.status ?? {}, pod)) return;
        finish();
        resolve(pod);
      };
      const timer = setTimeout(() => {
        finish();
        const seen = JSON.stringify(this.pods.get(name)?.status, null, 1);
        reject(new Error(`${name} did not get there: ${seen}\n${this.events.join("\n")}`));
      }, timeoutMs);
      const finish = (): void => {
        clearTimeout(timer);
        this.watchers.delete(check);
      };
      this.watchers.add(check);
      check();
    });
  }

  /** Resolves once the pod is gone. */
  async untilGone(name: string, timeoutMs = 60_000): Promise<void> {
    if (!this.pods.has(name)) return;
    await new Promise<void>((resolve, reject) => {
      const check = (): void => {
        if (this.pods.has(name)) return;
        clearTimeout(timer);
        this.watchers.delete(check);
        resolve();
      };
      const timer = setTimeout(() => {
        this.watchers.delete(check);
        reject(new Error(`${name} is still there\n${this.events.join("\n")}`));
      }, timeoutMs);
      this.watchers.add(check);
    });
  }
}

/** ConfigMaps and Secrets of a test. */
export class TestObjects implements ReferencedObjects {
  /** What the tokens of pods are; changed by a test that renews them. */
  tokenText = "token";
  readonly configMaps = new Map<string, Readonly<Record<string, string>>>();
  readonly secrets = new Map<string, Readonly<Record<string, string>>>();

  readonly claims = new Map<string, PersistentVolumeClaim>();
  readonly volumes = new Map<string, PersistentVolume>();

  claim(_namespace: string, name: string): Promise<PersistentVolumeClaim | null> {
    return Promise.resolve(this.claims.get(name) ?? null);
  }
  persistentVolume(name: string): Promise<PersistentVolume | null> {
    return Promise.resolve(this.volumes.get(name) ?? null);
  }
  readonly runtimeClasses = new Map<string, RuntimeClass>();
  readonly bundles: ClusterTrustBundle[] = [];

  runtimeClass(name: string): Promise<RuntimeClass | null> {
    return Promise.resolve(this.runtimeClasses.get(name) ?? null);
  }
  trustBundles(): readonly ClusterTrustBundle[] {
    return this.bundles;
  }
  follow(): Promise<boolean> {
    return Promise.resolve(true);
  }
  release(): void {}
  token(pod: Pod, { audience, seconds }: WantedToken): Promise<string> {
    const { serviceAccountName = "default" } = pod.spec;
    return Promise.resolve([this.tokenText, serviceAccountName, audience, seconds].join(" "));
  }
  configMap(namespace: string, name: string): ReturnType<ReferencedObjects["configMap"]> {
    const data = this.configMaps.get(name);
    if (data === undefined) return null;
    return { apiVersion: "v1", kind: "ConfigMap", metadata: metadataOf(namespace, name), data };
  }
  secret(namespace: string, name: string): ReturnType<ReferencedObjects["secret"]> {
    const texts = this.secrets.get(name);
    if (texts === undefined) return null;
    const data = Object.fromEntries(
      Object.entries(texts).map(([key, text]) => [key, Buffer.from(text).toString("base64")]),
    );
    return { apiVersion: "v1", kind: "Secret", metadata: metadataOf(namespace, name), data };
  }
}

/** Pod workers on a runtime, fed by a TestApi. */
export interface TestNode {
  readonly api: TestApi;
  readonly objects: TestObjects;
  readonly workers: PodWorkers;
  readonly context: NodeContext;
  readonly pleg: Pleg;
  /** Stops the agent's part; pods go on. */
  stop(): Promise<void>;
}

/**
 * Starts the agent's pod part. `api` may be one of an earlier node: then this is an agent restart.
 */
export async function startTestNode(options: {
  readonly runtime: Runtime;
  readonly dataDir: string;
  readonly cgroupRoot: string | null;
  readonly exitEvents?: ExitEvents;
  readonly api?: TestApi;
  /** Which pods the node takes; absent: all. */
  readonly admit?: Admit;
  /** Who makes way for a pod that is refused; absent: nobody. */
  readonly preempt?: Preempt;
  /** Whether pods can be given what they ask for while they run; absent: all can. */
  readonly resizeRoom?: () => ReturnType<ResizeRoom>;
  /** The node as the server has it; absent: it is not known yet. */
  readonly ownNode?: () => Node;
  /** Absent: containers are stopped as the runtime likes. */
  readonly containerSignals?: ContainerSignals;
}): Promise<TestNode> {
  const { runtime, dataDir, cgroupRoot, api = new TestApi() } = options;
  const stop = new AbortController();
  const { signal } = stop;
  const objects = new TestObjects();
  const { ownNode = () => undefined } = options;
  const { containerSignals = null } = options;
  const parts = testContext({ runtime, dataDir, cgroupRoot, api, objects });
  const context = { ...parts, ownNode, containerSignals };
  const statuses = new StatusManager(api.client, { ...context, signal });
  const volumes = new PodVolumes(context);
  const records = new PullRecords(context.paths.pullsDir, context.config);
  const images = new ImagePuller(context, records);
  let workers: PodWorkers;
  const pleg = new Pleg(runtime, {
    ...context,
    exitEvents: options.exitEvents ?? ((_onExit, ending) => untilAborted(ending)),
    onChange: (uid) => workers.runtimeChanged(uid),
    onHealth: () => {},
    onRelist: () => {},
  });
  workers = new PodWorkers(
    {
      context,
      statuses,
      volumes,
      sandboxes: new PodSandboxes(context),
      starter: new ContainerStarter(context, { images, volumes }),
      resizeRoom: () => options.resizeRoom?.() ?? null,
      deletePod: (pod) => {
        api.remove(pod);
        return Promise.resolve();
      },
    },
    {
      isKnown: (uid) => pleg.has(uid),
      admit: options.admit ?? (() => null),
      ...(options.preempt === undefined ? {} : { preempt: options.preempt }),
    },
  );
  await pleg.relist(signal);
  api.onWrite = (pod, deleted) => (deleted ? workers.removePod(pod) : workers.setPod(pod));
  workers.begin([...api.pods.values()]);
  workers.removeOrphans(pleg.pods());
  const running = pleg.run(signal);
  return {
    api,
    objects,
    workers,
    context,
    pleg,
    stop: async () => {
      api.onWrite = () => {};
      stop.abort();
      await workers.release();
      await running;
    },
  };
}

function testContext(parts: {
  readonly runtime: Runtime;
  readonly dataDir: string;
  readonly cgroupRoot: string | null;
  readonly api: TestApi;
  readonly objects: TestObjects;
}): NodeContext {
  const { runtime, dataDir, cgroupRoot, api, objects } = parts;
  const simulated = cgroupRoot === null;
  return {
    config: {
      nodeName: "node-1",
      nodeIp: "127.0.0.1",
      scheme: simulated ? "hollow" : "containerd",
      clusterDns: { address: "169.254.20.10", domain: "cluster.local" },
      hostDns: { servers: ["192.0.2.1"], searches: ["example.org"], options: [] },
      capacity: { cpuMilli: 2000, memoryBytes: 4 * 2 ** 30, ephemeralStorageBytes: 2 ** 33 },
      allocatable: { cpuMilli: 1500, memoryBytes: 3 * 2 ** 30, ephemeralStorageBytes: 2 ** 32 },
      simulated,
    },
    paths: new NodePaths(dataDir),
    runtime,
    containerSignals: null,
    imageMounts: null,
    objects,
    cgroups: simulated ? new NoPodCgroups() : new LinuxPodCgroups(cgroupRoot),
    clock: systemClock,
    random: systemRandom,
    logger: silentLogger,
    probeCounts: new ProbeCounts(),
    recorder: {
      event: (_about, type, { reason, message }) => {
        api.events.push(`${type} ${reason} ${message}`);
      },
    },
    ownNode: () => undefined,
    servicesFor: () => [],
  };
}

let uidCount = 0;

/** A pod as the API server would store it. */
export function testPod(
  name: string,
  spec: Partial<PodSpec> & { readonly containers: readonly Container[] },
): Pod {
  uidCount += 1;
  const uid = `uid-${process.pid}-${uidCount}-${name}`;
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { ...metadataOf("default", name), uid, generation: 1 },
    spec: { restartPolicy: "Always", terminationGracePeriodSeconds: 1, ...spec },
    status: { phase: "Pending" },
  };
}

function metadataOf(namespace: string, name: string): Pod["metadata"] {
  const creationTimestamp = "2026-01-01T00:00:00Z";
  return { name, namespace, uid: `uid-${name}`, resourceVersion: "1", creationTimestamp };
}

function notFound(name: string): ApiError {
  return new ApiError("NotFound", `pods "${name}" not found`);
}

/** As much of a strategic merge as statuses need. */
function merge(old: PodStatus, patch: PodStatus): PodStatus {
  const merged: Record<string, unknown> = { ...old };
  for (const [field, value] of Object.entries(patch)) {
    if (value === null) delete merged[field];
    else if (field === "conditions") {
      const types = new Set((patch.conditions ?? []).map(({ type }) => type));
      merged[field] = [
        ...(old.conditions ?? []).filter(({ type }) => !types.has(type)),
        ...(patch.conditions ?? []).filter((condition) => !("$patch" in condition)),
      ];
    } else if (field === "podIPs")
      merged[field] = (value as readonly object[]).filter((item) => !("$patch" in item));
    else merged[field] = value;
  }
  return merged as PodStatus;
}

function untilAborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    signal.addEventListener("abort", () => resolve(), { once: true });
  });
}
