import type { CertificateSigningRequest } from "../../api/schema/types/certificates-v1.gen.js";

/** What a request in PKCS #10 says of its subject. */
export interface RequestContent {
  readonly commonName: string;
  readonly organizations: readonly string[];
  readonly dnsNames: readonly string[];
  readonly ipAddresses: readonly string[];
  /** How many names of other kinds it has, such as mail addresses. */
  readonly otherNames: number;
}

/** Reads requests and signs certificates with the cluster's authority. */
export interface CertificateSigner {
  /** Null: it cannot be read, or its own key has not signed it. */
  read(requestPem: string): Promise<RequestContent | null>;
  /** The certificate as PEM, for the subject and names of a request that was read. */
  sign(
    requestPem: string,
    asked: { readonly usages: readonly string[]; readonly seconds: number },
  ): Promise<string>;
}

/** Signs for clients of the API; never approved by itself. */
export const API_CLIENT = "kubernetes.io/kube-apiserver-client";
/** Signs for kubelets as clients of the API. */
export const KUBELET_CLIENT = "kubernetes.io/kube-apiserver-client-kubelet";
/** Signs for kubelets as servers. */
export const KUBELET_SERVING = "kubernetes.io/kubelet-serving";

const MASTERS = "system:masters";
const NODES = "system:nodes";
const NODE_PREFIX = "system:node:";
const BASIC = ["digital signature", "key encipherment"];

/** True for the signers whose part the cluster plays itself. */
export function isOurs({ spec }: CertificateSigningRequest): boolean {
  return [API_CLIENT, KUBELET_CLIENT, KUBELET_SERVING].includes(spec.signerName);
}

/**
 * Why the signer will not sign, in Kubernetes' words; null: it will. Rules: the reference for
 * certificate signing requests, section "Kubernetes signers".
 */
export function whyNotSigned(
  { spec }: CertificateSigningRequest,
  content: RequestContent | null,
): string | null {
  if (content === null) return "unable to parse csr";
  const usages = spec.usages ?? [];
  switch (spec.signerName) {
    case API_CLIENT:
      // Who has this group may do everything: Kubernetes refuses such a request when it is made.
      if (content.organizations.includes(MASTERS))
        return `use of ${API_CLIENT} signer with ${MASTERS} group is not allowed`;
      return usagesFit(usages, "client auth") ? null : "usages did not match allowed usages";
    case KUBELET_CLIENT:
      if (hasNames(content)) return "subject alternative names are not allowed";
      return whyNoKubelet(content, usages, "client auth");
    case KUBELET_SERVING: {
      const isReached = content.dnsNames.length + content.ipAddresses.length > 0;
      if (!isReached) return "DNS or IP subjectAltName is required";
      if (content.otherNames > 0) return "URI and email subjectAltNames are not allowed";
      if (content.commonName !== spec.username) return "subject common name must match username";
      return whyNoKubelet(content, usages, "server auth");
    }
    default:
      return "unrecognized signer";
  }
}

function whyNoKubelet(
  { commonName, organizations }: RequestContent,
  usages: readonly string[],
  purpose: string,
): string | null {
  if (organizations.length !== 1 || organizations[0] !== NODES)
    return `subject organization is not ${NODES}`;
  if (!commonName.startsWith(NODE_PREFIX) || commonName === NODE_PREFIX)
    return `subject common name does not begin with ${NODE_PREFIX}`;
  const isWhole = usagesFit(usages, purpose) && usages.includes("digital signature");
  return isWhole ? null : "usages did not match allowed usages";
}

function usagesFit(usages: readonly string[], purpose: string): boolean {
  return usages.includes(purpose) && usages.every((one) => one === purpose || BASIC.includes(one));
}

function hasNames({ dnsNames, ipAddresses, otherNames }: RequestContent): boolean {
  return dnsNames.length + ipAddresses.length + otherNames > 0;
}

/** True when somebody approved the request, and nobody denied it. */
export function isApproved({ status }: CertificateSigningRequest): boolean {
  const types = (status?.conditions ?? []).map(({ type }) => type);
  return types.includes("Approved") && !types.includes("Denied");
}

/** True when there is nothing left to do for a signer. */
export function isHandled({ status }: CertificateSigningRequest): boolean {
  const failed = (status?.conditions ?? []).some(({ type }) => type === "Failed");
  return failed || (status?.certificate ?? "") !== "";
}

const HOUR_MS = 3_600_000;
const PENDING_MS = 24 * HOUR_MS;

/**
 * When a request is cleared away, in milliseconds since 1970: pending ones a day after they were
 * made, all others an hour after what was decided or handed out last. Kubernetes' CSR cleaner.
 */
export function clearedAtMs(request: CertificateSigningRequest): number {
  const { conditions = [] } = request.status ?? {};
  const madeMs = Date.parse(request.metadata.creationTimestamp);
  const decided = conditions
    .filter(({ type }) => ["Approved", "Denied", "Failed"].includes(type))
    .map(({ lastUpdateTime }) => Date.parse(lastUpdateTime ?? request.metadata.creationTimestamp));
  return decided.length === 0 ? madeMs + PENDING_MS : Math.max(...decided) + HOUR_MS;
}
