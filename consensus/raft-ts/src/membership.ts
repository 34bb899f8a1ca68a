import {
  applyConfChange,
  type ConfChangeV2,
  encodeConfChange,
  LEAVE_JOINT,
} from "./conf-change.js";
import { isVoter } from "./conf-state.js";
import type { Core } from "./core.js";
import { maybeCommit } from "./leader.js";
import { mayPropose } from "./proposals.js";
import { appendOwn, broadcastHeartbeat, followMembers } from "./replication.js";
import type { ConfChangeResult, Index } from "./types.js";

/** Leader only: one change at a time, each applied before the next begins. */
export function proposeConfChange(core: Core, change: ConfChangeV2): ConfChangeResult {
  const data = encodeConfChange(change);
  const refusal = mayPropose(core, data);
  if (refusal !== null) return { accepted: false, reason: refusal, detail: "" };
  const lead = core.leadership;
  if (lead !== null && lead.pendingConfIndex > core.log.applied) {
    const detail = `a change may wait at ${lead.pendingConfIndex}, applied is ${core.log.applied}`;
    return { accepted: false, reason: "Pending", detail };
  }
  const outcome = applyConfChange(core.confState, change);
  if (!outcome.valid) return { accepted: false, reason: "Invalid", detail: outcome.detail };
  return { accepted: true, index: appendConfChange(core, data), term: core.term };
}

/** The state machine has applied everything up to `index`: the membership follows. */
export function appliedTo(core: Core, index: Index): void {
  const before = core.confState;
  core.confState = core.confStateAt(index);
  core.log.appliedTo(index);
  if (core.confState !== before) membershipChanged(core);
  maybeLeaveJoint(core);
}

function membershipChanged(core: Core): void {
  const lead = core.leadership;
  if (lead === null) return;
  followMembers(core);
  // It was given by those who had a say before.
  lead.dropLease();
  if (lead.leadTransferee !== null && !isVoter(core.confState, lead.leadTransferee))
    lead.leadTransferee = null;
  lead.appendOwed = true;
  // A smaller group may have committed what the larger one had not.
  maybeCommit(core);
  // Thesis §4.2.2: it leads until the change is committed. A little longer, in fact: those who
  // remain might need its vote as long as they do not know.
  if (!isVoter(core.confState, core.id)) {
    lead.lastRound = lead.readOnly.open([], lead.ticks);
    broadcastHeartbeat(core, lead.lastRound);
  }
}

function maybeLeaveJoint(core: Core): void {
  const lead = core.leadership;
  if (lead === null || !core.confState.autoLeave || lead.pendingConfIndex > core.log.applied)
    return;
  // No limit holds it up: the group must not stay joint because it is busy.
  appendConfChange(core, encodeConfChange(LEAVE_JOINT));
}

function appendConfChange(core: Core, data: Uint8Array): Index {
  const index = appendOwn(core, data, "EntryConfChangeV2");
  if (core.leadership !== null) core.leadership.pendingConfIndex = index;
  return index;
}
