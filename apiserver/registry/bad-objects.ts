import type { BadObject } from "./bad-objects/bad-object.js";
import { BAD_AUTOSCALERS } from "./bad-objects/bad-autoscalers.js";
import { BAD_CERTIFICATE_REQUESTS } from "./bad-objects/bad-certificate-requests.js";
import { BAD_DEVICES } from "./bad-objects/bad-devices.js";
import { BAD_DRIVERS } from "./bad-objects/bad-drivers.js";
import { BAD_SERVICE_RANGES } from "./bad-objects/bad-service-ranges.js";
import { BAD_TRUST } from "./bad-objects/bad-trust.js";
import { BAD_CLUSTER_OBJECTS } from "./bad-objects/bad-cluster-objects.js";
import { BAD_JOBS } from "./bad-objects/bad-jobs.js";
import { BAD_METADATA } from "./bad-objects/bad-metadata.js";
import { BAD_NETWORKING } from "./bad-objects/bad-networking.js";
import { BAD_POD_DETAILS } from "./bad-objects/bad-pod-details.js";
import { BAD_POD_SPECS } from "./bad-objects/bad-pod-specs.js";
import { BAD_PERSISTENT_VOLUMES } from "./bad-objects/bad-persistent-volumes.js";
import { BAD_PODS } from "./bad-objects/bad-pods.js";
import { BAD_ROLES } from "./bad-objects/bad-roles.js";
import { BAD_POLICIES } from "./bad-objects/bad-policies.js";
import { BAD_PRESETS } from "./bad-objects/bad-presets.js";
import { BAD_SERVICES } from "./bad-objects/bad-services.js";
import { BAD_SETS } from "./bad-objects/bad-sets.js";
import { BAD_VOLUMES } from "./bad-objects/bad-volumes.js";
import { BAD_WORKLOADS } from "./bad-objects/bad-workloads.js";
import { UNDECODABLE_OBJECTS } from "./bad-objects/undecodable-objects.js";

export type { BadCause, BadObject } from "./bad-objects/bad-object.js";

/**
 * Manifests that must be refused with exactly these causes, in the namespace `default`. Those with
 * status 422 are decided here, those with 400 while the request's body is decoded (POST with
 * fieldValidation=Strict).
 */
export const BAD_OBJECTS: readonly BadObject[] = [
  ...BAD_METADATA,
  ...BAD_PODS,
  ...BAD_POD_SPECS,
  ...BAD_POD_DETAILS,
  ...BAD_VOLUMES,
  ...BAD_PERSISTENT_VOLUMES,
  ...BAD_SERVICES,
  ...BAD_WORKLOADS,
  ...BAD_SETS,
  ...BAD_JOBS,
  ...BAD_AUTOSCALERS,
  ...BAD_POLICIES,
  ...BAD_PRESETS,
  ...BAD_CERTIFICATE_REQUESTS,
  ...BAD_NETWORKING,
  ...BAD_CLUSTER_OBJECTS,
  ...BAD_DRIVERS,
  ...BAD_DEVICES,
  ...BAD_SERVICE_RANGES,
  ...BAD_TRUST,
  ...BAD_ROLES,
  ...UNDECODABLE_OBJECTS,
];
