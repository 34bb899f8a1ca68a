import fc from "fast-check";
import t from "tap";
import {
  committedIndex,
  type Electorate,
  isQuorum,
  jointCommittedIndex,
  jointVoteResult,
  majorityOf,
  voteResult,
} from "./quorum.js";

void t.test("a majority is more than half", async (t) => {
  const cases = [
    [1, 1],
    [2, 2],
    [3, 2],
    [4, 3],
    [5, 3],
    [7, 4],
  ] as const;
  for (const [count, majority] of cases) t.equal(majorityOf(count), majority, `${count} voters`);
  t.throws(() => majorityOf(0), { message: /at least one voter/ });
});

void t.test("what a majority has acknowledged is committed", async (t) => {
  const cases = [
    { acked: [5], index: 5 },
    { acked: [5, 3], index: 3 },
    { acked: [5, 3, 0], index: 3 },
    { acked: [9, 9, 1], index: 9 },
    { acked: [1, 2, 3, 4], index: 2 },
    { acked: [1, 2, 3, 4, 5], index: 3 },
  ];
  for (const { acked, index } of cases) {
    const voters = acked.map((_, i) => `n${i}`);
    const ack = (voter: string): number => acked[voters.indexOf(voter)] ?? 0;
    t.equal(committedIndex(voters, ack), index, acked.join());
  }
});

void t.test("an election is decided as soon as it can be", async (t) => {
  // y, n, and _ for a voter that has not answered.
  const cases = [
    ["y", "won"],
    ["n", "lost"],
    ["_", "pending"],
    ["y_", "pending"],
    ["yn", "lost"],
    ["yy_", "won"],
    ["yn_", "pending"],
    ["nn_", "lost"],
    ["yyn__", "pending"],
    ["yyynn", "won"],
    ["nnn__", "lost"],
    ["yynn", "lost"],
  ] as const;
  for (const [votes, result] of cases) {
    const voters = votes.split("").map((_, i) => `n${i}`);
    const cast = new Map<string, boolean>();
    votes.split("").forEach((vote, i) => {
      if (vote !== "_") cast.set(`n${i}`, vote === "y");
    });
    t.equal(voteResult(voters, cast), result, votes);
  }
});

const peers = ["a", "b", "c", "d", "e", "f"] as const;
const half = fc.subarray([...peers], { minLength: 1 });
const electorate = fc.record({
  voters: half,
  votersOutgoing: fc.oneof(fc.constant<(typeof peers)[number][]>([]), half),
});
const halvesOf = (of: Electorate): (readonly string[])[] =>
  [of.voters, of.votersOutgoing].filter((voters) => voters.length > 0);

void t.test("committed: agrees with trying every index and counting", async () => {
  // The dumb second version: an index is committed when more than half of each half have it.
  fc.assert(
    fc.property(electorate, fc.array(fc.nat(7), { minLength: 6, maxLength: 6 }), (of, acked) => {
      const ack = (voter: string): number => acked[peers.findIndex((p) => p === voter)] ?? 0;
      let best = 0;
      for (let index = 1; index <= 7; index += 1)
        if (halvesOf(of).every((h) => h.filter((v) => ack(v) >= index).length * 2 > h.length))
          best = index;
      return jointCommittedIndex(of, ack) === best;
    }),
    { numRuns: 5000 },
  );
});

const ballots = fc.array(fc.constantFrom("y", "n", "_"), { minLength: 6, maxLength: 6 });

void t.test("elections: agree with trying every way the rest may vote", async () => {
  // The dumb second version: won when it is won however the others vote, lost when it never is.
  fc.assert(
    fc.property(electorate, ballots, (of, cast) => {
      const votes = new Map<string, boolean>();
      cast.forEach((vote, i) => {
        if (vote !== "_") votes.set(peers[i] as string, vote === "y");
      });
      const silent = peers.filter((p) => !votes.has(p));
      let wins = 0;
      for (let bits = 0; bits < 1 << silent.length; bits += 1) {
        const yes = (p: string): boolean =>
          votes.get(p) ?? (bits & (1 << silent.findIndex((s) => s === p))) !== 0;
        if (halvesOf(of).every((h) => h.filter(yes).length * 2 > h.length)) wins += 1;
      }
      const all = 1 << silent.length;
      const expected = wins === all ? "won" : wins === 0 ? "lost" : "pending";
      return jointVoteResult(of, votes) === expected;
    }),
    { numRuns: 5000 },
  );
});

void t.test("a quorum is who would win an election with nobody else", async () => {
  fc.assert(
    fc.property(electorate, fc.subarray([...peers]), (of, present) => {
      const votes = new Map<string, boolean>(peers.map((p) => [p, present.includes(p)]));
      return isQuorum(of, new Set(present)) === (jointVoteResult(of, votes) === "won");
    }),
    { numRuns: 5000 },
  );
});
