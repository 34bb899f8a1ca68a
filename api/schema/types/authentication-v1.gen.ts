// Generated from ../groups by `npm run generate`. Do not edit.
import type { StoredMeta } from "../wire-types.js";

/** Names the object that a token is bound to. */
export interface BoundObjectReference {
  /** Is v1. */
  readonly apiVersion?: string;
  /** Is Pod, Secret or Node. */
  readonly kind?: string;
  /** Names the object. */
  readonly name?: string;
  /** Tells the object from another of the same name; empty means whichever is there. */
  readonly uid?: string;
}

/** Answers the question who the caller is; nothing is stored. */
export interface SelfSubjectReview {
  /** Names the group and version of the kind, such as apps/v1. */
  readonly apiVersion: "authentication.k8s.io/v1";
  /** Names the kind of the object, such as Deployment. */
  readonly kind: "SelfSubjectReview";
  /** Holds the name, labels and whatever else all objects have alike. */
  readonly metadata: StoredMeta;
  /** Holds the answer; the server fills it in. */
  readonly status?: SelfSubjectReviewStatus;
}

/** Holds what the server knows of the caller. */
export interface SelfSubjectReviewStatus {
  /** Describes the caller as it was authenticated. */
  readonly userInfo?: UserInfo;
}

/** Asks for a token of a service account. */
export interface TokenRequest {
  /** Names the group and version of the kind, such as apps/v1. */
  readonly apiVersion: "authentication.k8s.io/v1";
  /** Names the kind of the object, such as Deployment. */
  readonly kind: "TokenRequest";
  /** Holds the name, labels and whatever else all objects have alike. */
  readonly metadata: StoredMeta;
  /** Describes the token that is asked for. */
  readonly spec: TokenRequestSpec;
  /** Holds the token; the server fills it in. */
  readonly status?: TokenRequestStatus;
}

/** Describes a token that is asked for. */
export interface TokenRequestSpec {
  /** Lists who may take the token for good; empty means the API server. */
  readonly audiences?: readonly string[];
  /** Names an object with whose end the token ends. */
  readonly boundObjectRef?: BoundObjectReference;
  /** Says how long the token is to live, ten minutes at least. */
  readonly expirationSeconds?: number;
}

/** Holds a token that was made. */
export interface TokenRequestStatus {
  /** Says when the token ends. */
  readonly expirationTimestamp?: string;
  /** Is the token, to be kept secret. */
  readonly token?: string;
}

/** Asks whether a token is good, and whose it is; nothing is stored. */
export interface TokenReview {
  /** Names the group and version of the kind, such as apps/v1. */
  readonly apiVersion: "authentication.k8s.io/v1";
  /** Names the kind of the object, such as Deployment. */
  readonly kind: "TokenReview";
  /** Holds the name, labels and whatever else all objects have alike. */
  readonly metadata: StoredMeta;
  /** Holds the token in question. */
  readonly spec: TokenReviewSpec;
  /** Holds the answer; the server fills it in. */
  readonly status?: TokenReviewStatus;
}

/** Holds the token in question. */
export interface TokenReviewSpec {
  /** Lists the audiences of which one must be meant; empty means the API server. */
  readonly audiences?: readonly string[];
  /** Is the token. */
  readonly token: string;
}

/** Says whether a token is good. */
export interface TokenReviewStatus {
  /** Lists which of the audiences asked for are meant by the token. */
  readonly audiences?: readonly string[];
  /** Says whether the token belongs to a known user. */
  readonly authenticated?: boolean;
  /** Says why the token could not be checked. */
  readonly error?: string;
  /** Describes that user. */
  readonly user?: UserInfo;
}

/** Describes a user, who may be a person or a program. */
export interface UserInfo {
  /** Holds further facts from the way of authentication, each with a list of values. */
  readonly extra?: { readonly [key: string]: readonly string[] };
  /** Lists the groups that the user is in. */
  readonly groups?: readonly string[];
  /** Tells the user from another who has had the same name; empty when the way of authentication has none. */
  readonly uid?: string;
  /** Names the user, such as system:serviceaccount:default:builder. */
  readonly username?: string;
}
