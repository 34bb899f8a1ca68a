import type { Overlay } from "../storage/overlay.js";

/** Looks up when a node was last heard of, in milliseconds since 1970; null: never. */
export type HeartbeatLookup = (node: string) => number | null;

/** The namespace of the Leases that stand for nodes. */
export const NODE_LEASE_NAMESPACE = "kube-node-lease";

const QUOTE = 34;

/** Shows the last heartbeat in `lastHeartbeatTime` of a Node's conditions. */
export function nodeHeartbeatOverlay(lastHeartbeatMs: HeartbeatLookup): Overlay {
  return {
    resource: "nodes",
    group: "",
    apply({ name }, stored) {
      const heartbeatMs = lastHeartbeatMs(name);
      if (heartbeatMs === null) return stored;
      // Time: whole seconds.
      const text = `${new Date(heartbeatMs).toISOString().slice(0, 19)}Z`;
      return replaceTimes(stored, '"lastHeartbeatTime":"', text);
    },
  };
}

/**
 * Shows the last heartbeat as `renewTime` of the node's Lease, which nobody writes again once it
 * is there.
 */
export function nodeLeaseOverlay(lastHeartbeatMs: HeartbeatLookup): Overlay {
  return {
    resource: "leases",
    group: "coordination.k8s.io",
    apply({ namespace, name }, stored) {
      const heartbeatMs = namespace === NODE_LEASE_NAMESPACE ? lastHeartbeatMs(name) : null;
      if (heartbeatMs === null) return stored;
      // MicroTime: six digits.
      const text = new Date(heartbeatMs).toISOString().replace("Z", "000Z");
      return replaceTimes(stored, '"renewTime":"', text);
    },
  };
}

/**
 * Replaces every time that follows `field` by a later one. Works on the bytes: reading a list of
 * thousands of Nodes must not parse them. Inside a JSON string the field's quotes would be
 * escaped, so only real fields match.
 */
function replaceTimes(stored: Buffer, field: string, text: string): Buffer {
  const parts: Buffer[] = [];
  const replacement = Buffer.from(text, "latin1");
  let copiedTo = 0;
  for (let at = stored.indexOf(field); at >= 0; at = stored.indexOf(field, copiedTo)) {
    const start = at + field.length;
    const end = stored.indexOf(QUOTE, start);
    if (end < 0) break;
    const known = stored.toString("latin1", start, end);
    parts.push(stored.subarray(copiedTo, start));
    parts.push(isLater(text, known) ? replacement : stored.subarray(start, end));
    copiedTo = end;
  }
  if (parts.length === 0) return stored;
  parts.push(stored.subarray(copiedTo));
  return Buffer.concat(parts);
}

/** Times in one format and time zone are ordered as texts, up to their fractions. */
function isLater(text: string, known: string): boolean {
  return text.slice(0, 19) > known.slice(0, 19) || (text.length > 20 && text > known);
}
