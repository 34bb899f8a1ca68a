import type {
  CertificateSigningRequest,
  CertificateSigningRequestCondition,
  CertificateSigningRequestStatus,
} from "../../../api/schema/types/certificates-v1.gen.js";
import { formatAge } from "../../../api/machinery/time.js";
import { ageOf } from "../common/age.js";
import { nameIsDnsSubdomain } from "../common/name-validators.js";
import { withSpecOf, withStatusOf } from "../common/prepare.js";
import { AGE_COLUMN, column, NAME_COLUMN } from "../common/table-columns.js";
import type { Strategy, TableDefinition } from "../strategy.js";
import {
  validateConditions,
  validateDecisionsKept,
  validateRequestSpec,
} from "./signing-request-validation.js";

const table: TableDefinition<CertificateSigningRequest> = {
  columns: [
    NAME_COLUMN,
    AGE_COLUMN,
    column("SignerName", "Who is asked to sign."),
    column("Requestor", "Who asks."),
    column("RequestedDuration", "How long the certificate is to last."),
    column("Condition", "What was decided, and whether it was signed."),
  ],
  cells: ({ metadata, spec, status }, nowMs) => [
    metadata.name,
    ageOf(metadata.creationTimestamp, nowMs),
    spec.signerName,
    spec.username ?? "",
    spec.expirationSeconds === undefined ? "<none>" : formatAge(spec.expirationSeconds * 1000),
    conditionOf(status),
  ],
};

/**
 * CertificateSigningRequests: the server writes who asks, and that never changes. Somebody decides
 * through `approval`; in `status` is what the signer made of it.
 */
export const certificateSigningRequestStrategy: Strategy<CertificateSigningRequest> = {
  validateName: nameIsDnsSubdomain,
  prepareForCreate(request, { user }) {
    const { username: _given, uid: _uid, groups: _groups, extra: _extra, ...asked } = request.spec;
    const spec = {
      ...asked,
      username: user.name,
      ...(user.uid === "" ? {} : { uid: user.uid }),
      ...(user.groups.length === 0 ? {} : { groups: user.groups }),
      ...(Object.keys(user.extra).length === 0 ? {} : { extra: user.extra }),
    };
    return { ...request, spec, status: {} };
  },
  prepareForUpdate(request, old, subresource, { now }) {
    const next = withSpecOf(request, old);
    if (subresource !== "status" && subresource !== "approval") return withStatusOf(next, old);
    const given = timed(request.status?.conditions ?? [], old.status?.conditions ?? [], now);
    const { conditions: made = [], ...signed } = old.status ?? {};
    if (subresource === "approval") return { ...next, status: { ...signed, ...listed(given) } };
    // The status decides nothing: decisions are those that were made.
    const decided = made.filter(({ type }) => isDecision(type));
    const conditions = [...decided, ...given.filter(({ type }) => !isDecision(type))];
    const { conditions: _conditions, ...rest } = request.status ?? {};
    return { ...next, status: { ...rest, ...listed(conditions) } };
  },
  validate: ({ spec }) => validateRequestSpec(spec),
  validateUpdate: (request, old, subresource) => [
    ...validateConditions(request.status?.conditions ?? []),
    ...(subresource === "approval" ? validateDecisionsKept(request, old) : []),
  ],
  selectableFields: { "spec.signerName": ({ spec }) => spec.signerName },
  table,
};

/** True for the conditions by which somebody decides. */
function isDecision(type: string): boolean {
  return type === "Approved" || type === "Denied";
}

function listed(
  conditions: readonly CertificateSigningRequestCondition[],
): Pick<CertificateSigningRequestStatus, "conditions"> {
  return conditions.length === 0 ? {} : { conditions };
}

/** Fills in the times that are not given: a status that stays keeps the time of its beginning. */
function timed(
  conditions: readonly CertificateSigningRequestCondition[],
  old: readonly CertificateSigningRequestCondition[],
  now: string,
): readonly CertificateSigningRequestCondition[] {
  return conditions.map((condition) => {
    const before = old.find(({ type }) => type === condition.type);
    const same = before?.status === condition.status ? before?.lastTransitionTime : undefined;
    return {
      ...condition,
      lastUpdateTime: condition.lastUpdateTime ?? now,
      lastTransitionTime: condition.lastTransitionTime ?? same ?? now,
    };
  });
}

function conditionOf({ conditions = [], certificate = "" }: CertificateSigningRequestStatus = {}) {
  const types = new Set(conditions.map(({ type }) => type));
  const decided = types.has("Denied") ? "Denied" : types.has("Approved") ? "Approved" : "Pending";
  const failed = types.has("Failed") ? ",Failed" : "";
  return `${decided}${failed}${certificate === "" ? "" : ",Issued"}`;
}
