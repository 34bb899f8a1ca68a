import { assert } from "./assert.js";
import { type ConfState, confStateProblem, isJoint } from "./conf-state.js";
import type { PeerId } from "./types.js";

/**
 * - ConfChangeAddNode: gets a vote, also who was a learner.
 * - ConfChangeAddLearnerNode: gets the log and no vote, also who was a voter.
 * - ConfChangeRemoveNode: belongs to the group no longer.
 */
export type ConfChangeType =
  | "ConfChangeAddNode"
  | "ConfChangeRemoveNode"
  | "ConfChangeAddLearnerNode";

export interface ConfChangeSingle {
  readonly type: ConfChangeType;
  readonly node: PeerId;
}

/**
 * - Auto: one change goes directly, several through a joint configuration that is left by itself.
 * - JointImplicit: always through a joint configuration that is left by itself.
 * - JointExplicit: as JointImplicit, but it is left by an empty change (LEAVE_JOINT).
 */
export type ConfChangeTransition = "Auto" | "JointImplicit" | "JointExplicit";

/** A change of the membership, takes effect when its entry is applied (thesis §4.3). */
export interface ConfChangeV2 {
  readonly transition: ConfChangeTransition;
  readonly changes: readonly ConfChangeSingle[];
}

/** Leaves a joint configuration. */
export const LEAVE_JOINT: ConfChangeV2 = { transition: "Auto", changes: [] };

/** The membership after a change, or why there is none. */
export type ConfChangeOutcome =
  | { readonly valid: true; readonly confState: ConfState }
  | { readonly valid: false; readonly detail: string };

const TYPES: readonly ConfChangeType[] = [
  "ConfChangeAddNode",
  "ConfChangeRemoveNode",
  "ConfChangeAddLearnerNode",
];
const TRANSITIONS: readonly ConfChangeTransition[] = ["Auto", "JointImplicit", "JointExplicit"];
const FORMAT_VERSION = 1;

/** The membership after `change`; the same on every peer. */
export function applyConfChange(conf: ConfState, change: ConfChangeV2): ConfChangeOutcome {
  if (leavesJoint(change)) {
    if (!isJoint(conf)) return refuse("there is no joint configuration to leave");
    return checked(leaveJoint(conf));
  }
  if (isJoint(conf)) return refuse("the joint configuration must be left first");
  if (change.transition === "Auto" && change.changes.length <= 1)
    return checked(changed(conf, change.changes));
  if (conf.voters.length === 0) return refuse("a group without voters cannot become joint");
  const joint = { ...conf, votersOutgoing: conf.voters };
  const autoLeave = change.transition !== "JointExplicit";
  return checked({ ...changed(joint, change.changes), autoLeave });
}

/** An entry's data: ASCII, with a version. */
export function encodeConfChange(change: ConfChangeV2): Uint8Array {
  const text = JSON.stringify({ v: FORMAT_VERSION, ...change }).replace(
    /[^\x20-\x7e]/g,
    (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
  return Uint8Array.from(text, (char) => char.charCodeAt(0));
}

/** What encodeConfChange() wrote; null when it is something else. */
export function decodeConfChange(data: Uint8Array): ConfChangeV2 | null {
  let text = "";
  for (const byte of data) text += String.fromCharCode(byte);
  try {
    return parseConfChange(JSON.parse(text));
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}

function parseConfChange(value: unknown): ConfChangeV2 | null {
  const { v, transition, changes } = { ...(value as Record<string, unknown>) };
  const known = TRANSITIONS.find((one) => one === transition);
  if (v !== FORMAT_VERSION || known === undefined || !Array.isArray(changes)) return null;
  const parsed: ConfChangeSingle[] = [];
  for (const change of changes as unknown[]) {
    const { type, node } = { ...(change as Record<string, unknown>) };
    const knownType = TYPES.find((one) => one === type);
    if (knownType === undefined || typeof node !== "string" || node === "") return null;
    parsed.push({ type: knownType, node });
  }
  return { transition: known, changes: parsed };
}

function leavesJoint(change: ConfChangeV2): boolean {
  return change.transition === "Auto" && change.changes.length === 0;
}

function leaveJoint(conf: ConfState): ConfState {
  assert(isJoint(conf), "only what is joint is left");
  return {
    voters: conf.voters,
    votersOutgoing: [],
    learners: [...conf.learners, ...conf.learnersNext].sort(),
    learnersNext: [],
    autoLeave: false,
  };
}

function changed(conf: ConfState, changes: readonly ConfChangeSingle[]): ConfState {
  const voters = new Set(conf.voters);
  const learners = new Set(conf.learners);
  const learnersNext = new Set(conf.learnersNext);
  for (const { type, node } of changes) {
    const wasLearner = learners.has(node) || learnersNext.has(node);
    if (type === "ConfChangeAddLearnerNode" && wasLearner) continue;
    voters.delete(node);
    learners.delete(node);
    learnersNext.delete(node);
    if (type === "ConfChangeAddNode") voters.add(node);
    if (type !== "ConfChangeAddLearnerNode") continue;
    // Who still votes in the outgoing half cannot be a learner before it is left.
    if (conf.votersOutgoing.includes(node)) learnersNext.add(node);
    else learners.add(node);
  }
  return {
    ...conf,
    voters: [...voters].sort(),
    learners: [...learners].sort(),
    learnersNext: [...learnersNext].sort(),
  };
}

function checked(confState: ConfState): ConfChangeOutcome {
  if (confState.voters.length === 0) return refuse("nobody would have a vote");
  const problem = confStateProblem(confState);
  assert(problem === null, `${problem}: ${JSON.stringify(confState)}`);
  return { valid: true, confState };
}

function refuse(detail: string): ConfChangeOutcome {
  return { valid: false, detail };
}
