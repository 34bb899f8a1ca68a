import t from "tap";
import type { Message } from "./messages.js";
import { cutOff, TestGroup } from "./test-group.js";
import { elected, groupOf, texts } from "./test-stories.js";
import type { PeerId } from "./types.js";

/** Nothing is known to be committed. */
const committed = { index: 0, term: 0 };

void t.test("§5.2 servers start as followers", async (t) => {
  for (const peer of groupOf(["a", "b", "c"]).peers.values()) t.equal(peer.raft.role, "follower");
});

void t.test("§5.2 a follower that hears nothing over an election timeout campaigns", async (t) => {
  const g = groupOf(["a", "b", "c"]);
  for (let i = 0; i < 20; i += 1) g.tick("a");
  t.equal(g.peer("a").raft.role, "preCandidate");
  t.ok(g.network.some((m) => m.type === "MsgPreVote" && m.term === 1));
  t.equal(g.peer("a").raft.term, 0, "a pre-vote changes no term");
});

void t.test("§5.2 a candidate with the votes of a majority becomes leader", async (t) => {
  t.equal(elected(["a"]).peer("a").raft.term, 1);
  t.equal(elected(["a", "b", "c", "d", "e"]).peer("a").raft.term, 1);
});

void t.test("§5.2 a server votes at most once in a term, first come first served", async (t) => {
  const g = groupOf(["a", "b", "c"]);
  const vote = (from: PeerId) =>
    ({ type: "MsgVote", from, to: "b", term: 2, lastIndex: 0, lastTerm: 0, committed }) as const;
  g.deliver(vote("a"));
  g.deliver(vote("c"));
  g.write("b");
  g.write("b");
  const answers = g.network.filter((m) => m.type === "MsgVoteResp");
  t.match(answers, [
    { to: "a", reject: false },
    { to: "c", reject: true },
  ]);
});

void t.test("§5.2 a vote survives a restart, and is not given before it is durable", async (t) => {
  const g = groupOf(["a", "b", "c"]);
  const vote = { from: "a", to: "b", term: 2, lastIndex: 0, lastTerm: 0, committed } as const;
  g.deliver({ ...vote, type: "MsgVote" });
  t.equal(g.network.length, 0, "nothing is said while the disk works");
  g.write("b");
  t.match(g.network, [{ type: "MsgVoteResp", reject: false }]);
  g.crash("b");
  g.restart("b");
  g.deliver({ ...vote, type: "MsgVote", from: "c" });
  g.settle((m) => m.to !== "c");
  t.equal(g.peer("b").disk.hardState.vote, "a");
});

void t.test(
  "§5.2 a leader of an earlier term steps down when it hears of a later one",
  async (t) => {
    const g = elected();
    const rejection = { index: 0, reject: true, hintIndex: 0, hintTerm: 0 };
    g.deliver({ type: "MsgAppResp", from: "b", to: "a", term: 7, ...rejection });
    t.equal(g.peer("a").raft.role, "follower");
    t.equal(g.peer("a").raft.term, 7);
  },
);

void t.test(
  "§5.3 an entry is committed once a majority has it, and everyone applies it",
  async (t) => {
    const g = elected();
    g.propose("a", "x");
    g.settle((m) => m.to === "c" || m.from === "c");
    t.same(texts(g.peer("a").applied), ["x"]);
    g.tickAll(2);
    for (const peer of g.peers.values()) t.same(texts(peer.applied), ["x"]);
  },
);

void t.test("§5.3 nothing is committed by a minority", async (t) => {
  const g = elected();
  g.propose("a", "x");
  g.settle(cutOff("a"));
  t.same(texts(g.peer("a").applied), []);
});

void t.test("§5.3 a follower's conflicting entries are replaced by the leader's", async (t) => {
  const g = elected();
  g.propose("a", "lost");
  g.settle(cutOff("a"));
  g.tickAll(40, cutOff("a"));
  const other = g.leader();
  t.not(other, g.peer("a"));
  other?.raft.propose(new TextEncoder().encode("kept"));
  g.tickAll(5, cutOff("a"));
  g.tickAll(5);
  for (const peer of g.peers.values()) t.same(texts(peer.applied), ["kept"]);
  t.notOk(texts(g.peer("a").disk.entries).includes("lost"));
  g.checkLogs();
});

void t.test("§5.4.1 a candidate whose log is behind gets no vote", async (t) => {
  const g = elected();
  g.propose("a", "x");
  g.settle(cutOff("c"));
  g.tickAll(1, cutOff("c"));
  g.crash("a");
  g.peer("c").raft.campaign();
  g.settle();
  t.not(g.peer("c").raft.role, "leader");
  g.tickAll(60);
  t.equal(g.peer("b").raft.role, "leader");
});

void t.test("§5.4.2 an entry of an earlier term is never committed by counting", async (t) => {
  // One entry a message, so that the old entry can be known to a majority before the new one is.
  const g = new TestGroup(["a", "b", "c"], { random: { below: () => 0 }, messageSizeMaxBytes: 1 });
  g.peer("a").raft.campaign();
  g.settle();
  g.propose("a", "old");
  g.settle((m) => m.to === "c" || m.from === "c" || m.type === "MsgAppResp");
  g.crash("a");
  g.peer("b").raft.campaign();
  const c = g.peer("c").raft;
  // Once c has the old entry, the one that opens b's term does not reach it any more.
  const opens = (m: Message): boolean =>
    m.type === "MsgApp" && m.entries.some((entry) => entry.data.length === 0);
  g.tickAll(12, (m) => c.lastIndex >= 2 && opens(m));
  t.equal(g.peer("b").raft.role, "leader");
  t.equal(g.peer("b").raft.progressOf("c")?.match, 2, "known to be on a majority");
  t.same(texts(g.peer("b").applied), [], "and yet not committed");
  g.tickAll(5);
  t.same(texts(g.peer("b").applied), ["old"]);
});

void t.test(
  "thesis §10.2.1 a leader sends before its own disk is done, and then does not count itself",
  async (t) => {
    const g = elected();
    g.propose("a", "x");
    g.process("a");
    t.equal(g.network.filter((m) => m.type === "MsgApp" && m.entries.length > 0).length, 2);
    const toB = g.network.filter((m) => m.to === "b");
    g.network = [];
    for (const m of toB) g.deliver(m);
    g.write("b");
    for (const m of g.network.filter((one) => one.to === "a")) g.deliver(m);
    t.equal(g.peer("a").raft.commitIndex, 1, "b has it, a does not yet");
    while (g.peer("a").writing.length > 0) g.write("a");
    t.equal(g.peer("a").raft.commitIndex, 2);
  },
);

void t.test("thesis §6.2 a leader that hears from no majority steps down", async (t) => {
  const g = elected();
  g.tickAll(25, cutOff("a"));
  t.not(g.peer("a").raft.role, "leader");
});

void t.test(
  "thesis §9.6 a peer that was cut off does not disturb the leader when it returns",
  async (t) => {
    const g = elected();
    g.tickAll(60, cutOff("c"));
    const { term } = g.peer("a").raft;
    g.tickAll(40);
    t.equal(g.peer("a").raft.role, "leader");
    t.equal(g.peer("a").raft.term, term);
    t.equal(g.peer("c").raft.leader, "a", "and it is no longer stuck as a pre-candidate");
  },
);

void t.test("thesis §6.4 a read waits for a round of heartbeats", async (t) => {
  const g = elected();
  g.propose("a", "x");
  g.settle();
  t.ok(g.peer("a").raft.readIndex(1));
  g.settle(cutOff("a"));
  t.same(g.peer("a").reads, []);
  g.tickAll(1);
  t.same(g.peer("a").reads, [{ context: 1, index: 2 }]);
});

void t.test(
  "thesis §6.4 a new leader answers no read before it has committed in its term",
  async (t) => {
    const g = elected();
    g.tickAll(1);
    g.crash("a");
    g.tickAll(40, (m) => m.type === "MsgApp" && m.entries.length > 0);
    const leader = g.leader();
    t.ok(leader !== null && leader.raft.commitIndex === 1);
    leader?.raft.readIndex(9);
    g.tickAll(3, (m) => m.type === "MsgApp" && m.entries.length > 0);
    t.same(leader?.reads, []);
    g.tickAll(3);
    t.same(leader?.reads, [{ context: 9, index: 2 }]);
  },
);

void t.test("thesis §6.4 a follower asks the leader for its read index", async (t) => {
  const g = elected();
  t.ok(g.peer("b").raft.readIndex(4));
  g.settle();
  t.same(g.peer("b").reads, [{ context: 4, index: 1 }]);
});

void t.test("a group of one commits with its disk, and reads at once", async (t) => {
  const g = elected(["a"]);
  g.propose("a", "x");
  g.process("a");
  t.same(texts(g.peer("a").applied), []);
  g.write("a");
  t.same(texts(g.peer("a").applied), ["x"]);
  g.read("a", 1);
  g.process("a");
  t.same(g.peer("a").reads, [{ context: 1, index: 2 }]);
});

void t.test("proposals that cannot be taken are refused with a reason", async (t) => {
  const g = elected();
  const propose = (id: PeerId, size: number) => g.peer(id).raft.propose(new Uint8Array(size));
  t.same(propose("b", 1), { accepted: false, reason: "NotLeader" });
  t.same(propose("a", 1025), { accepted: false, reason: "TooLarge" });
  for (let i = 0; i < 4; i += 1) t.equal(propose("a", 1024).accepted, true);
  t.same(propose("a", 1), { accepted: false, reason: "Overloaded" });
  g.settle();
  t.equal(propose("a", 1).accepted, true, "what was committed no longer counts");
});

void t.test("flow control lets out a number of messages, and no more", async (t) => {
  const g = new TestGroup(["a", "b", "c"], {
    random: { below: () => 0 },
    inflightMax: 2,
    messageSizeMaxBytes: 1,
  });
  g.peer("a").raft.campaign();
  g.settle();
  for (let i = 0; i < 5; i += 1) g.propose("a", `x${i}`);
  g.process("a");
  t.equal(g.network.filter((m) => m.to === "b" && m.type === "MsgApp").length, 2);
  g.settle();
  t.equal(g.peer("b").raft.lastIndex, 6);
});

void t.test("what lags is kept in the log, what everybody has is let go", async (t) => {
  const g = elected();
  for (const text of ["x", "y", "z"]) {
    g.propose("a", text);
    g.settle(cutOff("c"));
  }
  t.equal(g.peer("a").raft.compact(4), 2, "c has only the first entry");
  g.tickAll(3);
  t.equal(g.peer("a").raft.compact(4), 5);
});
