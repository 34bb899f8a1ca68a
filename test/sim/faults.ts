import { hasCode, messageOf } from "../../base/errors.js";
import type { LocalStore } from "../../consensus/simulation.js";
import type { SimNetwork } from "./sim-network.js";
import type { SimServer } from "./sim-server.js";
import type { World } from "./world.js";

const TICK_MS = 50;
const JOIN_RETRY_MS = 400;
const SWEEP_MS = 1_000;
const STOP_REMOVED_MS = 8_000;
const HASTE_MS = 200;
/** Writes that may still reach the disk of a server whose power goes. */
const LAST_WRITES = 8;

/** The bad luck of a run, and what operators do about it. */
export class Faults {
  private readonly world: World;
  private readonly network: SimNetwork;
  private readonly servers: readonly SimServer[];
  private ids = 0;
  private isPartitioned = false;
  /** Servers that take part again once they have become members. */
  private readonly joining = new Set<SimServer>();
  private asked = 0;
  /** When it was seen that a running server had been removed. */
  private readonly removedAtMs = new Map<string, number>();

  constructor(world: World, network: SimNetwork, servers: readonly SimServer[]) {
    this.world = world;
    this.network = network;
    this.servers = servers;
  }

  /** No member is being taken in, and no change that was asked for is under way. */
  get isIdle(): boolean {
    return this.joining.size === 0 && this.asked === 0;
  }

  /** Once in every tick. */
  tick(): void {
    const { odds, random, totals } = this.world;
    const inGust = totals.ticks % odds.gustTicks;
    if (inGust > odds.gustTicks - odds.restTicks) return;
    if (inGust === odds.gustTicks - odds.restTicks) return this.rest();
    if (random.oneIn(odds.crashOneIn)) this.crash((one) => one.isUp);
    if (random.oneIn(odds.leaderCrashOneIn)) this.crash(isLeader);
    if (random.oneIn(odds.resetOneIn)) this.reset();
    if (random.oneIn(odds.pauseOneIn)) this.pause();
    if (random.oneIn(odds.partitionOneIn)) this.partition();
    if (random.oneIn(odds.slowDiskOneIn)) this.slowDisk();
    if (random.oneIn(odds.transferOneIn)) this.transfer();
    if (random.oneIn(odds.memberChangeOneIn)) this.changeMembers();
    if (random.oneIn(odds.hastyChangeOneIn)) this.changeMembersInHaste();
  }

  /** Operators look after the servers from time to time. */
  start(): void {
    for (const server of this.servers) this.stopIfRemoved(server);
    this.world.queue.after(SWEEP_MS, () => this.start());
  }

  stop(): void {
    this.network.heal();
    for (const server of this.servers) {
      server.slowness = 0;
      server.disk.writesLeft = null;
      server.process.resume();
      if (!server.isUp && server.identity !== null) server.start();
    }
  }

  private rest(): void {
    this.network.cut(new Set(), false);
    this.isPartitioned = false;
    this.world.note("storm", "rests");
  }

  /** A server begins with an empty disk: as the founder, or to be taken in by the others. */
  join(server: SimServer, isFounder = false): void {
    this.ids += 1;
    server.become(`m${this.ids}-${server.name}`, isFounder);
    server.start();
    if (isFounder) return;
    this.joining.add(server);
    void this.askToJoin(server);
  }

  /** Its process ended by itself. */
  down(server: SimServer, why: "crash" | "removed" | "damaged"): void {
    const { totals } = this.world;
    if (why === "crash") return this.restartLater(server);
    if (why === "removed") {
      server.identity = null;
      this.joining.delete(server);
      return;
    }
    totals.membersReplaced += 1;
    this.join(server);
  }

  /** Who knew nobody that is still there when it was removed is told by nobody. */
  private stopIfRemoved(server: SimServer): void {
    const { member } = server;
    const leader = this.servers.find((one) => one.member?.raft.role === "leader")?.member;
    if (member === null || leader?.replica.mvcc.members.hasLeft(member.raft.id) !== true) return;
    const { nowMs } = this.world.queue;
    const sinceMs = this.removedAtMs.get(member.raft.id) ?? nowMs;
    this.removedAtMs.set(member.raft.id, sinceMs);
    if (nowMs - sinceMs < STOP_REMOVED_MS) return;
    this.world.note(server.name, "is stopped: it was removed");
    server.crash(false);
    this.down(server, "removed");
  }

  private crash(suits: (server: SimServer) => boolean): void {
    const { odds, random } = this.world;
    const server = this.pick(suits);
    if (server === null) return;
    const losesPower = random.chance(odds.powerLossPercent);
    if (losesPower && random.oneIn(2)) {
      // In the middle of what it writes, soon.
      server.disk.writesLeft = random.below(LAST_WRITES);
      return;
    }
    server.crash(losesPower);
    this.restartLater(server);
  }

  private restartLater(server: SimServer): void {
    const { odds, random, queue, isCalm } = this.world;
    const downMs = isCalm ? 1 : TICK_MS * (1 + random.below(odds.downTicks));
    const { identity } = server;
    queue.after(downMs, () => {
      if (server.isUp || server.identity !== identity) return;
      if (this.world.isCalm || !random.chance(odds.bitFlipPercent) || !this.maySpare(server))
        return server.start();
      void server.flipBit().then(() => server.start());
    });
  }

  /** What it holds may be lost: the others have a majority without it, and no other is in doubt. */
  private maySpare(server: SimServer): boolean {
    const others = this.servers.filter((one) => one !== server && one.identity !== null);
    if (this.joining.size > 0 || this.asked > 0) return false;
    if (others.some((one) => !one.isServing)) return false;
    const leader = others.find(({ member }) => member?.raft.role === "leader");
    const conf = leader?.member?.raft.confState;
    if (conf === undefined || conf.votersOutgoing.length > 0 || conf.voters.length < 3)
      return false;
    return others.every((one) => !one.isDamaged);
  }

  private pause(): void {
    const { odds, random, queue, totals, note } = this.world;
    const server = this.pick((one) => one.isUp && !one.process.paused);
    if (server === null) return;
    totals.pauses += 1;
    note(server.name, "stands still");
    const { process, name } = server;
    process.pause();
    const isSuspended = random.chance(odds.suspendPercent);
    if (isSuspended) this.network.setAway(name, true);
    queue.after(TICK_MS * (2 + random.below(5 * odds.electionTicks)), () => {
      if (process.paused) note(name, "goes on");
      process.resume();
      const awayMs = this.world.isCalm ? 0 : TICK_MS * random.below(2 * odds.electionTicks);
      if (isSuspended) queue.after(awayMs, () => this.network.setAway(name, false));
    });
  }

  /** A connection breaks: both ends notice. */
  private reset(): void {
    const one = this.pick((server) => server.isUp);
    const other = this.pick((server) => server.isUp && server !== one);
    if (one === null || other === null) return;
    this.world.totals.resets += 1;
    this.network.reset(one.name, other.name);
  }

  private partition(): void {
    const { random, totals, note, odds } = this.world;
    this.isPartitioned = !this.isPartitioned;
    const names = this.servers
      .filter(({ isUp }) => isUp && this.isPartitioned && random.chance(40))
      .map(({ name }) => name);
    const isOneWay = random.chance(odds.oneWayPercent);
    this.network.cut(new Set(names), isOneWay);
    if (names.length > 0) totals.partitions += 1;
    const how = isOneWay ? "hear only" : "are cut off";
    note("net", names.length === 0 ? "is whole" : `${names.join(" ")} ${how}`);
  }

  private slowDisk(): void {
    const { random, queue, totals, note } = this.world;
    const leader = this.pick(isLeader);
    const server = random.oneIn(2) && leader !== null ? leader : this.pick((one) => one.isUp);
    if (server === null) return;
    totals.slowDisks += 1;
    server.slowness = 50 + random.below(2_500);
    note(server.name, `its disk is slow: up to ${server.slowness} ms`);
    const forMs = TICK_MS * (5 + random.below(60));
    queue.after(forMs, () => {
      server.slowness = 0;
    });
    // What is late on one disk when all of them go is what an acknowledgement must not rest on.
    if (random.oneIn(3)) queue.after(random.below(forMs), () => this.blackout());
  }

  /** The power goes for all, or nearly. */
  private blackout(): void {
    const { random, totals, note, isCalm } = this.world;
    if (isCalm) return;
    totals.blackouts += 1;
    note("power", "goes");
    for (const server of this.servers) {
      if (!server.isUp || random.oneIn(6)) continue;
      server.crash(true);
      this.restartLater(server);
    }
  }

  private transfer(): void {
    const server = this.pick((one) => one.isServing);
    const target = this.pick((one) => one.isServing);
    if (server === null || target === null) return;
    const name = this.world.random.oneIn(3) ? null : target.name;
    this.ask(server, `hand leadership to ${name ?? "anyone"}`, async (store) => {
      await store.transferLeader(name);
      this.world.totals.transfers += 1;
    });
  }

  private changeMembers(): void {
    const { random, odds } = this.world;
    const spare = this.pick((one) => one.identity === null);
    const members = this.servers.filter((one) => one.identity !== null);
    // The fewer there are, the rather one is taken in.
    const wantsMore = random.below(2 * odds.voters) >= members.length - 1;
    if (spare !== null && wantsMore) {
      this.world.note(spare.name, "is to join");
      return this.join(spare);
    }
    const leaving = this.pick((one) => one.identity !== null && !this.joining.has(one));
    const server = this.pick((one) => one.isServing);
    if (leaving === null || server === null || members.length <= 3) return;
    // What a flipped bit costs may show only later: whoever makes up for it stays.
    if (this.servers.some((one) => one.isDamaged && one !== leaving)) return;
    this.ask(server, `remove ${leaving.name}`, (store) => store.memberRemove(leaving.name));
  }

  /** Whoever leads falls in the middle of a change, and the next one is asked for already. */
  private changeMembersInHaste(): void {
    const { random, queue } = this.world;
    this.changeMembers();
    queue.after(random.below(HASTE_MS), () => {
      if (this.world.isCalm) return;
      this.crash(isLeader);
      this.changeMembers();
    });
  }

  private ask(server: SimServer, what: string, run: (store: LocalStore) => Promise<void>): void {
    const { note, fail, queue } = this.world;
    note(server.name, `is asked to ${what}`);
    this.asked += 1;
    let isOver = false;
    const over = (how: string): void => {
      if (isOver) return;
      isOver = true;
      this.asked -= 1;
      note(server.name, `${what}: ${how}`);
    };
    // A process that dies never answers.
    queue.after(10_000, () => over("no answer"));
    server
      .call((one) => run(one.store as LocalStore))
      .then(
        () => over("done"),
        (error: unknown) => {
          const { code } = error as { code?: unknown };
          if (typeof code !== "string") fail(`${what}: ${String(error)}`);
          over(`refused: ${messageOf(error)}`);
        },
      );
  }

  /** Asks one server after the other until the group has taken it in. */
  private async askToJoin(server: SimServer): Promise<void> {
    const { identity } = server;
    if (identity === null) return;
    const { memberId, name } = identity;
    const url = `sim://${name}/${memberId}`;
    const wanted = { id: memberId, name, peerUrl: url, apiUrl: url };
    while (this.joining.has(server) && server.identity === identity) {
      const other = this.pick((one) => one.isServing && one !== server);
      const outcome = other === null ? "nobody" : await this.askOne(other, wanted);
      if (outcome === "left" && server.identity === identity) {
        // It was taken in and removed before it knew.
        if (server.isUp) server.crash(false);
        this.down(server, "removed");
      }
      if (outcome === "taken") this.joining.delete(server);
      await this.wait(JOIN_RETRY_MS);
    }
  }

  private askOne(
    server: SimServer,
    wanted: Parameters<LocalStore["memberAdd"]>[0],
  ): Promise<"taken" | "left" | "refused"> {
    return new Promise((resolve) => {
      const cancel = this.world.queue.after(10_000, () => resolve("refused"));
      const settle = (how: "taken" | "left" | "refused"): void => {
        cancel();
        resolve(how);
      };
      server
        .call((one) => (one.store as LocalStore).memberAdd(wanted))
        .then(
          () => settle("taken"),
          (error: unknown) => {
            const hasLeft = hasCode(error, "Unsafe") && messageOf(error).includes("was removed");
            settle(hasLeft ? "left" : "refused");
          },
        );
    });
  }

  private wait(delayMs: number): Promise<void> {
    return new Promise((resolve) => {
      this.world.queue.after(delayMs, resolve);
    });
  }

  private pick(suits: (server: SimServer) => boolean): SimServer | null {
    const found = this.servers.filter(suits);
    return found[this.world.random.below(Math.max(1, found.length))] ?? null;
  }
}

function isLeader({ member }: SimServer): boolean {
  return member?.raft.role === "leader";
}
