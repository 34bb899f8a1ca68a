// Generated from ../groups by `npm run generate`. Do not edit.
import type { StoredMeta } from "../wire-types.js";
import type { EventSource, ObjectReference } from "./core-v1.gen.js";

/** Reports, for people, that something happened to an object; it is kept for a while only. */
export interface Event {
  /** Names what the program did, or failed to do, as one word. */
  readonly action?: string;
  /** Names the group and version of the kind, such as apps/v1. */
  readonly apiVersion: "events.k8s.io/v1";
  /** Holds the count of an event that was written through the core group. */
  readonly deprecatedCount?: number;
  /** Holds the first time of an event that was written through the core group. */
  readonly deprecatedFirstTimestamp?: string;
  /** Holds the last time of an event that was written through the core group. */
  readonly deprecatedLastTimestamp?: string;
  /** Holds the source of an event that was written through the core group. */
  readonly deprecatedSource?: EventSource;
  /** Tells when it was first seen; required. */
  readonly eventTime: string;
  /** Names the kind of the object, such as Deployment. */
  readonly kind: "Event";
  /** Holds the name, labels and whatever else all objects have alike. */
  readonly metadata: StoredMeta;
  /** Describes it for people in at most 1 KiB. */
  readonly note?: string;
  /** Says why, as one CamelCase word of at most 128 characters. */
  readonly reason?: string;
  /** Points to the object that it is about. */
  readonly regarding?: ObjectReference;
  /** Points to a second object that has to do with it, if any. */
  readonly related?: ObjectReference;
  /** Names the program that reports it, such as kubernetes.io/kubelet. */
  readonly reportingController?: string;
  /** Names the one of several such programs, such as kubelet-node-1. */
  readonly reportingInstance?: string;
  /** Tells how often and until when it was repeated; absent means that it was seen once. */
  readonly series?: EventSeries;
  /** Says how it is meant: Normal or Warning. */
  readonly type?: string;
}

/** Tells about a repeated event. */
export interface EventSeries {
  /** Counts how often it was seen so far. */
  readonly count: number;
  /** Tells when it was last seen. */
  readonly lastObservedTime: string;
}
