import t from "tap";
import { assert } from "./assert.js";
import { describeConfState } from "./describe.js";
import type { Message, MsgSnap } from "./messages.js";
import type { PlantedBug } from "./planted-bug.js";
import { cutOff, TestGroup, type TestGroupOptions } from "./test-group.js";
import { change, elected, groupOf } from "./test-stories.js";
import { noTotals, simulate } from "./test-simulation.js";
import type { PeerId } from "./types.js";

/**
 * Bugs that other implementations shipped. Each story goes wrong with the bug planted, which is one
 * switched line, and goes well without it; then the simulation looks for them from seeds.
 */
type Planted = Partial<Pick<TestGroupOptions, "plantedBug" | "appliedIndexApart">>;

interface Story {
  readonly name: string;
  readonly planted: Planted;
  /** What breaks. */
  readonly breaks: RegExp;
  /** In which weather the simulation finds it too, and the seed that did last: tried first. */
  readonly weather?: "storm" | "long";
  readonly lastSeed?: number;
  readonly tell: (planted: Planted) => void;
}

function held(g: TestGroup, type: Message["type"]): Message[] {
  return g.network.filter((m) => m.type === type);
}

function deliverTo(g: TestGroup, to: PeerId, type: Message["type"]): void {
  const messages = held(g, type).filter((m) => m.to === to);
  g.network = g.network.filter((m) => !messages.includes(m));
  for (const m of messages) g.deliver(m);
}

/** c lags so far that the log of a no longer reaches back to it. */
function laggard(planted: Planted, transition = ""): TestGroup {
  const g = elected(["a", "b", "c"], { ...planted, spares: ["d"] });
  assert(change(g, `v:d ${transition}`).accepted, "taken");
  g.tickAll(3, cutOff("c"));
  for (const text of ["x", "y", "z"]) {
    g.propose("a", text);
    g.tickAll(1, cutOff("c"));
  }
  g.compact("a", g.takeSnapshot("a").index);
  return g;
}

const STORIES: readonly Story[] = [
  {
    name: "pre-vote stalls after a partition",
    planted: { plantedBug: "PreVoteStall" },
    breaks: /c is left behind/,
    tell: (planted) => {
      const g = elected(["a", "b", "c"], planted);
      // c was asked to take over just when it was cut off: it is alone in a higher term.
      g.deliver({ type: "MsgTimeoutNow", from: "a", to: "c", term: 1 });
      g.propose("a", "x");
      g.tickAll(30, cutOff("c"));
      g.tickAll(60);
      const { leader } = g.peer("c").raft;
      assert(leader !== null && g.peer("c").machine.at.index >= 2, "c is left behind");
    },
  },
  {
    name: "stale ReadIndex from a new leader",
    planted: { plantedBug: "StaleReadIndex" },
    breaks: /stale read/,
    tell: (planted) => {
      const g = elected(["a", "b", "c"], planted);
      g.tickAll(1);
      g.propose("a", "x");
      // Everyone has it, and only a knows that it is committed.
      g.settle((m) => m.from === "a" && m.type === "MsgApp" && m.entries.length === 0);
      assert(g.peer("a").machine.at.index === 2, "a has applied it");
      g.crash("a");
      const ownEntry = (m: Message): boolean => m.type === "MsgApp" && m.term > 1;
      g.tickAll(40, ownEntry);
      const leader = g.leader()?.raft;
      assert(leader !== undefined && leader.commitIndex === 1, "a new leader knows less");
      g.read(leader.id);
      g.tickAll(2, ownEntry);
      g.tickAll(3);
      assert(g.peer(leader.id).reads.at(-1)?.index === 3, "answered once it has committed");
    },
  },
  {
    name: "stale read after a paused leader wakes",
    planted: { plantedBug: "LeaseOutlivesPause" },
    breaks: /stale read/,
    tell: (planted) => {
      const g = elected(["a", "b", "c"], { ...planted, leaseTicks: 8 });
      g.tickAll(3);
      assert(g.read("a"), "taken");
      g.process("a");
      assert(g.peer("a").reads.length === 1, "answered from the lease, at once");
      for (let tick = 0; tick < 60; tick += 1) {
        for (const id of ["b", "c"]) g.tick(id);
        g.settle(cutOff("a"));
      }
      const other = g.leader()?.raft.id ?? "";
      assert(other !== "a" && g.propose(other, "x"), "another leads meanwhile");
      g.settle(cutOff("a"));
      g.peer("a").raft.reportPause();
      g.read("a");
      g.process("a");
      assert(g.peer("a").reads.length === 1, "not answered from a lease that has run out");
    },
  },
  {
    name: "acknowledging before fsync",
    planted: { plantedBug: "AckBeforeFsync" },
    breaks: /lacks 2|two truths/,
    tell: (planted) => {
      const g = elected(["a", "b", "c"], planted);
      g.propose("a", "x");
      g.process("a");
      for (const id of ["b", "c"]) deliverTo(g, id, "MsgApp");
      while (g.peer("a").writing.length > 0) g.write("a");
      deliverTo(g, "a", "MsgAppResp");
      for (const id of ["a", "b", "c"]) g.crash(id);
      g.network = [];
      for (const id of ["b", "c"]) g.restart(id);
      g.tickAll(60);
      assert(g.leader() !== null, "the others go on");
    },
  },
  {
    name: "joint configuration lost across a snapshot restore",
    planted: { plantedBug: "JointLostOnRestore" },
    breaks: /members at|c has/,
    tell: (planted) => {
      const g = laggard(planted, "explicit");
      g.tickAll(5);
      const found = describeConfState(g.peer("c").raft.confState);
      assert(g.snapshotsInstalled > 0, "by a snapshot");
      assert(found === "voters=(a b c d)&&(a b c)", `c has ${found}`);
    },
  },
  {
    name: "second snapshot while one is in flight",
    planted: { plantedBug: "SecondSnapshot" },
    breaks: /on their way/,
    tell: (planted) => {
      const g = laggard(planted);
      const onTheWay: MsgSnap[] = [];
      g.reportsLosses = false;
      g.tickAll(5, (m) => {
        if (m.type !== "MsgSnap" || m.to !== "c") return false;
        return onTheWay.push(m) > 0;
      });
      const [first] = onTheWay;
      assert(first !== undefined && onTheWay.length === 1, `${onTheWay.length} on their way`);
      // Another leader might send one too: it comes while the first is being installed.
      g.propose("a", "more");
      g.settle(cutOff("c"));
      g.deliver(first);
      g.deliver({ ...first, snapshot: g.takeSnapshot("a") });
      g.tickAll(3);
      assert(g.peer("c").machine.at.index > 2, "it is installed");
    },
  },
  {
    name: "a learner that votes",
    weather: "long",
    lastSeed: 25,
    planted: { plantedBug: "LearnerVotes" },
    breaks: /lacks|two leaders/,
    tell: (planted) => {
      const g = elected(["b", "a", "c"], { ...planted, spares: ["d", "e"] });
      assert(change(g, "l:d l:e").accepted, "taken");
      g.tickAll(5);
      g.propose("b", "x");
      g.settle(cutOff("a", "d", "e"));
      assert(g.peer("b").raft.commitIndex === g.peer("b").raft.lastIndex, "voters commit");
      g.tickAll(60, cutOff("a", "d", "e"));
      for (const id of ["d", "e"]) {
        g.peer(id).raft.campaign();
        assert(g.peer(id).raft.role === "follower", "a learner does not campaign");
      }
    },
  },
  {
    name: "two sources of truth for membership",
    planted: { plantedBug: "TwoMembershipTruths" },
    breaks: /lacks|two leaders/,
    tell: (planted) => {
      const g = elected(["a", "b", "c", "d", "e"], planted);
      assert(change(g, "r:d r:e").accepted, "taken");
      // d and e have not heard that they were removed.
      g.tickAll(5, (m) => m.to === "d" || m.to === "e");
      g.propose("a", "x");
      g.settle(cutOff("c", "d", "e"));
      g.tickAll(90, cutOff("c", "d", "e"));
    },
  },
  {
    name: "applied index and state in two steps",
    planted: { appliedIndexApart: true },
    breaks: /states differ/,
    tell: (planted) => {
      const g = elected(["a", "b", "c"], planted);
      g.propose("a", "x");
      g.tickAll(2);
      g.persist("b");
      g.crash("b");
      g.restart("b");
      g.tickAll(3);
      assert(g.peer("b").machine.hash === g.peer("a").machine.hash, "as if nothing had happened");
    },
  },
  {
    name: "single-server change overlapping a leader change",
    planted: { plantedBug: "OverlappingConfChange" },
    breaks: /two majorities that share nobody/,
    tell: (planted) => {
      const g = elected(["a", "b", "c"], { ...planted, spares: ["d", "e"] });
      g.tickAll(1);
      assert(change(g, "v:d").accepted, "taken");
      g.settle((m) => m.from !== "a" && m.type === "MsgAppResp");
      g.crash("a");
      // b leads, and has the change that a began in its log; nobody knows what becomes of it.
      for (let tick = 0; tick < 40 && g.leader() === null; tick += 1)
        g.tickAll(1, (m) => m.type === "MsgAppResp");
      const overlaps = change(g, "v:e").accepted;
      assert(!overlaps, "from (a b c) to (a b c d e): two majorities that share nobody");
      g.tickAll(5);
      assert(change(g, "v:e").accepted, "once the first is applied, the second is taken");
    },
  },
  {
    name: "a vote forgotten on restart",
    weather: "storm",
    lastSeed: 2,
    planted: { plantedBug: "ForgottenVote" },
    breaks: /two leaders in term 1/,
    tell: (planted) => {
      const g = groupOf(["a", "b", "c"], planted);
      const between =
        (...ids: PeerId[]) =>
        (m: Message): boolean =>
          !ids.includes(m.from) || !ids.includes(m.to);
      g.peer("a").raft.campaign();
      const late: Message[] = [];
      g.settle((m) => {
        if (m.type === "MsgVoteResp") late.push(m);
        return m.type === "MsgVoteResp" || between("a", "b")(m);
      });
      assert(late.length === 1 && g.peer("a").raft.role === "candidate", "b's vote is on its way");
      g.crash("b");
      g.restart("b");
      g.peer("c").raft.campaign();
      g.settle(between("b", "c"));
      for (const m of late) g.deliver(m);
      assert(g.peer("a").raft.role === "leader", "the vote counts");
    },
  },
  {
    name: "committing an older term's entry by counting",
    weather: "storm",
    lastSeed: 33,
    planted: { plantedBug: "CommitByCounting" },
    breaks: /committed by counting/,
    tell: (planted) => {
      const options = { random: { below: () => 0 }, messageSizeMaxBytes: 1 };
      const g = new TestGroup(["a", "b", "c"], { ...options, ...planted });
      g.peer("a").raft.campaign();
      g.settle();
      g.propose("a", "old");
      g.settle((m) => m.to === "c" || m.from === "c" || m.type === "MsgAppResp");
      g.crash("a");
      g.peer("b").raft.campaign();
      const c = g.peer("c").raft;
      const opens = (m: Message): boolean =>
        m.type === "MsgApp" && m.entries.some((entry) => entry.data.length === 0);
      g.tickAll(12, (m) => c.lastIndex >= 2 && opens(m));
      const committed = (): number => g.peer("b").raft.commitIndex;
      assert(g.peer("b").raft.progressOf("c")?.match === 2, "known to be on a majority");
      assert(committed() === 1, "committed by counting");
      g.tickAll(5);
      assert(committed() === 3, "committed with an entry of its own term");
    },
  },
];

const SEEDS_MAX = 100;
t.setTimeout(240_000);

function findSeed({
  planted,
  weather,
  lastSeed,
}: Pick<Story, "planted" | "weather" | "lastSeed">): { seed: number; error: string } | null {
  const inOrder = Array.from({ length: SEEDS_MAX }, (_, i) => i + 1);
  for (const seed of lastSeed === undefined ? inOrder : [lastSeed, ...inOrder]) {
    try {
      simulate(seed, { ...planted, ...(weather === undefined ? {} : { weather }) }, noTotals());
    } catch (error) {
      return { seed, error: error instanceof Error ? error.message : String(error) };
    }
  }
  return null;
}

for (const story of STORIES) {
  const { name, planted, breaks, tell, weather, lastSeed } = story;
  void t.test(name, async (t) => {
    t.throws(() => tell(planted), { message: breaks }, "with the bug it goes wrong");
    t.doesNotThrow(() => tell({}), "without it, it goes well");
    const found = findSeed(story);
    t.ok(found !== null, `found by one of ${SEEDS_MAX} seeds`);
    t.comment(`seed ${found?.seed}: ${found?.error}`);
    if (weather === undefined || lastSeed === undefined) return;
    t.doesNotThrow(() => simulate(lastSeed, { weather }, noTotals()), "it holds without the bug");
  });
}

void t.test("every bug that can be planted has its story", async (t) => {
  const planted = STORIES.map((story) => story.planted.plantedBug);
  const all: Readonly<Record<PlantedBug, true>> = {
    PreVoteStall: true,
    StaleReadIndex: true,
    LeaseOutlivesPause: true,
    AckBeforeFsync: true,
    JointLostOnRestore: true,
    SecondSnapshot: true,
    LearnerVotes: true,
    TwoMembershipTruths: true,
    OverlappingConfChange: true,
    ForgottenVote: true,
    CommitByCounting: true,
  };
  for (const bug of Object.keys(all)) t.ok(planted.includes(bug as PlantedBug), bug);
});
