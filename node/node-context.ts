import type { EventRecorder } from "../api/client/event-recorder.js";
import type { Node, Pod, Service } from "../api/schema/types/core-v1.gen.js";
import type { Clock } from "../base/clock.js";
import type { Logger } from "../base/logger.js";
import type { Random } from "../base/random.js";
import type { DnsConfig } from "./cri/cri-types.js";
import type { Runtime } from "./cri/runtime.js";
import type { ProbeCounts } from "./metrics/probe-counts.js";
import type { ContainerSignals } from "./containerd/container-signals.js";
import type { ImageMounts } from "./containerd/image-mounts.js";
import type { NodePaths } from "./node-paths.js";
import type { ClusterDns } from "./plan/dns-config.js";
import type { NodeCapacity } from "./plan/resources.js";
import type { PodCgroups } from "./pod-cgroups.js";
import type { ReferencedObjects } from "./referenced-objects.js";

/** What is the same for every pod of the node. */
export interface NodeConfig {
  readonly nodeName: string;
  readonly nodeIp: string;
  /** The runtime's name in container ids, such as containerd. */
  readonly scheme: string;
  readonly clusterDns: ClusterDns;
  /** The node's own resolver. */
  readonly hostDns: DnsConfig;
  readonly capacity: NodeCapacity;
  /** What of it pods may have. */
  readonly allocatable: NodeCapacity;
  /** Pods exist only in the agent's memory: no folders, mounts or cgroups are made for them. */
  readonly simulated: boolean;
}

/** What everything that works on pods needs. */
export interface NodeContext {
  readonly config: NodeConfig;
  readonly paths: NodePaths;
  readonly runtime: Runtime;
  /** Null: containers are stopped by the runtime's own choice of signal. */
  readonly containerSignals: ContainerSignals | null;
  /** Null: images cannot be volumes on this node. */
  readonly imageMounts: ImageMounts | null;
  readonly objects: ReferencedObjects;
  readonly cgroups: PodCgroups;
  readonly probeCounts: ProbeCounts;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  readonly recorder: EventRecorder;
  /** This node as the server has it; undefined: not known yet. */
  readonly ownNode: () => Node | undefined;
  /** The Services that a pod of this namespace is told of in its environment. */
  readonly servicesFor: (pod: Pod) => readonly Service[];
}
