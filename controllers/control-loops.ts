import type { LoopFactory } from "./controller.js";
import { certificateApprovingLoop } from "./certificates/approving-loop.js";
import { certificateCleanerLoop } from "./certificates/cleaner-loop.js";
import type { CertificateSigner } from "./certificates/signer-rules.js";
import { certificateSigningLoop } from "./certificates/signing-loop.js";
import { cronJobLoop } from "./cronjob/cronjob-loop.js";
import { customResourceFinalizerLoop } from "./custom-resource-finalizer/custom-resource-finalizer-loop.js";
import { daemonSetLoop } from "./daemonset/daemonset-loop.js";
import { deploymentLoop } from "./deployment/deployment-loop.js";
import { disruptionLoop } from "./disruption/disruption-loop.js";
import { endpointsLoop } from "./endpoints/endpoints-loop.js";
import { endpointSliceLoop } from "./endpointslice/endpointslice-loop.js";
import { endpointSliceMirroringLoop } from "./endpointslicemirroring/mirroring-loop.js";
import { ephemeralVolumeLoop } from "./ephemeral-volume/ephemeral-volume-loop.js";
import { garbageCollectorLoop } from "./garbage-collector/garbage-collector-loop.js";
import { horizontalPodAutoscalerLoop } from "./horizontal-pod-autoscaler/horizontal-pod-autoscaler-loop.js";
import { jobLoop } from "./job/job-loop.js";
import { localPathProvisionerLoop } from "./local-path-provisioner/provisioner-loop.js";
import { namespaceLoop } from "./namespace/namespace-loop.js";
import { nodeIpamLoop } from "./node-ipam/reconciler.js";
import { nodeLifecycleLoop } from "./node-lifecycle/reconciler.js";
import { persistentVolumeBinderLoop } from "./persistentvolume-binder/binder-loop.js";
import { persistentVolumeExpanderLoop } from "./persistentvolume-expander/expander-loop.js";
import { persistentVolumeProtectionLoop } from "./persistentvolume-protection/protection-loop.js";
import { claimProtectionLoop } from "./persistentvolumeclaim-protection/protection-loop.js";
import { podGcLoop } from "./pod-gc/pod-gc-loop.js";
import { replicaSetLoop } from "./replicaset/replicaset-loop.js";
import { replicationControllerLoop } from "./replicationcontroller/replicationcontroller-loop.js";
import { resourceQuotaLoop } from "./resourcequota/resourcequota-loop.js";
import { roleAggregationLoop } from "./role-aggregation/role-aggregation-loop.js";
import { rootCaLoop } from "./root-ca/root-ca-loop.js";
import { serviceAccountLoop } from "./serviceaccount/serviceaccount-loop.js";
import { serviceAccountTokenLoop } from "./serviceaccount-token/serviceaccount-token-loop.js";
import { statefulSetLoop } from "./statefulset/statefulset-loop.js";
import { taintEvictionLoop } from "./taint-eviction/taint-eviction-loop.js";
import { ttlLoop } from "./ttl/ttl-loop.js";
import { ttlAfterFinishedLoop } from "./ttl-after-finished/ttl-after-finished-loop.js";

/** What loops need to know of their cluster. */
export interface ControlLoopsConfig {
  /** The cluster's CA, published in every namespace and written beside tokens in Secrets. */
  readonly rootCaPem: string;
  /** Which range the pod ranges of nodes are cut from, such as 10.244.0.0/16. */
  readonly clusterCidr: string;
  /** The cluster's authority at work. */
  readonly signer: CertificateSigner;
}

/**
 * Every loop, by the name that kube-controller-manager has for it, where it has one. A loop is
 * added here and nowhere else: the test that interrupts each of them
 * (test/integration/interrupted-loops.test.ts) does not compile without a scenario for it.
 */
export function controlLoops(config: ControlLoopsConfig) {
  return {
    "deployment-controller": deploymentLoop,
    "replicaset-controller": replicaSetLoop,
    "replicationcontroller-controller": replicationControllerLoop,
    "statefulset-controller": statefulSetLoop,
    "daemonset-controller": daemonSetLoop,
    "job-controller": jobLoop,
    "ttl-after-finished-controller": ttlAfterFinishedLoop,
    "cronjob-controller": cronJobLoop,
    "disruption-controller": disruptionLoop,
    "horizontal-pod-autoscaler-controller": horizontalPodAutoscalerLoop,
    "resourcequota-controller": resourceQuotaLoop,
    "endpointslice-controller": endpointSliceLoop,
    "endpointslice-mirroring-controller": endpointSliceMirroringLoop,
    "endpoints-controller": endpointsLoop,
    "namespace-controller": namespaceLoop,
    "serviceaccount-controller": serviceAccountLoop,
    "serviceaccount-token-controller": serviceAccountTokenLoop(config.rootCaPem),
    "clusterrole-aggregation-controller": roleAggregationLoop,
    "root-ca-certificate-publisher-controller": rootCaLoop(config.rootCaPem),
    "pod-garbage-collector-controller": podGcLoop,
    "taint-eviction-controller": taintEvictionLoop,
    "node-lifecycle-controller": nodeLifecycleLoop,
    "certificatesigningrequest-approving-controller": certificateApprovingLoop(config.signer),
    "certificatesigningrequest-signing-controller": certificateSigningLoop(config.signer),
    "certificatesigningrequest-cleaner-controller": certificateCleanerLoop,
    "persistentvolume-binder-controller": persistentVolumeBinderLoop,
    "persistentvolumeclaim-protection-controller": claimProtectionLoop,
    "persistentvolume-protection-controller": persistentVolumeProtectionLoop,
    "persistentvolume-expander-controller": persistentVolumeExpanderLoop,
    "ephemeral-volume-controller": ephemeralVolumeLoop,
    "local-path-provisioner": localPathProvisionerLoop,
    "ttl-controller": ttlLoop,
    "node-ipam-controller": nodeIpamLoop({ clusterCidr: config.clusterCidr }),
    "custom-resource-finalizer": customResourceFinalizerLoop,
    // Last: it shares the informers of the others.
    "garbage-collector-controller": garbageCollectorLoop,
  } as const satisfies Readonly<Record<string, LoopFactory>>;
}

/** The name of a loop, as kube-controller-manager's --controllers knows it. */
export type ControllerName = keyof ReturnType<typeof controlLoops>;
