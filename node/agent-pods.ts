import { readdir, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { isConflict, isNotFound } from "../api/client/api-error.js";
import type { EventRecorder } from "../api/client/event-recorder.js";
import type { Informer } from "../api/client/informer.js";
import { objectKey } from "../api/client/object-key.js";
import { PODS } from "../api/client/resource-types.js";
import type { Node, Pod, Service } from "../api/schema/types/core-v1.gen.js";
import type { AgentOptions } from "./agent-options.js";
import type { AgentRuntime } from "./agent-runtime.js";
import { AgentStreams } from "./agent-streams.js";
import { ContainerStarter } from "./container-starter.js";
import { ImagePuller } from "./image-puller.js";
import { PAUSE_IMAGE } from "./containerd/image-import.js";
import { EvictionManager } from "./eviction-manager.js";
import { ImageCollector } from "./image-collector.js";
import { LOG_LIMITS, LogRotator } from "./log-rotator.js";
import type { AgentMetrics } from "./metrics/agent-metrics.js";
import { HollowSampler } from "./metrics/hollow-sampler.js";
import { LinuxSampler, readFileSystem } from "./metrics/linux-sampler.js";
import { readNodeSignals } from "./metrics/node-signals.js";
import type { Sampler } from "./metrics/node-sample.js";
import { UsageCollector } from "./metrics/usage-collector.js";
import type { NodeContext } from "./node-context.js";
import type { NodePaths } from "./node-paths.js";
import { planAdmission, planResizeRoom } from "./plan/admission.js";
import { type HostFeatures, planHostAdmission } from "./plan/host-admission.js";
import type { PressureCondition } from "./plan/eviction.js";
import { planAdmissionUnderPressure } from "./plan/eviction-victims.js";
import { parseResolvConf } from "./plan/dns-config.js";
import { servicesForPod } from "./plan/service-environment.js";
import { planPreemption } from "./plan/preemption.js";
import { isMirrorPod } from "./plan/static-pods.js";
import { podLogFolder } from "./plan/sandbox-config.js";
import type { PodRuntime } from "./plan/pod-runtime.js";
import type { NodeCapacity } from "./plan/resources.js";
import { Pleg } from "./pleg.js";
import { LinuxPodCgroups, NoPodCgroups } from "./pod-cgroups.js";
import { PodSandboxes } from "./pod-sandboxes.js";
import type { PodWorker } from "./pod-worker.js";
import { PodWorkers } from "./pod-workers.js";
import { WatchedObjects } from "./referenced-objects.js";
import { StatusManager } from "./status-manager.js";
import { MirrorPods } from "./static-pods/mirror-pods.js";
import { StaticPods } from "./static-pods/static-pods.js";
import { PodVolumes } from "./volumes/pod-volumes.js";
import { PullRecords } from "./pull-records.js";

/** What the pods of an agent are made with. */
export interface AgentPodsDeps {
  readonly options: AgentOptions;
  readonly paths: NodePaths;
  readonly agentRuntime: AgentRuntime;
  readonly capacity: NodeCapacity;
  readonly allocatable: NodeCapacity;
  /** This node's object, with what it can give. Asked only while pods are worked on. */
  readonly node: () => Node;
  readonly pods: Informer<Pod>;
  readonly services: Informer<Service>;
  /** Of this node alone. */
  readonly ownNode: Informer<Node>;
  readonly recorder: EventRecorder;
  readonly metrics: AgentMetrics;
  readonly onRuntimeHealth: (healthy: boolean, message: string) => void;
  readonly onPressure: () => void;
  readonly signal: AbortSignal;
}

/** What of the host is read once. */
export interface HostTraits {
  /** The text of the host's own file. */
  readonly resolvConf: string;
  /** The kernel enforces AppArmor profiles. */
  readonly appArmor: boolean;
}

/** The part of an agent that runs pods. */
export class AgentPods {
  readonly streams: AgentStreams;
  readonly usage: UsageCollector;
  private readonly deps: AgentPodsDeps;
  private readonly features: HostFeatures;
  private readonly context: NodeContext;
  private readonly objects: WatchedObjects;
  private readonly pleg: Pleg;
  private readonly volumes: PodVolumes;
  private readonly workers: PodWorkers;
  private readonly statuses: StatusManager;
  private readonly mirrors: MirrorPods;
  private readonly staticPods: StaticPods;
  private readonly images: ImageCollector;
  private readonly pullRecords: PullRecords;
  /** Null: pods are simulated and use nothing. */
  private readonly eviction: EvictionManager | null;

  constructor(deps: AgentPodsDeps, { resolvConf, appArmor }: HostTraits) {
    this.deps = deps;
    const { allowedUnsafeSysctls } = deps.options;
    this.features = { allowedUnsafeSysctls, appArmor };
    const { options, agentRuntime, paths, signal } = deps;
    const { clock, random, logger, client } = options;
    const { runtime, simulated } = agentRuntime;
    const onObject = (uid: string): void => this.workers.objectsChanged(uid);
    this.objects = new WatchedObjects(client, {
      clock,
      random,
      logger,
      onChange: onObject,
      volumes: !simulated,
    });
    this.context = {
      config: {
        nodeName: options.nodeName,
        nodeIp: options.nodeAddress,
        scheme: agentRuntime.scheme,
        clusterDns: options.clusterDns,
        hostDns: parseResolvConf(resolvConf),
        capacity: deps.capacity,
        allocatable: deps.allocatable,
        simulated,
      },
      paths,
      runtime,
      containerSignals: agentRuntime.containerSignals,
      imageMounts: agentRuntime.imageMounts,
      objects: this.objects,
      cgroups: simulated
        ? new NoPodCgroups()
        : new LinuxPodCgroups(options.cgroupRoot, podsLimit(deps)),
      probeCounts: deps.metrics.probes,
      clock,
      random,
      logger,
      recorder: deps.recorder,
      ownNode: () => deps.ownNode.lister.get(objectKey(undefined, options.nodeName)),
      servicesFor: (pod) => servicesForPod(pod, deps.services.lister.values()),
    };
    this.pullRecords = new PullRecords(paths.pullsDir, { simulated });
    const statuses = new StatusManager(client, { clock, random, logger, signal });
    this.statuses = statuses;
    this.pleg = new Pleg(runtime, {
      clock,
      logger,
      exitEvents: agentRuntime.exitEvents,
      onChange: (uid) => this.workers.runtimeChanged(uid),
      onHealth: deps.onRuntimeHealth,
      onRelist: (tookMs) => deps.metrics.relisted(tookMs),
    });
    this.volumes = new PodVolumes(this.context);
    this.workers = this.createWorkers(statuses);
    const { node } = deps;
    this.mirrors = new MirrorPods(client, { node, clock, random, logger, signal });
    this.staticPods = this.createStaticPods();
    this.streams = new AgentStreams(runtime, { workers: this.workers, statuses, simulated });
    const all = (): Iterable<PodWorker> => this.workers.all();
    deps.metrics.showPods(all);
    this.usage = new UsageCollector(this.createSampler(all), { clock, logger });
    this.images = this.createImages();
    this.eviction = simulated ? null : this.createEviction();
  }

  private createSampler(pods: () => Iterable<PodWorker>): Sampler {
    const { agentRuntime, options } = this.deps;
    const { cgroupRoot, clock, dataDir } = options;
    const { runtime, simulated } = agentRuntime;
    if (simulated) return new HollowSampler({ pods, clock });
    return new LinuxSampler({
      cgroupRoot,
      dataDir,
      pods,
      layers: (signal) => runtime.containerDiskUsage(signal),
      claimFolder: (uid, volume) => this.volumes.claimFolder(uid, volume),
      clock,
    });
  }

  /** What the node is short of. */
  pressure(): Promise<ReadonlySet<PressureCondition>> {
    return this.eviction?.firstConditions() ?? Promise.resolve(new Set());
  }

  /**
   * Works on pods until the signal aborts: on static ones at once, on the API's from `ready` on
   * (the node is registered, its network set up).
   */
  async run(ready: Promise<void>): Promise<void> {
    const { signal, options } = this.deps;
    await this.pleg.relist(signal);
    await this.staticPods.look();
    const rotator = new LogRotator(this.context.runtime, LOG_LIMITS, options);
    const runtimes = (): readonly PodRuntime[] =>
      Array.from(this.workers.all(), ({ runtime }) => runtime);
    await Promise.all([
      this.pleg.run(signal),
      rotator.run(runtimes, signal),
      this.images.run(signal),
      this.eviction?.run(signal),
      this.usage.run(signal),
      this.staticPods.run(signal),
      this.followApi(ready),
    ]);
    await this.workers.release();
    this.objects.close();
  }

  private async followApi(ready: Promise<void>): Promise<void> {
    const { pods, services, signal } = this.deps;
    await ready;
    const synced = await Promise.all([pods.whenSynced(signal), services.whenSynced(signal)]);
    if (!synced.every(Boolean)) return;
    this.workers.begin([...pods.lister.values()].filter((pod) => !isMirrorPod(pod)));
    const remove = pods.addHandler({
      added: (pod) => this.takePod(pod),
      updated: (pod) => this.takePod(pod),
      deleted: (pod) => this.dropPod(pod),
    });
    signal.addEventListener("abort", remove, { once: true });
    this.mirrors.haveSynced();
    this.workers.removeOrphans(this.pleg.pods());
    if (!this.context.config.simulated) await this.removeOrphanFiles();
  }

  private takePod(pod: Pod): void {
    if (!isMirrorPod(pod)) return this.workers.setPod(pod);
    this.statuses.observe(pod);
    this.mirrors.observe(pod);
  }

  private dropPod(pod: Pod): void {
    if (!isMirrorPod(pod)) return this.workers.removePod(pod);
    this.statuses.mirrorGone(pod);
    this.mirrors.observeGone(pod);
  }

  private createWorkers(statuses: StatusManager): PodWorkers {
    const { context, volumes } = this;
    const images = new ImagePuller(context, this.pullRecords);
    return new PodWorkers(
      {
        context,
        statuses,
        volumes,
        sandboxes: new PodSandboxes(context),
        starter: new ContainerStarter(context, { images, volumes }),
        resizeRoom: (pod) => planResizeRoom(pod, this.deps.node(), this.workers.othersOf(pod)),
        deletePod: (pod, signal) => this.deletePod(pod, signal),
      },
      {
        isKnown: (uid) => this.pleg.has(uid),
        preempt: (pod, room) => planPreemption(pod, this.deps.node(), room),
        onGone: () => this.staticPods.workerGone(),
        admit: (pod, others) =>
          planAdmissionUnderPressure(pod, this.eviction?.conditions ?? new Set()) ??
          planHostAdmission(pod, this.features) ??
          planAdmission(pod, this.deps.node(), others),
      },
    );
  }

  private createStaticPods(): StaticPods {
    const { nodeName, manifestsDir, clock, logger } = this.deps.options;
    const { workers, mirrors } = this;
    return new StaticPods(manifestsDir, { nodeName, workers, mirrors, clock, logger });
  }

  private createImages(): ImageCollector {
    const { options, agentRuntime, recorder } = this.deps;
    const { nodeName, clock, logger, imagePolicy } = options;
    return new ImageCollector(agentRuntime.runtime, imagePolicy, {
      nodeName,
      kept: [PAUSE_IMAGE],
      records: this.pullRecords,
      readDisk: readFileSystem,
      clock,
      logger,
      recorder,
    });
  }

  private createEviction(): EvictionManager {
    const { options, agentRuntime, onPressure, signal } = this.deps;
    const { runtime } = agentRuntime;
    let folder: string | null = null;
    return new EvictionManager(options.eviction, {
      context: this.context,
      images: this.images,
      workers: () => this.workers.all(),
      readSignals: async () => {
        folder ??= await runtime.imageFolder(signal).catch(() => null);
        return readNodeSignals(options.dataDir, folder, options.clock);
      },
      sample: () => this.usage.latest.at(-1) ?? null,
      onConditions: onPressure,
    });
  }

  private async deletePod(pod: Pod, signal: AbortSignal): Promise<void> {
    const { name, namespace = "", uid } = pod.metadata;
    const options = { namespace, uid, gracePeriodSeconds: 0, signal };
    try {
      await this.deps.options.client.resource(PODS).delete(name, options);
    } catch (error) {
      // Gone, or another pod has its name by now.
      if (!isNotFound(error) && !isConflict(error)) throw error;
    }
  }

  /**
   * Folders and cgroups of pods that neither the API nor the runtime knows: left by an agent that
   * was killed.
   */
  private async removeOrphanFiles(): Promise<void> {
    const { paths, cgroups } = this.context;
    const { pods } = this.deps;
    const living = new Set<string>();
    const logFolders = new Set<string>();
    const own = Array.from(this.workers.all(), ({ current }) => current);
    for (const pod of [...pods.lister.values(), ...own]) {
      living.add(pod.metadata.uid);
      logFolders.add(podLogFolder(pod));
    }
    for (const pod of this.pleg.pods()) {
      living.add(pod.uid);
      logFolders.add(podLogFolder({ metadata: pod }));
    }
    const { volumes } = this;
    for (const uid of await namesIn(paths.podsDir)) if (!living.has(uid)) await volumes.remove(uid);
    for (const name of await namesIn(paths.logsDir))
      if (!logFolders.has(name)) await rm(join(paths.logsDir, name), { recursive: true });
    for (const uid of await cgroups.list()) if (!living.has(uid)) await cgroups.remove(uid);
  }
}

/** Reads what pods are made with and what does not change while the host is up. */
export async function readHostTraits(): Promise<HostTraits> {
  const appArmor = await readFile("/sys/module/apparmor/parameters/enabled", "utf8").catch(
    () => "N",
  );
  return { resolvConf: await readHostResolvConf(), appArmor: appArmor.startsWith("Y") };
}

/** The host's resolv.conf; the one behind systemd-resolved's stub where that is in use. */
async function readHostResolvConf(): Promise<string> {
  const text = await readFile("/etc/resolv.conf", "utf8").catch(() => "");
  const stub = parseResolvConf(text).servers.every((server) => server === "127.0.0.53");
  if (!stub) return text;
  return readFile("/run/systemd/resolve/resolv.conf", "utf8").catch(() => text);
}

async function namesIn(dir: string): Promise<readonly string[]> {
  return readdir(dir).catch(() => []);
}

/** Of all pods together (kubelet: `enforceNodeAllocatable`), where something is reserved. */
function podsLimit({ capacity, options }: AgentPodsDeps): { readonly memoryBytes: number | null } {
  const { memoryBytes } = options.reserved;
  return {
    memoryBytes: memoryBytes === 0 ? null : Math.max(0, capacity.memoryBytes - memoryBytes),
  };
}
