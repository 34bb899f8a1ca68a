import { assert } from "./assert.js";
import { confStateProblem } from "./conf-state.js";
import type { Core } from "./core.js";
import {
  isFromLeader,
  type Message,
  type MsgApp,
  type MsgHeartbeat,
  type MsgSnap,
} from "./messages.js";
import type { Index, PeerId } from "./types.js";

/** Takes in the leader's entries, or says where the logs may match. */
export function handleApp(core: Core, m: MsgApp): void {
  followLeader(core, m.from);
  const { log } = core;
  // What is committed matches, whatever the message says about it: it is old, or was sent twice.
  if (m.prevIndex < log.committed) return acknowledge(core, m.from, log.committed);
  // Changes of the membership mean nothing without the one they change: a snapshot brings it.
  const lacksStart = m.prevIndex === 0 && core.confState.voters.length === 0;
  if (lacksStart || !log.matches(m.prevIndex, m.prevTerm)) {
    const hint = log.findConflict(m.prevIndex, m.prevTerm);
    const rejection = { index: m.prevIndex, reject: true };
    const hints = { hintIndex: hint.index, hintTerm: hint.term };
    core.send({ type: "MsgAppResp", to: m.from, ...rejection, ...hints });
    return;
  }
  log.appendFromLeader(m.entries);
  const index = m.prevIndex + m.entries.length;
  // Raft paper figure 2: beyond the last new entry our log may still differ from the leader's.
  log.commitTo(Math.min(m.commit, index));
  acknowledge(core, m.from, index);
}

export function handleHeartbeat(core: Core, m: MsgHeartbeat): void {
  followLeader(core, m.from);
  core.log.commitTo(Math.min(m.commit, core.log.lastIndex));
  core.send({ type: "MsgHeartbeatResp", to: m.from, context: m.context });
}

/** A snapshot takes the place of the log, unless the log has all of it already. */
export function handleSnapshot(core: Core, m: MsgSnap): void {
  followLeader(core, m.from);
  const { log } = core;
  const { snapshot } = m;
  // One is being installed: what comes meanwhile is not looked at, and its sender tries again.
  if (log.isInstalling && !core.plants("SecondSnapshot")) return;
  if (snapshot.index <= log.committed) return acknowledge(core, m.from, log.committed);
  if (log.matches(snapshot.index, snapshot.term)) {
    log.commitTo(snapshot.index);
    return acknowledge(core, m.from, log.committed);
  }
  const problem = confStateProblem(snapshot.confState);
  assert(problem === null, `snapshot ${snapshot.index} from ${m.from}: ${problem}`);
  log.restore(snapshot);
  acknowledge(core, m.from, snapshot.index);
}

/** A leader of the past, or a peer that a partition left in a lower term, learns ours. */
export function answerStale(core: Core, m: Message): void {
  if (core.plants("PreVoteStall")) return;
  if (isFromLeader(m)) {
    const rejection = { index: 0, reject: true, hintIndex: 0, hintTerm: 0 };
    core.send({ type: "MsgAppResp", to: m.from, ...rejection });
  } else if (m.type === "MsgPreVote") {
    const { commitMark: committed } = core.log;
    core.send({ type: "MsgPreVoteResp", to: m.from, reject: true, committed });
  }
}

/** The way to `peer` is closed: when it led us, it may be gone, and we need not wait so long. */
export function suspectLeader(core: Core, peer: PeerId): void {
  // With leases, silence must last as long as was promised.
  if (core.leader !== peer || core.leases) return;
  core.leader = null;
  // Spread over a few ticks, or everybody would ask at once.
  const { heartbeatTicks, random } = core.config;
  core.electionTimeout = core.electionElapsed + 1 + random.below(2 * heartbeatTicks);
}

function acknowledge(core: Core, to: PeerId, index: Index): void {
  core.send({ type: "MsgAppResp", to, index, reject: false, hintIndex: 0, hintTerm: 0 });
}

/** A message of our term from its leader: whoever campaigned in it has lost. */
function followLeader(core: Core, from: PeerId): void {
  assert(core.role !== "leader", `two leaders in term ${core.term}: ${core.id} and ${from}`);
  assert(core.leader === null || core.leader === from, `two leaders in term ${core.term}`);
  if (core.role !== "follower") core.becomeFollower(core.term, from);
  if (core.leader === null) core.resetTimers();
  core.leader = from;
  core.heardLeader();
}
