import { crc32 } from "node:zlib";
import { membersOf, type PeerId, type PlantedBug, type Term } from "raft-ts";
import { SeededRandom } from "../../base/random.js";
import type { HostBug } from "../../consensus/simulation.js";
import { Client } from "./client.js";
import { EventQueue, onceSettled } from "./event-queue.js";
import { Faults } from "./faults.js";
import { History } from "./history.js";
import { type Observed, Safety, SafetyViolation } from "./safety.js";
import { SimNetwork } from "./sim-network.js";
import { type MemberVariant, SimServer } from "./sim-server.js";
import { drawOdds, type Odds } from "./swarm.js";
import { noTotals, type Totals } from "./totals.js";
import type { World } from "./world.js";

export interface SimulationOptions {
  readonly plantedBug?: PlantedBug | HostBug;
  /** Keeps the story; it is long. */
  readonly tells?: boolean;
}

export interface SimulationResult {
  readonly seed: number;
  /** Null: everything held. */
  readonly failure: string | null;
  readonly totals: Totals;
  /** The same for two runs of the same seed, event for event. */
  readonly trace: string;
  readonly story: readonly string[];
}

const TICK_MS = 50;
export const TICKS_MIN = 2_000;
export const OPERATIONS_MIN = 200;
const BOOT_MS = 60_000;
const CALM_MS = 90_000;
const STORY_MAX = 200_000;

/** Runs a whole group from a seed: faults first, then the calm. Never throws for what it finds. */
export async function simulate(
  seed: number,
  options: SimulationOptions = {},
): Promise<SimulationResult> {
  const run = new Run(seed, options);
  let failure: string | null = null;
  try {
    await run.all();
  } catch (error) {
    if (error instanceof SafetyViolation) failure = error.message;
    else failure = error instanceof Error ? (error.stack ?? error.message) : String(error);
    run.fail(failure);
  }
  run.stop();
  return { seed, failure, totals: run.totals, trace: run.trace, story: run.story };
}

class Run {
  readonly totals = noTotals();
  readonly story: string[] = [];
  private readonly queue = new EventQueue();
  private readonly random: SeededRandom;
  private readonly odds: Odds;
  private readonly safety = new Safety();
  private readonly history = new History();
  private readonly world: World;
  private readonly network: SimNetwork;
  private readonly servers: readonly SimServer[];
  private readonly clients: readonly Client[];
  private readonly faults: Faults;
  private readonly tells: boolean;
  private traceSum = 0;
  private failure: string | null = null;
  private checkedAtTick = 0;
  private readonly termLed = new Map<PeerId, Term>();

  constructor(seed: number, options: SimulationOptions) {
    this.random = new SeededRandom(seed);
    this.tells = options.tells === true;
    const odds = drawOdds(this.random);
    this.odds = odds;
    this.world = {
      queue: this.queue,
      random: this.random,
      odds,
      totals: this.totals,
      safety: this.safety,
      isCalm: true,
      note: (who, what) => this.note(who, what),
      fail: (why) => this.fail(why),
    };
    this.network = new SimNetwork(this.world);
    const variant = variantOf(odds, options);
    this.servers = Array.from({ length: odds.voters + 2 }, (_, i) => this.makeServer(i, variant));
    this.faults = new Faults(this.world, this.network, this.servers);
    this.clients = Array.from({ length: odds.clients }, (_, i) => this.makeClient(i));
    this.note("seed", `${seed}: ${JSON.stringify(odds)}`);
  }

  get trace(): string {
    return `${this.traceSum.toString(16)}-${this.queue.nowMs}`;
  }

  async all(): Promise<void> {
    await this.boot();
    for (const client of this.clients) client.start();
    this.world.isCalm = false;
    await this.suffer();
    this.note("faults", "stop");
    this.world.isCalm = true;
    this.faults.stop();
    await this.recover();
    const wrong = this.history.explain();
    if (wrong !== null) throw new SafetyViolation(wrong);
  }

  /** Nothing of it goes on; what was counted elsewhere is added. */
  stop(): void {
    const { totals } = this;
    for (const server of this.servers) {
      server.process.kill();
      totals.tornTails += server.disk.tornTails;
    }
    totals.answered = this.history.answered;
    totals.reads = this.history.reads;
    totals.elections = this.safety.leadersSeen;
    totals.leaderChanges = this.safety.leaderChanges;
    totals.jointConfigurations = this.safety.jointSeen;
    totals.membershipChanges = this.safety.membershipChanges;
    totals.compactions = this.safety.compactions;
  }

  /** A founder, whom the others join. */
  private async boot(): Promise<void> {
    const { odds, servers } = this;
    this.faults.start();
    servers.slice(0, odds.voters).forEach((server, i) => this.faults.join(server, i === 0));
    const isReady = (): boolean => {
      const members = servers.flatMap(({ member }) => (member === null ? [] : [member]));
      return (
        members.length === odds.voters &&
        members.every(({ raft }) => raft.confState.voters.length === odds.voters)
      );
    };
    await this.runUntil(isReady, BOOT_MS, "the group does not come together");
  }

  private async suffer(): Promise<void> {
    const isEnough = (): boolean =>
      this.totals.ticks >= TICKS_MIN && this.totals.operations >= OPERATIONS_MIN;
    const tick = (): void => {
      // The last operation may have come between two ticks: the calm has begun.
      if (this.world.isCalm) return;
      this.totals.ticks += 1;
      this.faults.tick();
      if (!isEnough()) this.queue.after(TICK_MS, tick);
    };
    tick();
    const limitMs = 4 * TICKS_MIN * TICK_MS;
    await this.runUntil(isEnough, limitMs, `clients do not get to ${OPERATIONS_MIN} operations`);
  }

  /** Everybody comes back; every client gets something done; all servers agree. */
  private async recover(): Promise<void> {
    const sinceMs = this.queue.nowMs;
    const isWorking = (): boolean => this.clients.every((client) => client.doneSinceMs > sinceMs);
    await this.runUntil(isWorking, CALM_MS, "clients get nothing done in the calm");
    for (const client of this.clients) client.isStopped = true;
    const isQuiet = (): boolean =>
      this.clients.every(({ busySinceMs }) => busySinceMs === null) &&
      this.faults.isIdle &&
      this.disagreement() === null;
    await this.runUntil(isQuiet, CALM_MS, () => `no agreement in the calm: ${this.disagreement()}`);
    this.safety.checkLogs(this.observed());
  }

  /** Why the group is not yet one; null when it is. */
  private disagreement(): string | null {
    const away = this.servers.find((one) => one.identity !== null && !one.isServing);
    if (away !== undefined) return `${away.name} does not serve`;
    const members = this.servers.flatMap(({ member }) => (member === null ? [] : [member]));
    const leaders = members.filter(({ raft }) => raft.role === "leader");
    const [leader] = leaders;
    if (leader === undefined || leaders.length > 1) return `${leaders.length} leaders`;
    const { confState } = leader.raft;
    if (confState.votersOutgoing.length > 0) return "the joint configuration was not left";
    const ids = membersOf(confState);
    for (const { raft, replica } of members) {
      if (!ids.includes(raft.id)) return `${raft.id} does not belong to the group`;
      if (raft.leader !== leader.raft.id) return `${raft.id} follows ${raft.leader}`;
      const [has, wanted] = [replica.applied.index, leader.raft.lastIndex];
      if (has !== wanted) return `${raft.id} has applied ${has} of ${wanted}`;
      if (replica.mvcc.hash() !== leader.replica.mvcc.hash()) return `${raft.id} differs`;
    }
    const serving = members.map(({ raft }) => raft.id);
    const absent = ids.filter((id) => !serving.includes(id));
    return absent.length === 0 ? null : `nobody serves as ${absent.join(" ")}`;
  }

  /** By callbacks: a promise for every event would be a tenth of all garbage. */
  private runUntil(
    isDone: () => boolean,
    limitMs: number,
    why: string | (() => string),
  ): Promise<void> {
    const endMs = this.queue.nowMs + limitMs;
    return new Promise((resolve, reject) => {
      const look = (): boolean => {
        this.check();
        if (this.failure !== null) throw new SafetyViolation(this.failure);
        return isDone();
      };
      const next = (): void => {
        if (this.queue.step(endMs)) return onceSettled(turn);
        reject(new SafetyViolation(typeof why === "string" ? why : why()));
      };
      const turn = (): void => {
        try {
          if (look()) resolve();
          else next();
        } catch (error) {
          reject(error);
        }
      };
      next();
    });
  }

  /** Looks at who may have changed; at everybody once in every tick. */
  private check(): void {
    const everybody = this.checkedAtTick !== this.totals.ticks;
    this.checkedAtTick = this.totals.ticks;
    for (const one of this.servers) {
      const { member, identity } = one;
      if (member === null || identity === null || (!one.isTouched && !everybody)) continue;
      one.isTouched = false;
      this.safety.check(one.observed);
      const { role, term, id } = member.raft;
      if (role !== "leader" || this.termLed.get(id) === term) continue;
      this.termLed.set(id, term);
      this.note(one.name, `leads term ${term}`);
    }
  }

  private observed(): Observed[] {
    return this.servers.filter(({ isServing }) => isServing).map((one) => one.observed);
  }

  private makeServer(i: number, variant: MemberVariant): SimServer {
    return new SimServer(`s${i + 1}`, {
      world: this.world,
      network: this.network,
      variant,
      onDown: (server, why) => this.faults.down(server, why),
      onServing: (server) => this.watch(server),
    });
  }

  private makeClient(i: number): Client {
    return new Client(i + 1, {
      queue: this.queue,
      random: this.random,
      history: this.history,
      totals: this.totals,
      servers: () => this.servers,
      keys: Array.from({ length: this.odds.keys }, (_, key) => `/k/${key}`),
      thinkMs: this.odds.thinkMs,
      note: (who, what) => this.note(who, what),
      fail: (why) => this.fail(why),
    });
  }

  /** A watch of everything from now on: in order, each event once, nothing left out. */
  private watch(server: SimServer): void {
    const { replica } = server.member as NonNullable<SimServer["member"]>;
    let last = replica.mvcc.revision;
    const request = { key: Buffer.from("/"), rangeEnd: Buffer.from("0"), fromRevision: last + 1 };
    replica.hub.watch(request, {
      onBatch: ({ revision, events }) => {
        if (!server.process.isAlive) return;
        for (const { kv } of events) {
          this.totals.watchEvents += 1;
          if (kv.modRevision < last || kv.modRevision > revision)
            this.fail(`${server.name}: an event of ${kv.modRevision} after ${last}`);
          last = kv.modRevision;
          const found = kv.value.length === 0 ? null : { ...kv, value: kv.value.toString() };
          const wrong = this.history.watched(kv.key.toString(), kv.modRevision, found);
          if (wrong !== null) this.fail(`${server.name}: ${wrong}`);
        }
      },
      onEnd: () => {},
    });
  }

  private note(who: string, what: string): void {
    const line = `${String(this.queue.nowMs).padStart(8)} ms  ${who.padEnd(6)} ${what}`;
    this.traceSum = crc32(line, this.traceSum);
    if (this.tells && this.story.length < STORY_MAX) this.story.push(line);
  }

  /** The first reason counts, and ends the story. */
  fail(why: string): void {
    if (this.failure !== null) return;
    this.failure = why;
    this.note("FAILED", why);
  }
}

function variantOf(odds: Odds, { plantedBug }: SimulationOptions): MemberVariant {
  const { electionTicks, heartbeatTicks, messageSizeMaxBytes, inflightMax } = odds;
  const { entriesKept, lazyCommit } = odds;
  return {
    historyMs: odds.historyMs,
    snapshotEntries: odds.snapshotEntries,
    segmentSizeBytes: odds.segmentSizeBytes,
    tuning: {
      electionTicks,
      heartbeatTicks,
      messageSizeMaxBytes,
      inflightMax,
      entriesKept,
      lazyCommit,
    },
    // The switch that production has for it.
    ...(plantedBug === "LeaseOutlivesPause" ? { unsafeLeaseReads: true } : {}),
    ...(plantedBug === undefined ? {} : { plantedBug }),
  };
}
