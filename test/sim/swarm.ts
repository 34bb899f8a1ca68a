import type { SeededRandom } from "../../base/random.js";

/**
 * - usual: a little of everything.
 * - storm: everybody wants to lead, leaders fall first, who is down is back at once, messages are
 *   late and entries travel one by one: what takes several short terms to go wrong.
 * - members: servers come and go, and snapshots are all that they are told by.
 * - cuts: the network comes and goes while leadership is handed around; few processes end.
 */
export type Weather = "usual" | "storm" | "members" | "cuts";

/** The bad luck of one seed. Every seed draws its own: fixed odds keep finding one bug. */
export interface Odds {
  readonly weather: Weather;
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
  /** Of every so many ticks the last ones bring nothing new, and the network is whole. */
  readonly gustTicks: number;
  readonly restTicks: number;
  /** Of partitions: those who are cut off still hear. */
  readonly oneWayPercent: number;
  /** Per tick of the whole group. */
  readonly crashOneIn: number;
  /** Of whoever leads. */
  readonly leaderCrashOneIn: number;
  /** A connection between two servers breaks. */
  readonly resetOneIn: number;
  readonly pauseOneIn: number;
  readonly partitionOneIn: number;
  readonly transferOneIn: number;
  readonly memberChangeOneIn: number;
  /** A change of the membership during which the leader falls, and another one at once. */
  readonly hastyChangeOneIn: number;
  readonly slowDiskOneIn: number;
  /** Of pauses: the network of who wakes is late, and what was sent to it meanwhile is lost. */
  readonly suspendPercent: number;
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
  /** As production has it; or followers are told of every commit at once. */
  readonly lazyCommit: boolean;
  readonly inflightMax: number;
}

const WEATHERS: readonly Weather[] = [
  "usual",
  "usual",
  "usual",
  "usual",
  "storm",
  "members",
  "cuts",
];

export function drawOdds(random: SeededRandom): Odds {
  const weather = WEATHERS[random.below(WEATHERS.length)] as Weather;
  const usual = usualOdds(random);
  if (weather === "usual") return usual;
  if (weather === "storm") return { ...usual, weather, ...storm(random) };
  if (weather === "members") return { ...usual, weather, ...members(random) };
  return { ...usual, weather, ...cuts(random) };
}

function usualOdds(random: SeededRandom): Odds {
  const electionTicks = 10 + random.below(8);
  const clients = 3 + random.below(4);
  return {
    weather: "usual",
    voters: random.below(10) === 0 ? 5 : 3,
    clients,
    keys: 4 + random.below(6),
    thinkMs: clients * (640 + random.below(200)),
    electionTicks,
    heartbeatTicks: 3 + random.below(6),
    lossPercent: random.below(2) * random.below(20),
    duplicatePercent: random.below(2) * random.below(15),
    delayMs: 1 + random.below(30),
    latePercent: random.below(2) * random.below(15),
    lateMs: 50 + random.below(1500),
    oneWayPercent: 25,
    gustTicks: 1,
    restTicks: 0,
    crashOneIn: 60 + random.below(300),
    leaderCrashOneIn: 300 + random.below(600),
    resetOneIn: 50 + random.below(500),
    pauseOneIn: 60 + random.below(600),
    partitionOneIn: 60 + random.below(400),
    transferOneIn: 50 + random.below(400),
    memberChangeOneIn: 40 + random.below(300),
    hastyChangeOneIn: 200 + random.below(1000),
    slowDiskOneIn: 100 + random.below(800),
    suspendPercent: random.below(101),
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
    lazyCommit: electionTicks % 2 === 0,
    inflightMax: 1 + random.below(8),
  };
}

function storm(random: SeededRandom): Partial<Odds> {
  const gustTicks = 150 + random.below(200);
  return {
    gustTicks,
    restTicks: gustTicks >> 1,
    electionTicks: 5 + random.below(6),
    heartbeatTicks: 2 + random.below(3),
    lossPercent: random.below(30),
    delayMs: 5 + random.below(50),
    latePercent: 10 + random.below(40),
    lateMs: 50 + random.below(300),
    partitionOneIn: 10 + random.below(80),
    crashOneIn: 10 + random.below(60),
    leaderCrashOneIn: 3 + random.below(30),
    resetOneIn: 5 + random.below(40),
    memberChangeOneIn: 200 + random.below(800),
    downTicks: 1 + random.below(3),
    messageSizeMaxBytes: 1 + random.below(60),
    inflightMax: 1 + random.below(3),
  };
}

function members(random: SeededRandom): Partial<Odds> {
  return {
    memberChangeOneIn: 40 + random.below(80),
    hastyChangeOneIn: 40 + random.below(80),
    leaderCrashOneIn: 60 + random.below(100),
    partitionOneIn: 20 + random.below(60),
    downTicks: 1 + random.below(40),
    snapshotEntries: 8 + random.below(20),
    entriesKept: random.below(8),
  };
}

function cuts(random: SeededRandom): Partial<Odds> {
  return {
    oneWayPercent: 30 + random.below(60),
    partitionOneIn: 15 + random.below(60),
    transferOneIn: 10 + random.below(60),
    pauseOneIn: 50 + random.below(300),
    crashOneIn: 300 + random.below(600),
    leaderCrashOneIn: 500 + random.below(1000),
    resetOneIn: 200 + random.below(800),
    slowDiskOneIn: 500 + random.below(800),
    memberChangeOneIn: 300 + random.below(800),
  };
}
