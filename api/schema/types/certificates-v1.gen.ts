// Generated from ../groups by `npm run generate`. Do not edit.
import type { StoredMeta } from "../wire-types.js";

/** Asks a signer for a certificate, which somebody approves or denies. */
export interface CertificateSigningRequest {
  /** Names the group and version of the kind, such as apps/v1. */
  readonly apiVersion: "certificates.k8s.io/v1";
  /** Names the kind of the object, such as Deployment. */
  readonly kind: "CertificateSigningRequest";
  /** Holds the name, labels and whatever else all objects have alike. */
  readonly metadata: StoredMeta;
  /** Says who asks for what; it never changes. */
  readonly spec: CertificateSigningRequestSpec;
  /** Says what was decided, and holds the certificate. */
  readonly status?: CertificateSigningRequestStatus;
}

/** Is one thing that was decided or went wrong. */
export interface CertificateSigningRequestCondition {
  /** Is when its status changed last. */
  readonly lastTransitionTime?: string;
  /** Is when the condition was written last. */
  readonly lastUpdateTime?: string;
  /** Says why, to people. */
  readonly message?: string;
  /** Says why, in one word. */
  readonly reason?: string;
  /** Is True, False or Unknown; for Approved and Denied only True. */
  readonly status: string;
  /** Is Approved, Denied or Failed. */
  readonly type: string;
}

/** Says who asks for what. */
export interface CertificateSigningRequestSpec {
  /** Is how long the certificate is to last; the signer may decide otherwise. */
  readonly expirationSeconds?: number;
  /** Holds what else is known of that user. */
  readonly extra?: { readonly [key: string]: readonly string[] };
  /** Lists the groups of that user. */
  readonly groups?: readonly string[];
  /** Is the request in PKCS #10, as PEM. */
  readonly request: string;
  /** Names who is to sign, such as kubernetes.io/kube-apiserver-client. */
  readonly signerName: string;
  /** Is the uid of that user. */
  readonly uid?: string;
  /** Lists what the key is for, such as digital signature and client auth. */
  readonly usages?: readonly string[];
  /** Is the user who asked; the server writes it. */
  readonly username?: string;
}

/** Says what was decided. */
export interface CertificateSigningRequestStatus {
  /** Is the certificate and perhaps its chain, as PEM. */
  readonly certificate?: string;
  /** Lists what was decided. */
  readonly conditions?: readonly CertificateSigningRequestCondition[];
}
