import { admissionregistrationV1 } from "./groups/admissionregistration-v1.js";
import { apiextensionsV1 } from "./groups/apiextensions-v1.js";
import { apiregistrationV1 } from "./groups/apiregistration-v1.js";
import { appsV1 } from "./groups/apps-v1.js";
import { authenticationV1 } from "./groups/authentication-v1.js";
import { authorizationV1 } from "./groups/authorization-v1.js";
import { autoscalingV1 } from "./groups/autoscaling-v1.js";
import { autoscalingV2 } from "./groups/autoscaling-v2.js";
import { batchV1 } from "./groups/batch-v1.js";
import { certificatesV1 } from "./groups/certificates-v1.js";
import { certificatesV1beta1 } from "./groups/certificates-v1beta1.js";
import { coordinationV1 } from "./groups/coordination-v1.js";
import { coreV1 } from "./groups/core-v1.js";
import { discoveryV1 } from "./groups/discovery-v1.js";
import { eventsV1 } from "./groups/events-v1.js";
import { flowcontrolV1 } from "./groups/flowcontrol-v1.js";
import { metaV1 } from "./groups/meta-v1.js";
import { metricsV1beta1 } from "./groups/metrics-v1beta1.js";
import { networkingV1 } from "./groups/networking-v1.js";
import { nodeV1 } from "./groups/node-v1.js";
import { policyV1 } from "./groups/policy-v1.js";
import { rbacV1 } from "./groups/rbac-v1.js";
import { resourceV1 } from "./groups/resource-v1.js";
import { schedulingV1 } from "./groups/scheduling-v1.js";
import { storageV1 } from "./groups/storage-v1.js";
import { storagemigrationV1beta1 } from "./groups/storagemigration-v1beta1.js";
import { settingsV1alpha1 } from "./groups/settings-v1alpha1.js";
import { type GroupNotation, parseGroup } from "./notation.js";

/**
 * The notation of every group that this server knows, parsed; in the order in which discovery names
 * them.
 */
export const SERVED_GROUPS: readonly GroupNotation[] = [
  metaV1,
  coreV1,
  appsV1,
  eventsV1,
  authenticationV1,
  authorizationV1,
  autoscalingV2,
  autoscalingV1,
  batchV1,
  certificatesV1,
  certificatesV1beta1,
  networkingV1,
  nodeV1,
  policyV1,
  rbacV1,
  storageV1,
  schedulingV1,
  coordinationV1,
  discoveryV1,
  resourceV1,
  storagemigrationV1beta1,
  apiextensionsV1,
  admissionregistrationV1,
  flowcontrolV1,
  apiregistrationV1,
  metricsV1beta1,
  settingsV1alpha1,
].map(parseGroup);
