import type { SeededRandom } from "../../base/random.js";

/** The bad luck of one seed. Every seed draws its own: fixed odds keep finding one bug. */
export interface Odds {
  readonly voters: number;
  readonly clients: number;
  readonly keys: number;
  /** Between two operations of a client, at most. */
  readonly thinkMs: number;
  readonly electionTicks: number;
  readonly heartbeatTicks: number;
  /** Per message. */
  readonly lossPercent: number;
  readonly duplicatePercent: number;
  readonly delayMs: number;
  /** Messages that take much longer. */
  readonly latePercent: number;
  readonly lateMs: number;
  /** Per tick of the whole group. */
  readonly crashOneIn: number;
  readonly pauseOneIn: number;
  readonly partitionOneIn: number;
  readonly transferOneIn: number;
  readonly memberChangeOneIn: number;
  readonly slowDiskOneIn: number;
  /** Of crashes. */
  readonly powerLossPercent: number;
  readonly bitFlipPercent: number;
  readonly downTicks: number;
  readonly diskMs: number;
  readonly skewPercent: number;
  readonly snapshotEntries: number;
  readonly entriesKept: number;
  readonly segmentSizeBytes: number;
  readonly historyMs: number;
  readonly messageSizeMaxBytes: number;
  readonly inflightMax: number;
}

export function drawOdds(random: SeededRandom): Odds {
  const electionTicks = 10 + random.below(8);
  const clients = 3 + random.below(4);
  return {
    voters: random.below(6) === 0 ? 5 : 3,
    clients,
    keys: 4 + random.below(6),
    thinkMs: clients * (540 + random.below(230)),
    electionTicks,
    heartbeatTicks: 3 + random.below(6),
    lossPercent: random.below(2) * random.below(20),
    duplicatePercent: random.below(2) * random.below(15),
    delayMs: 1 + random.below(30),
    latePercent: random.below(2) * random.below(15),
    lateMs: 50 + random.below(1500),
    crashOneIn: 60 + random.below(300),
    pauseOneIn: 60 + random.below(600),
    partitionOneIn: 60 + random.below(400),
    transferOneIn: 50 + random.below(400),
    memberChangeOneIn: 40 + random.below(300),
    slowDiskOneIn: 100 + random.below(800),
    powerLossPercent: random.below(101),
    bitFlipPercent: random.below(2) * random.below(40),
    downTicks: 1 + random.below(80),
    diskMs: 1 + random.below(12),
    skewPercent: random.below(2) * random.below(20),
    snapshotEntries: 10 + random.below(80),
    entriesKept: random.below(40),
    segmentSizeBytes: 600 + random.below(6000),
    historyMs: 3000 + random.below(30_000),
    messageSizeMaxBytes: 200 + random.below(2000),
    inflightMax: 1 + random.below(8),
  };
}
