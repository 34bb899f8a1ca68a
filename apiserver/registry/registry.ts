import { assert } from "../../base/assert.js";
import type { FieldError } from "../../api/machinery/field-errors.js";
import type { KindInfo } from "../../api/schema/kinds.js";
import { validateStructure } from "../../api/schema/structural-validation.js";
import type { KubernetesObject } from "../../api/schema/wire-types.js";
import {
  mutatingBindingStrategy,
  mutatingPolicyStrategy,
  validatingBindingStrategy,
  validatingPolicyStrategy,
} from "./admissionregistration/policy-strategies.js";
import { controllerRevisionStrategy } from "./apps/controller-revision-strategy.js";
import { daemonSetStrategy } from "./apps/daemon-set-strategy.js";
import { statefulSetStrategy } from "./apps/stateful-set-strategy.js";
import { cronJobStrategy } from "./batch/cron-job-strategy.js";
import { jobStrategy } from "./batch/job-strategy.js";
import { certificateSigningRequestStrategy } from "./certificates/signing-request-strategy.js";
import { limitRangeStrategy } from "./core/limit-range-strategy.js";
import { podTemplateStrategy } from "./core/pod-template-strategy.js";
import { replicationControllerStrategy } from "./core/replication-controller-strategy.js";
import { resourceQuotaStrategy } from "./core/resource-quota-strategy.js";
import { nodeMetricsStrategy, podMetricsStrategy } from "./metrics/usage-strategies.js";
import { ingressClassStrategy } from "./networking/ingress-class-strategy.js";
import { ingressStrategy } from "./networking/ingress-strategy.js";
import { networkPolicyStrategy } from "./networking/network-policy-strategy.js";
import { podDisruptionBudgetStrategy } from "./policy/pod-disruption-budget-strategy.js";
import { priorityClassStrategy } from "./scheduling/priority-class-strategy.js";
import { podPresetStrategy } from "./settings/pod-preset-strategy.js";
import {
  mutatingWebhooksStrategy,
  validatingWebhooksStrategy,
} from "./admissionregistration/webhook-strategies.js";
import { apiServiceStrategy } from "./apiregistration/api-service-strategy.js";
import {
  flowSchemaStrategy,
  priorityLevelStrategy,
} from "./flowcontrol/flow-control-strategies.js";
import { autoscalerStrategy, autoscalerV1Strategy } from "./autoscaling/autoscaler-strategies.js";
import { definitionStrategy } from "./apiextensions/definition-strategy.js";
import { deploymentStrategy } from "./apps/deployment-strategy.js";
import { replicaSetStrategy } from "./apps/replica-set-strategy.js";
import {
  type ObjectMetaRules,
  validateObjectMeta,
  validateObjectMetaUpdate,
} from "./common/object-meta.js";
import { componentStatusStrategy } from "./core/component-status-strategy.js";
import { configMapStrategy } from "./core/config-map-strategy.js";
import { endpointSliceStrategy } from "./core/endpoint-slice-strategy.js";
import { endpointsStrategy } from "./core/endpoints-strategy.js";
import { eventStrategy } from "./core/event-strategy.js";
import { eventsV1Strategy } from "./core/events-v1-strategy.js";
import { leaseStrategy } from "./core/lease-strategy.js";
import { namespaceStrategy } from "./core/namespace-strategy.js";
import { nodeStrategy } from "./core/node-strategy.js";
import { secretStrategy } from "./core/secret-strategy.js";
import { serviceAccountStrategy } from "./core/service-account-strategy.js";
import { virtualStrategy } from "./core/virtual-strategy.js";
import { podStrategy } from "./pod/pod-strategy.js";
import { clusterRoleBindingStrategy, roleBindingStrategy } from "./rbac/binding-strategy.js";
import { clusterRoleStrategy, roleStrategy } from "./rbac/role-strategy.js";
import { serviceStrategy } from "./service/service-strategy.js";
import { clusterTrustBundleStrategy } from "./certificates/trust-bundle-strategy.js";
import { podCertificateRequestStrategy } from "./certificates/pod-certificate-request-strategy.js";
import { ipAddressStrategy } from "./networking/ip-address-strategy.js";
import { serviceCidrStrategy } from "./networking/service-cidr-strategy.js";
import { runtimeClassStrategy } from "./node/runtime-class-strategy.js";
import {
  deviceClassStrategy,
  resourceClaimStrategy,
  resourceClaimTemplateStrategy,
} from "./resource/resource-claim-strategies.js";
import { resourceSliceStrategy } from "./resource/resource-slice-strategy.js";
import { csiDriverStrategy } from "./storage/csi-driver-strategy.js";
import { csiNodeStrategy } from "./storage/csi-node-strategy.js";
import { csiStorageCapacityStrategy } from "./storage/csi-storage-capacity-strategy.js";
import { volumeAttachmentStrategy } from "./storage/volume-attachment-strategy.js";
import { volumeAttributesClassStrategy } from "./storage/volume-attributes-class-strategy.js";
import { migrationStrategy } from "./storagemigration/migration-strategy.js";
import type { Strategy, Subresource } from "./strategy.js";
import { persistentVolumeStrategy } from "./volume/persistent-volume-strategy.js";
import { storageClassStrategy } from "./volume/storage-class-strategy.js";
import { persistentVolumeClaimStrategy } from "./volume/persistent-volume-claim-strategy.js";

const STRATEGIES: ReadonlyMap<string, Strategy> = new Map<string, Strategy>([
  ["v1/ComponentStatus", erase(componentStatusStrategy)],
  ["v1/ConfigMap", erase(configMapStrategy)],
  ["v1/Endpoints", erase(endpointsStrategy)],
  ["v1/Event", erase(eventStrategy)],
  ["v1/Namespace", erase(namespaceStrategy)],
  ["v1/Node", erase(nodeStrategy)],
  ["v1/Pod", erase(podStrategy)],
  ["v1/Secret", erase(secretStrategy)],
  ["v1/Service", erase(serviceStrategy)],
  ["v1/ServiceAccount", erase(serviceAccountStrategy)],
  ["apiextensions.k8s.io/v1/CustomResourceDefinition", erase(definitionStrategy)],
  ["admissionregistration.k8s.io/v1/MutatingAdmissionPolicy", erase(mutatingPolicyStrategy)],
  [
    "admissionregistration.k8s.io/v1/MutatingAdmissionPolicyBinding",
    erase(mutatingBindingStrategy),
  ],
  ["admissionregistration.k8s.io/v1/ValidatingAdmissionPolicy", erase(validatingPolicyStrategy)],
  [
    "admissionregistration.k8s.io/v1/ValidatingAdmissionPolicyBinding",
    erase(validatingBindingStrategy),
  ],
  ["admissionregistration.k8s.io/v1/MutatingWebhookConfiguration", erase(mutatingWebhooksStrategy)],
  [
    "admissionregistration.k8s.io/v1/ValidatingWebhookConfiguration",
    erase(validatingWebhooksStrategy),
  ],
  ["apiregistration.k8s.io/v1/APIService", erase(apiServiceStrategy)],
  ["flowcontrol.apiserver.k8s.io/v1/FlowSchema", erase(flowSchemaStrategy)],
  ["flowcontrol.apiserver.k8s.io/v1/PriorityLevelConfiguration", erase(priorityLevelStrategy)],
  ["apps/v1/Deployment", erase(deploymentStrategy)],
  ["apps/v1/ReplicaSet", erase(replicaSetStrategy)],
  ["coordination.k8s.io/v1/Lease", erase(leaseStrategy)],
  ["discovery.k8s.io/v1/EndpointSlice", erase(endpointSliceStrategy)],
  ["events.k8s.io/v1/Event", erase(eventsV1Strategy)],
  ["rbac.authorization.k8s.io/v1/ClusterRole", erase(clusterRoleStrategy)],
  ["rbac.authorization.k8s.io/v1/ClusterRoleBinding", erase(clusterRoleBindingStrategy)],
  ["rbac.authorization.k8s.io/v1/Role", erase(roleStrategy)],
  ["rbac.authorization.k8s.io/v1/RoleBinding", erase(roleBindingStrategy)],
  ["v1/LimitRange", erase(limitRangeStrategy)],
  ["v1/PersistentVolume", erase(persistentVolumeStrategy)],
  ["v1/PersistentVolumeClaim", erase(persistentVolumeClaimStrategy)],
  ["v1/PodTemplate", erase(podTemplateStrategy)],
  ["v1/ReplicationController", erase(replicationControllerStrategy)],
  ["v1/ResourceQuota", erase(resourceQuotaStrategy)],
  ["apps/v1/ControllerRevision", erase(controllerRevisionStrategy)],
  ["apps/v1/DaemonSet", erase(daemonSetStrategy)],
  ["apps/v1/StatefulSet", erase(statefulSetStrategy)],
  ["autoscaling/v1/HorizontalPodAutoscaler", erase(autoscalerV1Strategy)],
  ["autoscaling/v2/HorizontalPodAutoscaler", erase(autoscalerStrategy)],
  ["batch/v1/CronJob", erase(cronJobStrategy)],
  ["batch/v1/Job", erase(jobStrategy)],
  ["certificates.k8s.io/v1/CertificateSigningRequest", erase(certificateSigningRequestStrategy)],
  ["networking.k8s.io/v1/Ingress", erase(ingressStrategy)],
  ["networking.k8s.io/v1/IngressClass", erase(ingressClassStrategy)],
  ["networking.k8s.io/v1/NetworkPolicy", erase(networkPolicyStrategy)],
  ["policy/v1/PodDisruptionBudget", erase(podDisruptionBudgetStrategy)],
  ["storage.k8s.io/v1/StorageClass", erase(storageClassStrategy)],
  ["certificates.k8s.io/v1beta1/ClusterTrustBundle", erase(clusterTrustBundleStrategy)],
  ["certificates.k8s.io/v1beta1/PodCertificateRequest", erase(podCertificateRequestStrategy)],
  ["networking.k8s.io/v1/IPAddress", erase(ipAddressStrategy)],
  ["networking.k8s.io/v1/ServiceCIDR", erase(serviceCidrStrategy)],
  ["node.k8s.io/v1/RuntimeClass", erase(runtimeClassStrategy)],
  ["resource.k8s.io/v1/DeviceClass", erase(deviceClassStrategy)],
  ["resource.k8s.io/v1/ResourceClaim", erase(resourceClaimStrategy)],
  ["resource.k8s.io/v1/ResourceClaimTemplate", erase(resourceClaimTemplateStrategy)],
  ["resource.k8s.io/v1/ResourceSlice", erase(resourceSliceStrategy)],
  ["storage.k8s.io/v1/CSIDriver", erase(csiDriverStrategy)],
  ["storage.k8s.io/v1/CSINode", erase(csiNodeStrategy)],
  ["storage.k8s.io/v1/CSIStorageCapacity", erase(csiStorageCapacityStrategy)],
  ["storage.k8s.io/v1/VolumeAttachment", erase(volumeAttachmentStrategy)],
  ["storage.k8s.io/v1/VolumeAttributesClass", erase(volumeAttributesClassStrategy)],
  ["storagemigration.k8s.io/v1beta1/StorageVersionMigration", erase(migrationStrategy)],
  ["metrics.k8s.io/v1beta1/NodeMetrics", erase(nodeMetricsStrategy)],
  ["metrics.k8s.io/v1beta1/PodMetrics", erase(podMetricsStrategy)],
  ["scheduling.k8s.io/v1/PriorityClass", erase(priorityClassStrategy)],
  ["settings.k8s.io/v1alpha1/PodPreset", erase(podPresetStrategy)],
]);

/**
 * The rules of a kind. Kinds that are answered and never stored (Binding, the reviews …) get one
 * that accepts what decode and the schema accepted.
 */
export function strategyFor(info: KindInfo): Strategy {
  const strategy = CUSTOM.get(info) ?? STRATEGIES.get(`${info.apiVersion}/${info.kind}`);
  if (strategy !== undefined) return strategy;
  assert(!info.verbs.includes("get"), `no strategy for the stored kind ${info.kind}`);
  return virtualStrategy;
}

/** Rules of custom kinds, for as long as anybody knows the kind. */
const CUSTOM = new WeakMap<KindInfo, Strategy>();

/** Says by which rules a custom kind goes. */
export function setStrategy(info: KindInfo, strategy: Strategy): void {
  CUSTOM.set(info, strategy);
}

/** What the schema alone finds wrong with a defaulted and prepared object. */
export function validateShape(info: KindInfo, object: KubernetesObject): readonly FieldError[] {
  const { missing = [] } = strategyFor(info);
  return validateStructure(info.typeName, object).filter(
    ({ type, field }) => type !== "FieldValueRequired" || !missing.includes(field),
  );
}

/**
 * All that is wrong with a new object, metadata first. The object is defaulted and prepared, and
 * has its namespace and its generated name.
 */
export function validateForCreate(info: KindInfo, object: KubernetesObject): FieldError[] {
  const strategy = strategyFor(info);
  return unique([
    ...validateObjectMeta(object.metadata, metaRules(info, strategy)),
    ...strategy.validate(object),
  ]);
}

/** What replaces what, and through which path. */
export interface Update {
  readonly object: KubernetesObject;
  readonly old: KubernetesObject;
  readonly subresource: Subresource;
}

/** All that is wrong with an update, metadata first. The object is defaulted and prepared. */
export function validateForUpdate(info: KindInfo, update: Update): FieldError[] {
  const { object, old, subresource } = update;
  const strategy = strategyFor(info);
  return unique([
    ...validateObjectMetaUpdate(object.metadata, old.metadata, metaRules(info, strategy)),
    ...strategy.validateUpdate(object, old, subresource),
  ]);
}

function metaRules(info: KindInfo, strategy: Strategy): ObjectMetaRules {
  const { validateName, freeFinalizers = false } = strategy;
  return { namespaced: info.namespaced, validateName, freeFinalizers };
}

/** Rules that overlap report a fault twice; one line is enough. */
function unique(errors: readonly FieldError[]): FieldError[] {
  const seen = new Set<string>();
  return errors.filter((error) => {
    const key = JSON.stringify([error.type, error.field, error.badValue, error.detail]);
    return seen.size !== seen.add(key).size;
  });
}

/** The map holds strategies of every kind; each is only ever handed objects of its own. */
function erase<T extends KubernetesObject>(strategy: Strategy<T>): Strategy {
  return strategy as unknown as Strategy;
}
