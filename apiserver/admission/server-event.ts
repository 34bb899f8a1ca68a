import { formatTime } from "../../api/machinery/time.js";
import type { Event } from "../../api/schema/types/core-v1.gen.js";
import type { KubernetesObject, NewObject } from "../../api/schema/wire-types.js";

/** A warning of the server itself about an object in a namespace. */
export interface ServerEvent {
  readonly about: KubernetesObject;
  /** Which part of the server warns. */
  readonly component: string;
  readonly reason: string;
  readonly message: string;
}

/** The Event to write; the same reason about the same object gives the same name. */
export function eventOf(
  { about, component, reason, message }: ServerEvent,
  nowMs: number,
): NewObject<Event> & { readonly metadata: { readonly namespace: string } } {
  const { apiVersion, kind, metadata } = about;
  const { name, namespace = "", uid } = metadata;
  const now = formatTime(nowMs);
  return {
    apiVersion: "v1",
    kind: "Event",
    metadata: { name: `${name}.${reason.toLowerCase()}.${uid.slice(0, 8)}`, namespace },
    involvedObject: { apiVersion, kind, name, namespace, uid },
    type: "Warning",
    reason,
    message,
    source: { component },
    firstTimestamp: now,
    lastTimestamp: now,
    count: 1,
  };
}
