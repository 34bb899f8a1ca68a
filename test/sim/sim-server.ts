import { hasCode, messageOf } from "../../base/errors.js";
import type { Logger, LogFields } from "../../base/logger.js";
import {
  AppendDisk,
  type Computer,
  type DiskRunner,
  type Identity,
  LocalStore,
  Member,
  type MemberOptions,
} from "../../consensus/simulation.js";
import { type Observed, SafetyViolation } from "./safety.js";
import { PowerLoss, SimDisk } from "./sim-disk.js";
import { SimMap } from "./sim-map.js";
import type { SimNetwork, SimPort } from "./sim-network.js";
import { SimClock, SimProcess } from "./sim-process.js";
import type { World } from "./world.js";

const DATA_DIR = "/data";
/** A write that takes longer than any without a fault. */
const SLOW_WRITE_MS = 50;
const CLUSTER_ID = "simulated";

/** What differs between the members of a run and those of production. */
export type MemberVariant = Pick<
  MemberOptions,
  "historyMs" | "snapshotEntries" | "segmentSizeBytes" | "tuning"
> &
  Partial<Pick<MemberOptions, "plantedBug" | "unsafeLeaseReads">>;

export interface SimServerDeps {
  readonly world: World;
  readonly network: SimNetwork;
  readonly variant: MemberVariant;
  /** Its process ended by itself, or never got up. */
  readonly onDown: (server: SimServer, why: "crash" | "removed" | "damaged") => void;
  readonly onServing: (server: SimServer) => void;
}

export interface Serving extends SimServer {
  readonly member: Member;
}

/** A computer with a disk, and the process of a member on it, which comes and goes. */
export class SimServer {
  readonly name: string;
  identity: Identity | null = null;
  member: Member | null = null;
  process: SimProcess;
  /** Something happened in its process since this was reset. */
  isTouched = false;
  /** A bit was turned over that was not found yet: what it refuses to start with is no surprise. */
  isDamaged = false;
  /** Writes take so much longer. */
  slowness = 0;
  readonly disk: SimDisk;
  private readonly map: SimMap;
  private readonly deps: SimServerDeps;
  private port: SimPort | null = null;
  private skew = { rate: 1, offsetMs: 0 };
  private hasServed = false;
  private lastObserved: Observed | null = null;
  /** A whole store may have been left unfinished: rebuilding it is no surprise. */
  private mayRebuild = true;

  constructor(name: string, deps: SimServerDeps) {
    this.name = name;
    this.deps = deps;
    this.disk = new SimDisk(deps.world.random);
    this.map = new SimMap(deps.world.random);
    this.process = this.newProcess();
    this.process.kill();
  }

  get isUp(): boolean {
    return this.process.isAlive;
  }
  get isServing(): boolean {
    return this.process.isAlive && this.member !== null;
  }
  get store(): LocalStore | null {
    return this.member === null ? null : new LocalStore(this.member);
  }

  /** For the checks; only while it serves. */
  get observed(): Observed {
    const { raft, replica } = this.member as Member;
    // Asked for after every event.
    if (this.lastObserved?.raft !== raft)
      this.lastObserved = { name: this.name, id: raft.id, raft, replica };
    return this.lastObserved;
  }

  /** Becomes a member with an empty disk. */
  become(memberId: string, isFounder: boolean): void {
    this.disk.wipe();
    this.map.destroy();
    this.isDamaged = false;
    this.hasServed = false;
    this.mayRebuild = true;
    this.identity = { clusterId: CLUSTER_ID, memberId, name: this.name, isFounder };
  }

  start(): void {
    const { world, network } = this.deps;
    const { identity } = this;
    if (identity === null || this.isUp) return;
    const { random, odds } = world;
    world.note(this.name, `starts as ${identity.memberId}`);
    const process = this.newProcess();
    this.process = process;
    world.safety.restarted(identity.memberId);
    const rate = 1 + (random.below(2 * odds.skewPercent + 1) - odds.skewPercent) / 100;
    this.skew = { rate, offsetMs: random.below(1_000_000) };
    if (rate !== 1) world.totals.clockSkews += 1;
    this.port = network.open({
      name: this.name,
      id: identity.memberId,
      process,
      files: this.disk,
      snapshotFolder: `${DATA_DIR}/snapshots`,
      openDisk: () => this.openDisk({ folder: `${DATA_DIR}/snapshots`, name: null }, process),
    });
    void this.open(process);
  }

  /** The process ends; with it, or not, the power goes. */
  crash(withPower: boolean): void {
    if (!this.isUp) return;
    const { world, network } = this.deps;
    this.process.kill();
    this.member = null;
    this.slowness = 0;
    if (this.port !== null) network.closed(this.port);
    this.port = null;
    world.totals.crashes += 1;
    this.disk.writesLeft = null;
    if (!withPower) return world.note(this.name, "is killed");
    world.totals.powerLosses += 1;
    this.disk.losePower();
    const { lostBatches } = this.map.losePower();
    world.totals.batchesLost += lostBatches;
    if (lostBatches > 0) this.mayRebuild = true;
    world.note(this.name, `loses power, and ${lostBatches} batches of its store`);
  }

  /** Turns over a bit on the disk of a server that is down. */
  async flipBit(): Promise<boolean> {
    const { random, totals, note } = this.deps.world;
    const where = ["log", "snapshot", "store"][random.below(3)] as "log" | "snapshot" | "store";
    const flipped =
      where === "store"
        ? await this.map.flipBit()
        : where === "log"
          ? this.flipInLog()
          : this.disk.flipBit((path) => path.endsWith(".snap"), 0);
    if (!flipped) return false;
    totals.bitsFlipped += 1;
    this.isDamaged = true;
    this.mayRebuild = true;
    note(this.name, `a bit of its ${where} flips`);
    return true;
  }

  /** Asks its member something; never settles when the process ends. */
  call<T>(ask: (server: Serving) => Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      const isSent = this.process.isAlive;
      if (!isSent) return reject(notServing());
      this.process.after(1, () => {
        if (this.member === null) return reject(notServing());
        ask(this as Serving).then(resolve, reject);
      });
    });
  }

  private newProcess(): SimProcess {
    return new SimProcess(this.deps.world.queue, () => {
      this.isTouched = true;
    });
  }

  private async open(process: SimProcess): Promise<void> {
    const { world, onServing } = this.deps;
    // Recovery writes too, until it opens the store.
    this.disk.isCounting = true;
    try {
      const member = await Member.open(this.memberOptions(process));
      if (!process.isAlive) return;
      this.member = member;
      this.mayRebuild = false;
      if (this.hasServed) world.totals.restarts += 1;
      this.hasServed = true;
      onServing(this);
    } catch (error) {
      this.ended(process, error);
    }
  }

  private memberOptions(process: SimProcess): MemberOptions {
    const { world, variant } = this.deps;
    const identity = this.identity as Identity;
    const { memberId } = identity;
    const url = `sim://${this.name}/${memberId}`;
    return {
      ...variant,
      dataDir: DATA_DIR,
      identity,
      network: this.port,
      addresses: { peerUrl: url, apiUrl: url },
      clock: new SimClock(world.queue, process, this.skew),
      logger: this.logger(process),
      computer: this.computer(process),
      onFatal: (error) => this.ended(process, error),
      onReplaced: () => this.reopen(process),
      onReplacedEarly: () => {
        world.totals.snapshotsInstalled += 1;
        this.mayRebuild = true;
        world.safety.restarted(memberId);
      },
      onApplied: (member, entries) => {
        for (const entry of entries) world.safety.applies(member.raft, entry);
      },
    };
  }

  private reopen(process: SimProcess): void {
    const { world } = this.deps;
    const { member } = this;
    world.totals.snapshotsInstalled += 1;
    this.member = null;
    this.mayRebuild = true;
    const close = async (): Promise<void> => {
      await member?.close();
      if (!process.isAlive) return;
      world.safety.restarted(this.identity?.memberId ?? "");
      await this.open(process);
    };
    close().catch((error: unknown) => this.ended(process, error));
  }

  /** Whatever a process ends with is a failure of the run unless it was asked for. */
  private ended(process: SimProcess, error: unknown): void {
    const { world, onDown } = this.deps;
    this.disk.isCounting = false;
    if (!process.isAlive) return;
    if (isPowerLoss(error)) {
      this.crash(true);
      return onDown(this, "crash");
    }
    world.note(this.name, `ends: ${messageOf(error)}`);
    if (error instanceof SafetyViolation) return world.fail(error.message);
    this.crash(false);
    if (hasCode(error, "Removed")) return onDown(this, "removed");
    const isDamage = ["WalCorrupt", "SnapshotCorrupt", "StoreCorrupt"].some((code) =>
      hasCode(error, code),
    );
    if (isDamage && this.isDamaged) return onDown(this, "damaged");
    world.fail(`${this.name} ends: ${error instanceof Error ? error.stack : String(error)}`);
  }

  private computer(process: SimProcess): Computer {
    const { random } = this.deps.world;
    return {
      files: this.disk,
      random,
      openDisk: (at) => this.openDisk(at, process),
      openMap: async () => {
        this.disk.isCounting = false;
        return this.map.open((run) => {
          process.after(1 + random.below(1 + (this.slowness >> 2)), run);
        });
      },
      destroyMap: () => this.map.destroy(),
      lockDataDir: async () => {
        return { release: async () => {} };
      },
      yieldTurn: () =>
        new Promise((resolve) => {
          process.after(0, resolve);
        }),
      watchStalls: () => {
        return { longestMs: 0, stop: () => {} };
      },
    };
  }

  private openDisk(
    at: { readonly folder: string; readonly name: string | null },
    process: SimProcess,
  ): DiskRunner {
    const { random, odds, safety } = this.deps.world;
    const memberId = this.identity?.memberId ?? "";
    const disk = new AppendDisk(this.disk, at);
    return {
      run: (request) =>
        new Promise((resolve, reject) => {
          const delayMs = 1 + random.below(odds.diskMs) + random.below(this.slowness + 1);
          if (delayMs > SLOW_WRITE_MS) safety.diskIsSlow(memberId, true);
          process.after(delayMs, () => {
            if (delayMs > SLOW_WRITE_MS) safety.diskIsSlow(memberId, false);
            this.disk.isCounting = true;
            try {
              disk.run(request);
              resolve();
            } catch (error) {
              if (isPowerLoss(error)) this.ended(process, error);
              else reject(error);
            } finally {
              this.disk.isCounting = false;
            }
          });
        }),
      close: async () => disk.close(),
    };
  }

  private logger(process: SimProcess): Logger {
    const take =
      (level: string) =>
      (message: string, fields: LogFields = {}): void => {
        if (process.isAlive) this.logged(level, message, fields);
      };
    const logger: Logger = {
      error: take("error"),
      warn: take("warn"),
      info: take("info"),
      debug: () => {},
      with: () => logger,
    };
    return logger;
  }

  /** Messages are constant: what is counted can be told by them. */
  private logged(level: string, message: string, fields: LogFields): void {
    const { totals, note, fail } = this.deps.world;
    note(this.name, `${level}: ${message} ${describeFields(fields)}`);
    if (message.startsWith("took a snapshot")) totals.snapshotsTaken += 1;
    if (message.startsWith("learners became voters")) totals.learnersPromoted += 1;
    if (!message.startsWith("the store is rebuilt")) return;
    totals.storesRebuilt += 1;
    const why = String(fields["why"]);
    // A start that is ended while it reads may have been ended by what it read.
    const mayBe = /there is no store|does not go on|an earlier start ended/;
    if (!this.mayRebuild && !mayBe.test(why))
      fail(`${this.name}: the end of its process alone cost the store: ${why}`);
    this.mayRebuild = true;
  }

  /** Not in the last batch: there it cannot be told from a write that was cut short. */
  private flipInLog(): boolean {
    const names = this.disk.readdir(`${DATA_DIR}/wal`);
    const last = names.at(-1);
    return this.disk.flipBit((path) => path.endsWith(".wal") && !path.endsWith(`/${last}`), 0);
  }
}

function isPowerLoss(error: unknown): boolean {
  if (error instanceof PowerLoss) return true;
  const { cause } = { ...(error as { cause?: unknown }) };
  return cause !== undefined && isPowerLoss(cause);
}

function notServing(): Error {
  return Object.assign(new Error("it does not serve"), { code: "NotServing" });
}

function describeFields(fields: LogFields): string {
  return Object.entries(fields)
    .map(([name, value]) => `${name}=${value instanceof Error ? value.message : String(value)}`)
    .join(" ");
}
