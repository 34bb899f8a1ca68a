import type { ApiClient, Fence } from "../api/client/client-types.js";
import {
  type ElectedOptions,
  type RunningElected,
  startElected,
} from "../api/client/elected-work.js";
import { EventBroadcaster } from "../api/client/event-recorder.js";
import { InformerFactory } from "../api/client/informer-factory.js";
import { objectKey } from "../api/client/object-key.js";
import {
  NAMESPACES,
  NODES,
  PERSISTENT_VOLUME_CLAIMS,
  PERSISTENT_VOLUMES,
  POD_DISRUPTION_BUDGETS,
  PODS,
  STORAGE_CLASSES,
} from "../api/client/resource-types.js";
import { feedFromInformers } from "./cluster-feed.js";
import { ClusterSnapshot } from "./framework/cluster-snapshot.js";
import { Framework } from "./framework/framework.js";
import type { StorageView } from "./framework/storage-view.js";
import { defaultPlugins } from "./plugins/default-plugins.js";
import { NodeUsage } from "./plugins/node-usage.js";
import { PodBinder } from "./pod-binder.js";
import { DEFAULT_SCHEDULER } from "./pod-role.js";
import { Preemptor } from "./preemptor.js";
import { PodPlacer } from "./schedule-one.js";
import { NO_METRICS, type SchedulerMetrics } from "./scheduler-metrics.js";
import { SchedulingLoop } from "./scheduling-loop.js";
import { SchedulingQueue } from "./scheduling-queue.js";
import { UsageSource } from "./usage-source.js";
import { VolumeBinder } from "./volume-binder.js";

/** What the scheduler needs of its process. */
export interface SchedulerOptions extends ElectedOptions {
  /** Tests: cached objects are frozen, so that a write to one throws. */
  readonly freezeCaches?: boolean;
  readonly metrics?: SchedulerMetrics;
  /** Of the score plugin NodeUsage; 0, the default: it is off, and nobody is asked for usage. */
  readonly nodeUsageWeight?: number;
}

/**
 * Takes part in the election for the Lease `kube-scheduler` and places pods while it leads.
 * Connects as system:kube-scheduler.
 */
export function startScheduler(options: SchedulerOptions): RunningElected {
  const named = { ...options, logger: options.logger.with({ component: "scheduler" }) };
  return startElected("kube-scheduler", named, (signal, fence) => lead(named, fence, signal));
}

/** One leadership: everything is made anew, so that nothing assumed in an earlier one is left. */
async function lead(
  options: SchedulerOptions,
  fence: () => Fence | null,
  signal: AbortSignal,
): Promise<void> {
  const { clock, random, logger } = options;
  const client = options.client.fencedBy(fence);
  const factory = new InformerFactory(
    client,
    { clock, random, logger },
    { freeze: options.freezeCaches ?? false },
  );
  const pods = factory.informer(PODS);
  const nodes = factory.informer(NODES);
  const namespaces = factory.metadataInformer(NAMESPACES);
  const broadcaster = new EventBroadcaster({ client, clock, logger });
  const { framework, usage } = frameworkOf(options, client);
  const budgets = factory.informer(POD_DISRUPTION_BUDGETS);
  const { storage, ...volumeInformers } = storageOf(factory);
  const snapshot = new ClusterSnapshot({
    namespaceLabels: (name) => namespaces.lister.get(objectKey(undefined, name))?.metadata.labels,
    budgets: () => budgets.lister.values(),
    storage,
  });
  const events = broadcaster.recorder({ component: DEFAULT_SCHEDULER });
  const queue = new SchedulingQueue(framework);
  const { metrics = NO_METRICS } = options;
  metrics.followQueue(() => queue.counts());
  const loop = new SchedulingLoop(
    {
      framework,
      placer: new PodPlacer(framework, random),
      snapshot,
      queue,
      binder: new PodBinder(client, new VolumeBinder({ client, pods, clock, ...volumeInformers })),
      client,
      events,
      preemptor: new Preemptor({ client, events, clock }),
      metrics,
      clock,
      logger,
    },
    signal,
  );
  const own = new AbortController();
  const stop = (): void => own.abort();
  if (signal.aborted) stop();
  signal.addEventListener("abort", stop, { once: true });
  const targets = { snapshot, queue, clock, schedulerName: DEFAULT_SCHEDULER, changed: () => {} };
  const schedule = async (): Promise<void> => {
    // No decision before the whole cluster is known: a node would look empty that is full.
    if (!(await factory.whenSynced(own.signal))) return;
    await usage?.ask(own.signal);
    const informers = { pods, nodes, ...volumeInformers };
    const endFeed = feedFromInformers(informers, { ...targets, changed: loop.wake });
    await loop.run();
    endFeed();
  };
  try {
    factory.start(own.signal);
    const parts = [schedule(), factory.whenStopped(), broadcaster.run(own.signal)];
    await Promise.all([...parts, usage?.run(own.signal)]);
  } finally {
    stop(); // When one part fails by a fault of ours, the others end too.
    signal.removeEventListener("abort", stop);
  }
}

/** The plugins, and who asks what nodes use; null: nobody does. */
function frameworkOf(
  { nodeUsageWeight: weight = 0, clock, logger }: SchedulerOptions,
  client: ApiClient,
): { readonly framework: Framework; readonly usage: UsageSource | null } {
  if (weight === 0) return { framework: new Framework(defaultPlugins()), usage: null };
  const usage = new UsageSource(client, { clock, logger });
  const plugin = new NodeUsage((nodeName) => usage.of(nodeName));
  return { framework: new Framework([...defaultPlugins(), { plugin, weight }]), usage };
}

/** What plugins see of storage, and the informers behind it. */
function storageOf(factory: InformerFactory) {
  const claims = factory.informer(PERSISTENT_VOLUME_CLAIMS);
  const volumes = factory.informer(PERSISTENT_VOLUMES);
  const classes = factory.informer(STORAGE_CLASSES);
  const storage: StorageView = {
    claim: (namespace, name) => claims.lister.get(objectKey(namespace, name)),
    volume: (name) => volumes.lister.get(objectKey(undefined, name)),
    volumes: () => volumes.lister.values(),
    storageClass: (name) => classes.lister.get(objectKey(undefined, name)),
  };
  return { storage, claims, volumes, classes };
}
