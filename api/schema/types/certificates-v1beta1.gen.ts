// Generated from ../groups by `npm run generate`. Do not edit.
import type { StoredMeta } from "../wire-types.js";
import type { Condition } from "./meta-v1.gen.js";

/** Is a set of certificates of authorities that workloads can trust. */
export interface ClusterTrustBundle {
  /** Names the group and version of the kind, such as apps/v1. */
  readonly apiVersion: "certificates.k8s.io/v1beta1";
  /** Names the kind of the object, such as Deployment. */
  readonly kind: "ClusterTrustBundle";
  /** Holds the name, labels and whatever else all objects have alike. */
  readonly metadata: StoredMeta;
  /** Holds the certificates and says whose they are. */
  readonly spec: ClusterTrustBundleSpec;
}

/** Holds certificates of authorities and says whose they are. */
export interface ClusterTrustBundleSpec {
  /** Names the signer that the certificates belong to; the object's name then begins with it. It never changes. */
  readonly signerName?: string;
  /** Holds the certificates as PEM blocks without headers; their order means nothing. */
  readonly trustBundle: string;
}

/** Asks a signer for a certificate for one Pod. */
export interface PodCertificateRequest {
  /** Names the group and version of the kind, such as apps/v1. */
  readonly apiVersion: "certificates.k8s.io/v1beta1";
  /** Names the kind of the object, such as Deployment. */
  readonly kind: "PodCertificateRequest";
  /** Holds the name, labels and whatever else all objects have alike. */
  readonly metadata: StoredMeta;
  /** Says who asks for what; it never changes. */
  readonly spec: PodCertificateRequestSpec;
  /** Says what was decided, and holds the certificate. */
  readonly status?: PodCertificateRequestStatus;
}

/** Says for which Pod a certificate is asked, and of whom. */
export interface PodCertificateRequestSpec {
  /** Is how long the certificate may last at most; a day when absent. */
  readonly maxExpirationSeconds?: number;
  /** Names the node where the Pod runs. */
  readonly nodeName: string;
  /** Is the uid of that Node. */
  readonly nodeUID: string;
  /** Is the public key, in PKIX DER. */
  readonly pkixPublicKey?: string;
  /** Is the name of the Pod, in the request's namespace. */
  readonly podName: string;
  /** Is the uid of that Pod. */
  readonly podUID: string;
  /** Proves that whoever asks has the private key. */
  readonly proofOfPossession?: string;
  /** Names the service account of the Pod. */
  readonly serviceAccountName: string;
  /** Is the uid of that account. */
  readonly serviceAccountUID: string;
  /** Names who is to sign. */
  readonly signerName: string;
  /** Is a request in PKCS #10 that carries the public key and is signed with the private one. */
  readonly stubPKCS10Request: string;
  /** Are what the Pod says to the signer; nobody checked them. */
  readonly unverifiedUserAnnotations?: { readonly [key: string]: string };
}

/** Says what was decided. */
export interface PodCertificateRequestStatus {
  /** Is when the node begins to ask for the next one. */
  readonly beginRefreshAt?: string;
  /** Is the certificate and perhaps its chain, as PEM. */
  readonly certificateChain?: string;
  /** Lists what was decided: Issued, Denied or Failed. */
  readonly conditions?: readonly Condition[];
  /** Is when the certificate ends. */
  readonly notAfter?: string;
  /** Is when the certificate begins to be good. */
  readonly notBefore?: string;
}
