import t from "tap";
import { type ConfChangeSingle, encodeConfChange } from "./conf-change.js";
import { EMPTY_CONF_STATE } from "./conf-state.js";
import type { Message } from "./messages.js";
import { Raft } from "./raft.js";
import { cutOff, TestGroup } from "./test-group.js";
import { change, elected, isEmptyAppend, parseConfChange, texts } from "./test-stories.js";
import type { PeerId } from "./types.js";

/** A Raft of its own, without a group. */
const CONFIG = {
  id: "a",
  electionTicks: 10,
  heartbeatTicks: 1,
  inflightMax: 1,
  messageSizeMaxBytes: 1000,
  entrySizeMaxBytes: 1000,
  uncommittedSizeMaxBytes: 1000,
  committedEntriesMax: 10,
  committedSizeMaxBytes: 1000,
  random: { below: () => 0 },
};

/** Nothing is known to be committed. */
const committed = { index: 0, term: 0 };

void t.test("§7 a snapshot replaces what the log no longer holds", async (t) => {
  const g = elected();
  for (const text of ["x", "y"]) {
    g.propose("a", text);
    g.tickAll(1, cutOff("c"));
  }
  g.compact("a", g.takeSnapshot("a").index);
  g.tickAll(3);
  t.equal(g.snapshotsInstalled, 1);
  t.same(g.peer("c").machine, g.peer("a").machine);
  t.equal(g.peer("c").raft.firstIndex, 4, "it holds the log from there on");
});

void t.test("§7 a snapshot of what a follower has already changes nothing", async (t) => {
  const g = elected();
  g.propose("a", "x");
  g.tickAll(2);
  const snapshot = g.takeSnapshot("a");
  g.deliver({ type: "MsgSnap", from: "a", to: "b", term: 1, snapshot });
  g.settle();
  t.equal(g.snapshotsInstalled, 0);
  t.equal(g.peer("b").raft.firstIndex, 1);
});

void t.test("§7 a snapshot that was not durable is as if it had never come", async (t) => {
  const g = elected();
  g.propose("a", "x");
  g.settle(cutOff("c"));
  g.compact("a", g.takeSnapshot("a").index);
  g.tickAll(1, (m) => m.type === "MsgSnap");
  const { raft } = g.peer("a");
  const snapshot = { ...g.peer("a").machine.at, ...g.takeSnapshot("a") };
  g.deliver({ type: "MsgSnap", from: "a", to: "c", term: raft.term, snapshot });
  t.notOk(
    g.network.some((m) => m.from === "c" && m.type === "MsgAppResp" && m.index === 2),
    "nothing is said while it is being installed",
  );
  g.crash("c");
  g.restart("c");
  t.equal(g.peer("c").raft.lastIndex, 1);
  g.tickAll(4);
  t.same(g.peer("c").machine, g.peer("a").machine);
});

void t.test("thesis §4.2.1 a new server is a learner first: it delays no commit", async (t) => {
  const g = new TestGroup(["a"], { random: { below: () => 0 }, spares: ["d"] });
  g.peer("a").raft.campaign();
  g.settle();
  t.ok(change(g, "l:d").accepted);
  g.settle(cutOff("d"));
  g.propose("a", "x");
  g.settle(cutOff("d"));
  t.same(texts(g.peer("a").applied), ["x"], "committed without it");
  t.ok(g.peer("a").raft.wantsSnapshot === false, "who is silent needs no snapshot yet");
});

void t.test("thesis §4.2.1 a learner is brought along, and has no vote", async (t) => {
  const g = new TestGroup(["a", "b", "c"], { random: { below: () => 0 }, spares: ["d"] });
  g.peer("a").raft.campaign();
  g.settle();
  change(g, "l:d");
  g.tickAll(2);
  t.ok(g.peer("a").raft.wantsSnapshot, "it has no membership to begin with");
  g.takeSnapshot("a");
  g.tickAll(2);
  t.same(g.peer("d").machine, g.peer("a").machine);
  g.deliver({ type: "MsgTimeoutNow", from: "a", to: "d", term: 1 });
  t.equal(g.peer("d").raft.role, "follower", "not even when it is asked to campaign");
});

void t.test(
  "thesis §4.2.1 a learner that does not know of its promotion yet casts its vote",
  async (t) => {
    const g = new TestGroup(["a", "b"], { random: { below: () => 0 }, spares: ["d"] });
    g.peer("a").raft.campaign();
    g.settle();
    change(g, "l:d");
    g.tickAll(1);
    g.takeSnapshot("a");
    g.tickAll(2);
    change(g, "v:d");
    // a and b know; d has the entry, and does not know that it is committed.
    g.settle((m) => m.to === "d" && (m.type === "MsgHeartbeat" || isEmptyAppend(m)));
    t.same(g.peer("d").raft.confState.learners, ["d"]);
    t.same(g.peer("b").raft.confState.voters, ["a", "b", "d"]);
    g.crash("a");
    g.tickAll(30);
    t.ok(g.leader() !== null, "b leads with the vote of d");
  },
);

void t.test("thesis §4.2.2 a leader that is removed steps down, and others go on", async (t) => {
  const g = elected();
  change(g, "r:a");
  g.settle();
  t.equal(g.peer("a").raft.role, "follower");
  const leader = g.leader();
  t.ok(leader !== null && leader.raft.id !== "a", "one of them was asked to take over");
  t.ok(g.propose(leader?.raft.id ?? "", "x"));
});

void t.test("thesis §4.2.2 what only the removed leader knows to be committed", async (t) => {
  const g = elected(["a", "b"]);
  change(g, "r:a");
  // b has the entry; that it is committed never reaches it, and a has no vote any more.
  g.settle((m) => m.from === "a" && (m.type === "MsgHeartbeat" || isEmptyAppend(m)));
  t.same(g.peer("a").raft.confState.voters, ["b"]);
  t.same(g.peer("b").raft.confState.voters, ["a", "b"]);
  g.tickAll(60, (m) => m.from === "a" && (m.type === "MsgHeartbeat" || isEmptyAppend(m)));
  t.equal(g.peer("b").raft.role, "leader", "a's answer to its request for a vote told it");
});

void t.test("thesis §4.2.3 a removed server does not disturb the group", async (t) => {
  const g = elected();
  change(g, "r:c");
  g.settle(cutOff("c"));
  const { term } = g.peer("a").raft;
  t.same(g.peer("c").raft.confState.voters, ["a", "b", "c"], "it does not know");
  g.tickAll(60);
  t.equal(g.peer("a").raft.role, "leader");
  t.equal(g.peer("a").raft.term, term);
});

void t.test("thesis §4.3 one change at a time, applied before the next", async (t) => {
  const g = elected();
  t.equal(change(g, "v:d").accepted, true);
  t.match(change(g, "v:e"), { accepted: false, reason: "Pending" });
  g.settle();
  t.equal(change(g, "v:e").accepted, true);
});

void t.test("thesis §4.3 a change that cannot be is refused with its reason", async (t) => {
  const g = elected();
  t.match(change(g, "r:a r:b r:c"), { accepted: false, reason: "Invalid", detail: /nobody/ });
  t.match(change(g, ""), { accepted: false, reason: "Invalid", detail: /no joint/ });
  const raft = g.peer("b").raft.proposeConfChange({ transition: "Auto", changes: [] });
  t.match(raft, { accepted: false, reason: "NotLeader" });
});

void t.test("thesis §4.3 a joint configuration survives restart and leader change", async (t) => {
  const g = elected();
  change(g, "r:c explicit");
  g.tickAll(2);
  for (const id of g.peers.keys()) g.persist(id);
  for (const id of g.peers.keys()) g.crash(id);
  for (const id of g.peers.keys()) g.restart(id);
  for (const { raft } of g.peers.values()) {
    t.same(raft.confState.voters, ["a", "b"]);
    t.same(raft.confState.votersOutgoing, ["a", "b", "c"]);
  }
  g.tickAll(60);
  t.ok(change(g, "").accepted, "the new leader can leave it");
  g.tickAll(3);
  t.same(g.leader()?.raft.confState.votersOutgoing, []);
});

void t.test("thesis §4.3 a new leader leaves a joint configuration by itself", async (t) => {
  const g = elected(["a", "b", "c", "d"]);
  change(g, "r:c r:d");
  const leaves = (m: Message): boolean =>
    m.type === "MsgApp" && m.entries.some((entry) => entry.index === 3);
  g.settle(leaves);
  t.same(g.peer("b").raft.confState.votersOutgoing, ["a", "b", "c", "d"]);
  g.crash("a");
  g.restart("a");
  g.tickAll(60);
  t.ok((g.leader()?.raft.term ?? 0) > 1);
  t.same(g.leader()?.raft.confState, { ...EMPTY_CONF_STATE, voters: ["a", "b"] });
});

void t.test("a change of the membership is applied once its commit is durable", async (t) => {
  // Found by the simulator (seed 55): b was removed and ended, a lost power before it wrote again.
  const g = elected(["a", "b"]);
  t.ok(change(g, "r:b").accepted);
  const ends = (): boolean => g.peer("a").raft.confState.voters.length === 1;
  for (let turn = 0; turn < 20 && !ends(); turn += 1) g.tickAll(1);
  t.ok(ends(), "b is removed");
  g.crash("b");
  g.crash("a");
  g.restart("a");
  g.tickAll(60);
  t.equal(g.peer("a").raft.role, "leader", "a needs no vote of b's");
});

void t.test("whoever has two changes in the log knows that the first is committed", async (t) => {
  const entry = (index: number, type: ConfChangeSingle["type"], node: PeerId) => {
    const data = encodeConfChange({ transition: "Auto", changes: [{ type, node }] });
    return { term: 1, index, data, type: "EntryConfChangeV2" } as const;
  };
  const entries = [entry(1, "ConfChangeAddNode", "b"), entry(2, "ConfChangeAddNode", "c")];
  // The commit index was lost with a torn tail.
  const hardState = { term: 1, vote: null, commit: 0 };
  const start = { index: 0, term: 0 };
  const confState = { ...EMPTY_CONF_STATE, voters: ["a"] };
  const raft = new Raft(CONFIG, { hardState, start, entries, applied: 0, confState });
  t.equal(raft.commitIndex, 1);
  raft.campaign();
  t.equal(raft.role, "follower", "and does not campaign before it has applied it");
  const save = raft.ready();
  t.match(save, { hardState: { commit: 1 }, committedEntries: [] }, "what is known is saved first");
  raft.advance(save);
  const [first] = raft.ready().committedEntries;
  t.equal(first?.index, 1);
  t.same(raft.confStateAt(1).voters, ["a", "b"]);
  raft.applied(1);
  raft.campaign();
  t.equal(raft.role, "preCandidate");
});

void t.test("what is applied while a snapshot waits keeps its own membership", async (t) => {
  const data = encodeConfChange(parseConfChange("v:b"));
  const entries = [{ term: 1, index: 1, data, type: "EntryConfChangeV2" }] as const;
  const start = { index: 0, term: 0 };
  const confState = { ...EMPTY_CONF_STATE, voters: ["a"] };
  const hardState = { term: 1, vote: null, commit: 1 };
  const raft = new Raft(CONFIG, { hardState, start, entries, applied: 0, confState });
  const applying = raft.ready();
  t.equal(applying.committedEntries.length, 1);
  const later = { ...EMPTY_CONF_STATE, voters: ["b", "c"] };
  const snapshot = { term: 1, index: 9, confState: later, data: new Uint8Array(0) };
  raft.step({ type: "MsgSnap", from: "b", to: "a", term: 1, snapshot });
  t.same(raft.confStateAt(1).voters, ["a", "b"], "not those of the snapshot");
  raft.applied(1);
  t.same(raft.confState.voters, ["a", "b"]);
  t.equal(raft.compact(1), 1, "the disk keeps its log until the snapshot is on it");
  const installing = raft.ready();
  raft.advance(applying);
  raft.advance(installing);
  t.equal(raft.appliedIndex, 9);
  t.equal(raft.compact(1), 10);
  t.same(raft.confState.voters, ["b", "c"]);
});

void t.test("thesis §3.10 leadership is handed over, nobody defends the old one", async (t) => {
  const g = elected();
  t.ok(g.peer("a").raft.transferLeader("b"));
  g.settle();
  t.equal(g.peer("b").raft.role, "leader");
  t.equal(g.peer("a").raft.leader, "b");
  t.ok(g.peer("c").raft.transferLeader("a"), "a follower passes the wish on");
  g.settle();
  t.equal(g.peer("a").raft.role, "leader");
});

void t.test("thesis §3.10 a transfer that cannot be is refused", async (t) => {
  const g = new TestGroup(["a", "b"], { random: { below: () => 0 }, spares: ["d"] });
  t.notOk(g.peer("b").raft.transferLeader("a"), "nobody leads");
  g.peer("a").raft.campaign();
  g.settle();
  change(g, "l:d");
  g.settle();
  t.notOk(g.peer("a").raft.transferLeader("a"), "it leads already");
  t.notOk(g.peer("a").raft.transferLeader("d"), "a learner");
  t.notOk(g.peer("a").raft.transferLeader("z"), "a stranger");
});

void t.test("thesis §3.10 a transfer ends when its target is removed", async (t) => {
  const g = elected();
  change(g, "r:c");
  g.peer("a").raft.transferLeader("c");
  t.notOk(g.propose("a", "x"));
  g.settle((m) => m.to === "c");
  t.ok(g.propose("a", "x"), "nobody is left to hand over to");
});

void t.test("thesis §6.4.1 who may have been deposed on demand has no lease", async (t) => {
  const g = elected(["a", "b", "c"], { leaseTicks: 9 });
  const leader = g.leader();
  const id = leader?.raft.id ?? "";
  g.tickAll(1);
  g.read(id, 1);
  g.process(id);
  t.equal(leader?.reads.length, 1, "from the lease");
  leader?.raft.transferLeader(["a", "b", "c"].find((peer) => peer !== id) ?? "");
  g.settle((m) => m.type === "MsgTimeoutNow");
  g.tickAll(12, (m) => m.type === "MsgTimeoutNow");
  t.equal(leader?.raft.role, "leader", "the transfer was given up");
  g.read(id, 2);
  g.process(id);
  t.equal(leader?.reads.length, 1, "MsgTimeoutNow may still be on its way");
});

void t.test("thesis §6.4.1 a peer that restarts does not cut a lease short", async (t) => {
  const g = elected(["a", "b", "c"], { leaseTicks: 9 });
  const id = g.leader()?.raft.id ?? "";
  const [other = "", third = ""] = ["a", "b", "c"].filter((peer) => peer !== id);
  g.tickAll(1);
  g.crash(other);
  g.restart(other);
  g.peer(third).raft.campaign();
  t.equal(g.peer(third).raft.role, "follower", "it has promised to wait");
  const lastTerm = g.peer(id).raft.term;
  const vote = { type: "MsgVote", from: third, to: other, term: lastTerm + 1 } as const;
  g.deliver({ ...vote, lastIndex: 99, lastTerm, committed });
  g.settle(cutOff(id));
  t.equal(g.peer(other).raft.term, lastTerm, "so has the one that restarted");
});

void t.test("proposals of followers reach the leader, unless that is switched off", async (t) => {
  const data = new TextEncoder().encode("x");
  const g = elected();
  t.same(g.peer("b").raft.forward(data), { accepted: true });
  g.settle();
  t.same(texts(g.peer("c").applied), ["x"]);
  t.same(g.peer("b").raft.forward(new Uint8Array(1025)), { accepted: false, reason: "TooLarge" });
  const options = { random: { below: () => 0 }, disableProposalForwarding: true };
  const off = new TestGroup(["a", "b"], options);
  off.peer("a").raft.campaign();
  off.settle();
  t.same(off.peer("b").raft.forward(data), { accepted: false, reason: "Disabled" });
  off.deliver({ type: "MsgProp", from: "b", to: "a", term: 1, data });
  t.equal(off.peer("a").raft.lastIndex, 1, "nor does the leader take any");
});

void t.test("flow control lets out a number of bytes, and no more", async (t) => {
  const random = { below: () => 0 };
  const limits = { inflightMax: 100, inflightSizeMaxBytes: 20, messageSizeMaxBytes: 10 };
  const g = new TestGroup(["a", "b"], { random, ...limits });
  g.peer("a").raft.campaign();
  g.settle();
  for (let i = 0; i < 8; i += 1) g.propose("a", "0123456789");
  g.process("a");
  t.equal(g.network.length, 2);
  g.settle();
  t.equal(g.peer("b").raft.lastIndex, 9);
});

void t.test("the membership has one source", async (t) => {
  const { raft } = elected().peer("a");
  const hardState = { term: 0, vote: null, commit: 0 };
  const state = { hardState, start: { index: 0, term: 0 }, entries: [], applied: 0 };
  const { confState } = raft;
  const message = /one of voters and confState/;
  t.throws(() => new Raft({ ...CONFIG, voters: ["a"] }, { ...state, confState }), { message });
  t.throws(() => new Raft(CONFIG, state), { message });
  t.same(new Raft({ ...CONFIG, voters: ["b", "a"] }, state).confState.voters, ["a", "b"]);
});
