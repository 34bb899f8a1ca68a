import { isVoter } from "./conf-state.js";
import type { Core } from "./core.js";
import { appendOwn } from "./replication.js";
import type { ForwardResult, ProposeResult } from "./types.js";

type Refusal = "NotLeader" | "TooLarge" | "Overloaded";

/** Why this data cannot be proposed here and now; null when it can. */
export function mayPropose(core: Core, data: Uint8Array): Refusal | null {
  const lead = core.leadership;
  // Whoever takes over must have the whole log: it must not grow meanwhile (thesis §3.10).
  if (lead === null || lead.leadTransferee !== null) return "NotLeader";
  if (!isVoter(core.confState, core.id)) return "NotLeader";
  if (data.length > core.config.entrySizeMaxBytes) return "TooLarge";
  // One proposal is always let in, however large, or it could never be.
  const size = lead.uncommittedSize + data.length;
  if (lead.uncommittedSize > 0 && size > core.config.uncommittedSizeMaxBytes) return "Overloaded";
  return null;
}

export function propose(core: Core, data: Uint8Array): ProposeResult {
  const refusal = mayPropose(core, data);
  if (refusal !== null) return { accepted: false, reason: refusal };
  return { accepted: true, index: appendOwn(core, data), term: core.term };
}

/** Proposes here or, on a follower, at the leader. */
export function forward(core: Core, data: Uint8Array): ForwardResult {
  if (core.role === "leader") {
    const result = propose(core, data);
    if (result.accepted) return { accepted: true };
    const reason = result.reason === "NotLeader" ? "NoLeader" : result.reason;
    return { accepted: false, reason };
  }
  if (core.config.disableProposalForwarding === true)
    return { accepted: false, reason: "Disabled" };
  if (core.leader === null) return { accepted: false, reason: "NoLeader" };
  if (data.length > core.config.entrySizeMaxBytes) return { accepted: false, reason: "TooLarge" };
  core.send({ type: "MsgProp", to: core.leader, data });
  return { accepted: true };
}
