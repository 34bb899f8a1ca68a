import {
  type FieldError,
  invalid,
  notSupported,
  required,
  tooLong,
} from "../../../api/machinery/field-errors.js";
import { byteLength } from "../../../api/machinery/names.js";
import type {
  PodCertificateRequest,
  PodCertificateRequestSpec,
  PodCertificateRequestStatus,
} from "../../../api/schema/types/certificates-v1beta1.gen.js";
import { ageOf } from "../common/age.js";
import { base64SizeBytes } from "../common/base64.js";
import { invalidEach } from "../common/field-error-builders.js";
import { validateImmutable } from "../common/immutable.js";
import { nameIsDnsSubdomain } from "../common/name-validators.js";
import { withSpecOf, withStatusOf } from "../common/prepare.js";
import { semanticEqual } from "../common/semantic-equal.js";
import { AGE_COLUMN, column, NAME_COLUMN } from "../common/table-columns.js";
import type { Strategy, TableDefinition } from "../strategy.js";
import { validateSignerName } from "./signing-request-validation.js";

const UID_BYTES_MAX = 128;
const SECONDS_MIN = 3600;
const KUBERNETES_SECONDS_MAX = 24 * 3600;
const SECONDS_MAX = 91 * 24 * 3600;
const REQUEST_BYTES_MAX = 10 * 1024;
const DECISIONS: readonly string[] = ["Issued", "Denied", "Failed"];

const table: TableDefinition<PodCertificateRequest> = {
  columns: [
    NAME_COLUMN,
    column("PodName", "The pod that the certificate is for."),
    column("ServiceAccountName", "The service account of the pod."),
    column("NodeName", "The node of the pod."),
    column("SignerName", "Who is asked to sign."),
    column("State", "What was decided."),
    AGE_COLUMN,
  ],
  cells: ({ metadata, spec, status }, nowMs) => [
    metadata.name,
    spec.podName,
    spec.serviceAccountName,
    spec.nodeName,
    spec.signerName,
    decisionOf(status) ?? "Pending",
    ageOf(metadata.creationTimestamp, nowMs),
  ],
};

/** PodCertificateRequests (KEP-4317): nothing changes but what the signer says, once. */
export const podCertificateRequestStrategy: Strategy<PodCertificateRequest> = {
  validateName: nameIsDnsSubdomain,
  prepareForCreate: (request) => ({ ...request, status: {} }),
  prepareForUpdate: (request, old, subresource) =>
    subresource === "status" ? withSpecOf(request, old) : withStatusOf(request, old),
  validate: ({ spec }) => validateRequest(spec),
  validateUpdate: (request, old, subresource) =>
    subresource === "status"
      ? validateDecision(request.status ?? {}, old.status ?? {})
      : validateImmutable("spec", { value: request.spec, old: old.spec }),
  selectableFields: {
    "spec.signerName": ({ spec }) => spec.signerName,
    "spec.podName": ({ spec }) => spec.podName,
    "spec.nodeName": ({ spec }) => spec.nodeName,
  },
  table,
};

function validateRequest(spec: PodCertificateRequestSpec): FieldError[] {
  const errors = validateSignerName(spec.signerName, "spec.signerName");
  for (const subject of ["pod", "serviceAccount", "node"] as const) {
    const [name, uid] = [spec[`${subject}Name`], spec[`${subject}UID`]];
    errors.push(...invalidEach(`spec.${subject}Name`, name, nameIsDnsSubdomain(name, false)));
    const path = `spec.${subject}UID`;
    if (uid === "") errors.push(invalid(path, uid, "must not be empty"));
    if (byteLength(uid) > UID_BYTES_MAX) errors.push(tooLong(path, UID_BYTES_MAX));
  }
  const seconds = spec.maxExpirationSeconds ?? 0;
  const ofKubernetes = /^(?:[^/]+\.)?kubernetes\.io\//u.test(spec.signerName);
  const secondsMax = ofKubernetes ? KUBERNETES_SECONDS_MAX : SECONDS_MAX;
  if (seconds < SECONDS_MIN || seconds > secondsMax) {
    const text = `must be in the range [${SECONDS_MIN}, ${secondsMax}]`;
    errors.push(invalid("spec.maxExpirationSeconds", seconds, text));
  }
  const path = "spec.stubPKCS10Request";
  if (spec.stubPKCS10Request === "") errors.push(required(path));
  if (base64SizeBytes(spec.stubPKCS10Request) > REQUEST_BYTES_MAX)
    errors.push(tooLong(path, REQUEST_BYTES_MAX));
  return errors;
}

function validateDecision(
  status: PodCertificateRequestStatus,
  old: PodCertificateRequestStatus,
): FieldError[] {
  const errors: FieldError[] = [];
  for (const [index, { type, status: holds }] of (status.conditions ?? []).entries()) {
    const path = `status.conditions[${index}]`;
    if (!DECISIONS.includes(type)) errors.push(notSupported(`${path}.type`, type, DECISIONS));
    else if (index > 0) {
      const text = 'There may be at most one condition with type "Issued", "Denied", or "Failed"';
      errors.push(invalid(`${path}.type`, type, text));
    }
    if (holds !== "True") errors.push(notSupported(`${path}.status`, holds, ["True"]));
  }
  if (errors.length > 0) return errors;
  return [...errors, ...validateOutcome(status, old)];
}

function validateOutcome(
  status: PodCertificateRequestStatus,
  old: PodCertificateRequestStatus,
): FieldError[] {
  if (decisionOf(old) !== null) {
    const text = "immutable after PodCertificateRequest is issued, denied, or failed";
    return semanticEqual(status, old) ? [] : [invalid("status", status, text)];
  }
  const decision = decisionOf(status);
  const { conditions: _decided, ...rest } = status;
  if (decision === "Issued") {
    if ((status.certificateChain ?? "").includes("-----BEGIN CERTIFICATE-----")) return [];
    const text = "issued certificate chain must contain at least one certificate";
    return [invalid("status.certificateChain", status.certificateChain ?? "", text)];
  }
  if (Object.keys(rest).length === 0) return [];
  const text =
    "non-condition status fields must be empty when denying or failing the PodCertificateRequest";
  return [invalid("status", status, text)];
}

function decisionOf(status: PodCertificateRequestStatus | undefined): string | null {
  return status?.conditions?.find(({ type }) => DECISIONS.includes(type))?.type ?? null;
}
