// Generated from ../groups by `npm run generate`. Do not edit.
import type { StoredMeta } from "../wire-types.js";

/** Says who serves one version of one API group. */
export interface APIService {
  /** Names the group and version of the kind, such as apps/v1. */
  readonly apiVersion: "apiregistration.k8s.io/v1";
  /** Names the kind of the object, such as Deployment. */
  readonly kind: "APIService";
  /** Holds the name, labels and whatever else all objects have alike. */
  readonly metadata: StoredMeta;
  /** Names the group, the version and the server. */
  readonly spec: APIServiceSpec;
  /** Reports whether it can be reached. */
  readonly status?: APIServiceStatus;
}

/** States one aspect of an APIService. */
export interface APIServiceCondition {
  /** Is when the status changed last. */
  readonly lastTransitionTime?: string;
  /** Is why, in a sentence. */
  readonly message?: string;
  /** Is why, in one word. */
  readonly reason?: string;
  /** Is True, False or Unknown. */
  readonly status: string;
  /** Names the aspect, such as Available. */
  readonly type: string;
}

/** Names the group, the version and the server. */
export interface APIServiceSpec {
  /** Holds the certificates that sign the server's, as PEM; those of the system when absent. */
  readonly caBundle?: string;
  /** Is the API group. */
  readonly group?: string;
  /** Is how much clients prefer the group, 1 to 20000. */
  readonly groupPriorityMinimum: number;
  /** Says that the server's certificate is not looked at. */
  readonly insecureSkipTLSVerify?: boolean;
  /** Is the Service of the server; absent, the API server itself serves the version. */
  readonly service?: ServiceReference;
  /** Is the version. */
  readonly version?: string;
  /** Is how much they prefer the version within it, 1 to 1000. */
  readonly versionPriority: number;
}

/** Reports how an APIService stands. */
export interface APIServiceStatus {
  /** States its aspects. */
  readonly conditions?: readonly APIServiceCondition[];
}

/** Names a Service. */
export interface ServiceReference {
  /** Is its name. */
  readonly name?: string;
  /** Is its namespace. */
  readonly namespace?: string;
  /** Is its port, 443 by default. */
  readonly port?: number;
}
