import type { CertificateSigningRequest } from "../../api/schema/types/certificates-v1.gen.js";
import { isHandled, KUBELET_CLIENT, type RequestContent, whyNotSigned } from "./signer-rules.js";

/** A right that whoever asks must have, for the request to be approved by itself. */
export interface ApprovalRight {
  /** Of certificatesigningrequests; the verb is `create`. */
  readonly subresource: "selfnodeclient" | "nodeclient";
  /** What the condition says then. */
  readonly message: string;
}

const SELF: ApprovalRight = {
  subresource: "selfnodeclient",
  message: "Auto approving self kubelet client certificate after SubjectAccessReview.",
};
const ANY: ApprovalRight = {
  subresource: "nodeclient",
  message: "Auto approving kubelet client certificate after SubjectAccessReview.",
};

/** True while nobody has decided about the request, and nothing was made of it. */
export function isUndecided(request: CertificateSigningRequest): boolean {
  const decided = (request.status?.conditions ?? []).some(
    ({ type }) => type === "Approved" || type === "Denied",
  );
  return !decided && !isHandled(request);
}

/**
 * The rights of which one suffices, the narrower first; none: somebody else must decide. Only what
 * the signer for kubelets as clients would sign is looked at, as csrapproving does in Kubernetes.
 */
export function approvalRights(
  request: CertificateSigningRequest,
  content: RequestContent | null,
): readonly ApprovalRight[] {
  if (content === null || request.spec.signerName !== KUBELET_CLIENT) return [];
  if (whyNotSigned(request, content) !== null) return [];
  return content.commonName === request.spec.username ? [SELF, ANY] : [ANY];
}

const RETRY_MS_MIN = 1_000;
const RETRY_MS_MAX = 1_000_000;

/**
 * When to ask again for a request that was not approved, for rights may be given later: after as
 * long as it has waited, so that the waits double; 1,000 s at most, as the reference has it.
 */
export function retryAfterMs(request: CertificateSigningRequest, nowMs: number): number {
  const waitedMs = nowMs - Date.parse(request.metadata.creationTimestamp);
  return Math.min(Math.max(waitedMs, RETRY_MS_MIN), RETRY_MS_MAX);
}
