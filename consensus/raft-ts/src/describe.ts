import { unreachable } from "./assert.js";
import { type ConfChangeV2, decodeConfChange } from "./conf-change.js";
import type { ConfState } from "./conf-state.js";
import type { Message } from "./messages.js";
import type { Entry, PeerId, Ready, Snapshot } from "./types.js";

const CHANGE_LETTERS = {
  ConfChangeAddNode: "v",
  ConfChangeAddLearnerNode: "l",
  ConfChangeRemoveNode: "r",
} as const;

/** One line for logs and transcripts: term/index and the data as text when it is text. */
export function describeEntry(entry: Entry): string {
  if (entry.type === "EntryConfChangeV2") {
    const change = decodeConfChange(entry.data);
    return `${entry.term}/${entry.index} ${change === null ? "?" : describeConfChange(change)}`;
  }
  const text = Array.from(entry.data, (byte) =>
    byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : `\\x${byte.toString(16)}`,
  ).join("");
  return `${entry.term}/${entry.index} ${JSON.stringify(text)}`;
}

/** As etcd-io/raft writes it: v(oter), l(earner), r(emoved); the transition unless it is Auto. */
export function describeConfChange({ changes, transition }: ConfChangeV2): string {
  if (changes.length === 0 && transition === "Auto") return "leave-joint";
  const list = changes.map(({ type, node }) => `${CHANGE_LETTERS[type]}:${node}`).join(" ");
  return `conf-change ${list}${transition === "Auto" ? "" : ` ${transition}`}`;
}

/** As etcd-io/raft writes it: `voters=(a b)&&(a) learners=(c) learners-next=(d) autoleave`. */
export function describeConfState(conf: ConfState): string {
  const list = (peers: readonly PeerId[]): string => `(${peers.join(" ")})`;
  let text = `voters=${list(conf.voters)}`;
  if (conf.votersOutgoing.length > 0) text += `&&${list(conf.votersOutgoing)}`;
  if (conf.learners.length > 0) text += ` learners=${list(conf.learners)}`;
  if (conf.learnersNext.length > 0) text += ` learners-next=${list(conf.learnersNext)}`;
  return conf.autoLeave ? `${text} autoleave` : text;
}

/** One line that says who tells whom what. */
export function describeMessage(m: Message): string {
  return `${m.from}->${m.to} ${m.type} term:${m.term}${describeBody(m)}`;
}

/** What a Ready asks for, one duty a line; empty when it asks for nothing. */
export function describeReady(ready: Ready): string[] {
  const lines: string[] = [];
  const { hardState } = ready;
  if (hardState !== null)
    lines.push(`save term:${hardState.term} vote:${hardState.vote} commit:${hardState.commit}`);
  if (ready.snapshot !== null) lines.push(`install${describeSnapshot(ready.snapshot)}`);
  for (const entry of ready.entries) lines.push(`append ${describeEntry(entry)}`);
  for (const m of ready.messages) lines.push(`send ${describeMessage(m)}`);
  for (const m of ready.messagesAfterAppend) lines.push(`send-after ${describeMessage(m)}`);
  for (const entry of ready.committedEntries) lines.push(`apply ${describeEntry(entry)}`);
  for (const read of ready.readStates) lines.push(`read ${read.context} at ${read.index}`);
  return lines;
}

function describeBody(m: Message): string {
  switch (m.type) {
    case "MsgVote":
    case "MsgPreVote":
      return ` log:${m.lastTerm}/${m.lastIndex}${m.transfer === true ? " transfer" : ""}`;
    case "MsgVoteResp":
    case "MsgPreVoteResp":
      return m.reject ? " rejected" : " granted";
    case "MsgApp": {
      const entries = m.entries.map(describeEntry).join(", ");
      return ` prev:${m.prevTerm}/${m.prevIndex} commit:${m.commit} [${entries}]`;
    }
    case "MsgAppResp":
      return m.reject
        ? ` rejected:${m.index} hint:${m.hintTerm}/${m.hintIndex}`
        : ` match:${m.index}`;
    case "MsgHeartbeat":
      return ` commit:${m.commit}${describeContext(m.context)}`;
    case "MsgHeartbeatResp":
      return describeContext(m.context);
    case "MsgReadIndex":
      return describeContext(m.context);
    case "MsgReadIndexResp":
      return `${describeContext(m.context)} index:${m.index}`;
    case "MsgSnap":
      return describeSnapshot(m.snapshot);
    case "MsgProp":
      return ` ${m.data.length} bytes`;
    case "MsgTransferLeader":
      return ` to:${m.transferee}`;
    case "MsgTimeoutNow":
      return "";
    default:
      return unreachable(m);
  }
}

function describeSnapshot({ term, index, confState }: Snapshot): string {
  return ` snapshot:${term}/${index} ${describeConfState(confState)}`;
}

function describeContext(context: number): string {
  return context === 0 ? "" : ` context:${context}`;
}
