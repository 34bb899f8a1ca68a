import t from "tap";
import { BUGS, type SimulatedBug } from "./bugs.js";
import { simulate, type SimulationResult } from "./simulation.js";

t.setTimeout(600_000);

const SEEDS = 100;
/**
 * The seed that found it when the odds were last changed: tried first, for what it costs to look
 * through those before it. One that finds it no more is to be replaced by the one that is printed.
 * Without a bug the 500 seeds hold.
 */
const LAST_SEEDS: Readonly<Partial<Record<SimulatedBug, number>>> = {
  PreVoteStall: 3,
  StaleReadIndex: 9,
  LeaseOutlivesPause: 27,
  AckBeforeFsync: 1,
  LogAckBeforeFsync: 1,
  JointLostOnRestore: 25,
  SecondSnapshot: 1,
  LearnerVotes: 3,
  TwoMembershipTruths: 1,
  AppliedIndexApart: 3,
  OverlappingConfChange: 25,
  ForgottenVote: 3,
  CommitByCounting: 1,
};

async function find(plantedBug: SimulatedBug): Promise<SimulationResult | null> {
  const last = LAST_SEEDS[plantedBug];
  const others = Array.from({ length: SEEDS }, (_, i) => i + 1).filter((seed) => seed !== last);
  for (const seed of last === undefined ? others : [last, ...others]) {
    const result = await simulate(seed, { plantedBug });
    if (result.failure !== null) return result;
  }
  return null;
}

for (const { name, about } of BUGS)
  void t.test(`${name} (${about}) is found by one of ${SEEDS} seeds`, async (t) => {
    const found = await find(name);
    t.ok(found !== null, "it is found");
    if (found !== null) t.comment(`seed ${found.seed}: ${found.failure?.split("\n")[0]}`);
  });
