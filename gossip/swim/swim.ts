import type { Random } from "../../base/random.js";
import { sizeOf } from "./broadcasts.js";
import { LocalHealth } from "./local-health.js";
import { BUCKETS, bucketOf, type Roster } from "./member-table.js";
import { Membership } from "./membership.js";
import { pickSome } from "./neighbours.js";
import { isLive } from "./precedence.js";
import { ProbeList } from "./probe-list.js";
import { Probes } from "./probes.js";
import type {
  KnownMember,
  Outgoing,
  StateMessage,
  SwimBody,
  SwimConfig,
  SwimMessage,
  SwimOutput,
  Update,
} from "./types.js";

/** What one message of a comparison holds at most; the rest comes in further ones. */
const STATE_BYTES_MAX = 64 << 10;

export interface SwimStart {
  /** Above that of an earlier life, if that is known; others correct it otherwise. */
  readonly incarnation: number;
  readonly nowMs: number;
  /** Whom everybody knows already; shared, for simulations. */
  readonly roster?: Roster;
}

/**
 * One member of the gossip: SWIM (Das, Gupta, Motivala, 2002) with Lifeguard (Dadgar, Phillips,
 * Currey, 2018). It decides and never acts: no clock, no sockets, no randomness of its own. Call
 * step(), tick() and the others with a time that never goes back; after each take() what it wants
 * done, and call tick() again by dueMs.
 *
 * The transport gives the true sender with every message. Messages may be lost, late, twice and
 * out of order.
 */
export class Swim {
  private readonly config: SwimConfig;
  private readonly random: Random;
  private readonly health: LocalHealth;
  private readonly membership: Membership;
  private readonly probes: Probes;
  private readonly probeList = new ProbeList();
  private readonly heardMs = new Map<string, number>();
  private messages: Outgoing[] = [];
  private probeMs: number;
  private gossipMs: number;
  private pushPullMs: number;
  private plannedMs: number;

  constructor(config: SwimConfig, random: Random, start: SwimStart) {
    this.config = config;
    this.random = random;
    this.health = new LocalHealth(config.lifeguard ? config.localHealthMax : 0);
    this.membership = new Membership(config, {
      roster: start.roster,
      start,
      onRefute: () => this.health.add(1),
    });
    this.probes = new Probes(config, {
      random,
      health: this.health,
      helpers: () => this.membership.neighbours.list(),
      send: (to, body) => this.send(to, body),
      onFailed: (target, nowMs) => this.membership.suspect(target, nowMs),
      onAnswered: (target, nowMs) => this.hear(target, nowMs),
    });
    // Members that start together do not go on in step.
    this.probeMs = start.nowMs + random.below(config.protocolPeriodMs);
    this.gossipMs = start.nowMs + random.below(config.gossipIntervalMs);
    this.pushPullMs = start.nowMs + random.below(config.pushPullIntervalMs);
    this.plannedMs = start.nowMs;
  }

  /** Asks somebody who is known from elsewhere for all members; to be repeated until one is. */
  join(seed: string, nowMs: number): void {
    this.push(seed, this.pushPull());
    this.plan(nowMs);
  }

  /** Tells everybody near that this member goes. Its messages should still be sent. */
  leave(nowMs: number): void {
    const update = this.membership.leave();
    for (const to of this.membership.neighbours.list())
      this.push(to, { type: "gossip", updates: [update] });
    this.plan(nowMs);
  }

  /** Takes in one message; `from` is proven by the transport. */
  step(from: string, message: SwimMessage, nowMs: number): void {
    this.handle(from, message, nowMs);
    this.plan(nowMs);
  }

  private handle(from: string, message: SwimMessage, nowMs: number): void {
    this.hear(from, nowMs);
    const inBulk = message.type === "state";
    for (const update of message.updates)
      this.membership.apply(update, { by: from, nowMs, ...(inBulk ? { inBulk } : {}) });
    switch (message.type) {
      case "ping":
        this.send(from, { type: "ack", seq: message.seq });
        if (this.member(from) === null) this.push(from, this.pushPull());
        return;
      case "ping-req":
        return this.probes.relay(from, message.seq, { target: message.target, nowMs });
      case "ack":
        return this.probes.ack(from, message.seq, nowMs);
      case "nack":
        return this.probes.nack(from, message.seq);
      case "gossip":
        return;
      case "push-pull":
        return this.answer(from, this.differing(message.digests), true);
      case "state":
        return this.answer(from, message.want, false);
    }
  }

  /** The link to a member cannot be made, or broke. */
  unreachable(name: string, nowMs: number): void {
    this.probes.unreachable(name, nowMs);
    this.plan(nowMs);
  }

  /** Probes this member now, besides the round: somebody has a reason to ask. */
  probe(name: string, nowMs: number): void {
    const member = this.member(name);
    if (member !== null && isLive(member)) this.probes.start(name, nowMs);
    this.plan(nowMs);
  }

  /** Does what is due. */
  tick(nowMs: number): void {
    this.countSleep(nowMs);
    this.probes.tick(nowMs);
    this.membership.tick(nowMs);
    if (this.probeMs <= nowMs) this.probeNext(nowMs);
    if (this.membership.broadcasts.size > 0 && this.gossipMs <= nowMs) this.gossip(nowMs);
    if (this.pushPullMs <= nowMs) this.comparePairwise(nowMs);
    this.plannedMs = Math.max(nowMs, this.earliestMs(nowMs));
  }

  /** When tick() is needed next: a call that comes later counts as own sleep. */
  get dueMs(): number {
    return this.plannedMs;
  }

  /** What was planned stays planned: what a message did away with costs a tick for nothing. */
  private plan(nowMs: number): void {
    this.plannedMs = Math.min(this.plannedMs, Math.max(nowMs, this.earliestMs(nowMs)));
  }

  private earliestMs(nowMs: number): number {
    // While it waits for answers it looks often enough to notice that it did not run.
    const lookMs = this.probes.areWaiting ? this.config.probeTimeoutMs : Number.POSITIVE_INFINITY;
    const gossipMs = this.membership.broadcasts.size > 0 ? this.gossipMs : Number.POSITIVE_INFINITY;
    return Math.min(
      this.probeMs,
      gossipMs,
      this.pushPullMs,
      this.probes.dueMs,
      nowMs + lookMs,
      this.membership.dueMs,
    );
  }

  /** What is to be sent and told since the last call. */
  take(): SwimOutput {
    const output = { messages: this.messages, events: this.membership.events };
    for (const { type, name } of output.events) if (type === "forgotten") this.heardMs.delete(name);
    this.messages = [];
    this.membership.events = [];
    return output;
  }

  /** What is known of a member; null: nothing. */
  member(name: string): KnownMember | null {
    return this.membership.table.get(name);
  }

  /** Everybody who is known, this member included. */
  members(): Iterable<KnownMember> {
    return this.membership.table.all();
  }

  /** Live members, this one included. */
  get liveCount(): number {
    return this.membership.table.liveCount;
  }

  /**
   * When a member was last heard itself, or reached through another one; null: not as long as it
   * has lived. Such a member was alive then, whatever is said of it.
   */
  lastHeardMs(name: string): number | null {
    return this.heardMs.get(name) ?? null;
  }

  /** Whom it probes and tells news: links to these are worth keeping. */
  neighbours(): readonly string[] {
    return this.membership.neighbours.list();
  }

  /** Lifeguard's local health multiplier: 1 is healthy. */
  get healthMultiplier(): number {
    return this.health.multiplier;
  }

  get incarnation(): number {
    return this.membership.incarnation;
  }

  private hear(name: string, nowMs: number): void {
    if (this.member(name) !== null) this.heardMs.set(name, nowMs);
  }

  /**
   * Whoever was stopped, or starved, finds its own deadlines passed and the answers not yet read:
   * its deadlines move by as much as it slept.
   */
  private countSleep(nowMs: number): void {
    const sleptMs = nowMs - this.plannedMs;
    if (!this.config.countsSleep || sleptMs < this.config.probeTimeoutMs / 2) return;
    this.probes.postpone(sleptMs);
    this.membership.postpone(sleptMs);
    this.health.add(1);
  }

  private probeNext(nowMs: number): void {
    this.probeMs = nowMs + this.config.protocolPeriodMs * this.health.multiplier;
    const target = this.probeList.next(this.membership.neighbours.list(), this.random);
    if (target !== null) this.probes.start(target, nowMs);
  }

  private gossip(nowMs: number): void {
    // A member that has no time for its messages does not get more time by sending more of them.
    this.gossipMs = nowMs + this.config.gossipIntervalMs * this.health.multiplier;
    const neighbours = this.membership.neighbours.list();
    for (const to of pickSome(neighbours, this.config.gossipFanout, this.random)) {
      const updates = this.news(this.config.piggybackBytesMax);
      if (updates.length > 0) this.push(to, { type: "gossip", updates });
    }
  }

  private comparePairwise(nowMs: number): void {
    this.pushPullMs = nowMs + this.config.pushPullIntervalMs;
    const [partner] = pickSome(this.membership.neighbours.list(), 1, this.random);
    if (partner !== undefined) this.push(partner, this.pushPull());
  }

  private pushPull(): SwimMessage {
    return { type: "push-pull", digests: [...this.membership.table.digests], updates: [] };
  }

  private differing(digests: readonly number[]): number[] {
    const mine = this.membership.table.digests;
    return Array.from({ length: BUCKETS }, (_, bucket) => bucket).filter(
      (bucket) => digests[bucket] !== mine[bucket],
    );
  }

  /** Tells what is held of these buckets, in as many messages as it takes. */
  private answer(to: string, buckets: readonly number[], wants: boolean): void {
    if (buckets.length === 0) return;
    const asked = new Set(buckets);
    let updates: Update[] = [];
    let sizeBytes = 0;
    let want: readonly number[] = wants ? buckets : [];
    const flush = (): void => {
      const message: StateMessage = { type: "state", want, updates };
      this.push(to, message);
      [updates, sizeBytes, want] = [[], 0, []];
    };
    for (const member of this.membership.table.all()) {
      if (!asked.has(bucketOf(member))) continue;
      for (const update of this.membership.accountOf(member)) {
        updates.push(update);
        sizeBytes += sizeOf(update);
      }
      if (sizeBytes >= STATE_BYTES_MAX) flush();
    }
    if (updates.length > 0 || want.length > 0) flush();
  }

  private send(to: string, body: SwimBody): void {
    this.push(to, { ...body, updates: this.newsFor(to) });
  }

  /** Lifeguard's buddy system (§IV.C): who is suspected hears of it first. */
  private newsFor(to: string): Update[] {
    const member = this.member(to);
    const told =
      member === null || member.state === "alive" || (isLive(member) && !this.config.lifeguard)
        ? []
        : this.membership.accountOf(member).slice(-1);
    return [...told, ...this.news(this.config.piggybackBytesMax)];
  }

  private news(bytesMax: number): Update[] {
    const { broadcasts, retransmitLimit: limit } = this.membership;
    return broadcasts.size === 0 ? [] : broadcasts.take({ bytesMax, limit });
  }

  private push(to: string, message: SwimMessage): void {
    this.messages.push({ to, message });
  }
}
