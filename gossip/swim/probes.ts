import type { Random } from "../../base/random.js";
import type { LocalHealth } from "./local-health.js";
import { pickSome } from "./neighbours.js";
import type { SwimBody, SwimConfig } from "./types.js";

/** A ping that waits for its ack, first directly, then through others as well. */
interface Probe {
  readonly target: string;
  /** When others are asked. */
  directMs: number;
  /** When it has failed. */
  deadlineMs: number;
  helpers: ReadonlySet<string> | null;
  /** This member did not run for part of the time: that nothing came says nothing. */
  doubtful: boolean;
  readonly nacksFrom: Set<string>;
}

/** A ping on behalf of another member. */
interface Relay {
  readonly origin: string;
  readonly originSeq: number;
  readonly target: string;
  nackMs: number;
  forgetMs: number;
  nacked: boolean;
}

/** A peer that asks for more pings than this at once is not served. */
const RELAYS_MAX = 1024;
const PROBES_MAX = 256;

export interface ProbesDeps {
  readonly random: Random;
  readonly health: LocalHealth;
  /** Who may be asked to ping in one's place. */
  readonly helpers: () => readonly string[];
  readonly send: (to: string, body: SwimBody) => void;
  /** Nothing came from the target, on no way. */
  readonly onFailed: (target: string, nowMs: number) => void;
  /** The target was reached, by itself or through another. */
  readonly onAnswered: (target: string, nowMs: number) => void;
}

/**
 * The failure detector (SWIM §3.1): ping, ask k others to ping, give up at the end of the protocol
 * period; Lifeguard's local health stretches all of it (§IV.A).
 */
export class Probes {
  private readonly config: SwimConfig;
  private readonly deps: ProbesDeps;
  private readonly probes = new Map<number, Probe>();
  private readonly relays = new Map<number, Relay>();
  private seq = 0;

  constructor(config: SwimConfig, deps: ProbesDeps) {
    this.config = config;
    this.deps = deps;
  }

  /** False: there is one of this member already, or there are too many. */
  start(target: string, nowMs: number): boolean {
    if (this.isProbing(target) || this.probes.size >= PROBES_MAX) return false;
    const { multiplier } = this.deps.health;
    const seq = this.nextSeq();
    this.probes.set(seq, {
      target,
      directMs: nowMs + this.config.probeTimeoutMs * multiplier,
      deadlineMs: nowMs + this.config.protocolPeriodMs * multiplier,
      helpers: null,
      doubtful: false,
      nacksFrom: new Set(),
    });
    this.deps.send(target, { type: "ping", seq });
    return true;
  }

  /** Somebody asks for a ping in its place. */
  relay(origin: string, originSeq: number, at: { target: string; nowMs: number }): void {
    if (this.relays.size >= RELAYS_MAX) return;
    const { target, nowMs } = at;
    const seq = this.nextSeq();
    const { probeTimeoutMs, protocolPeriodMs } = this.config;
    this.relays.set(seq, {
      origin,
      originSeq,
      target,
      // Lifeguard §IV.A: before the origin's own time is up.
      nackMs: nowMs + 0.8 * probeTimeoutMs,
      forgetMs: nowMs + protocolPeriodMs,
      nacked: false,
    });
    this.deps.send(target, { type: "ping", seq });
  }

  ack(from: string, seq: number, nowMs: number): void {
    const relay = this.relays.get(seq);
    if (relay !== undefined) {
      if (relay.target !== from) return;
      this.relays.delete(seq);
      this.deps.onAnswered(from, nowMs);
      return this.deps.send(relay.origin, { type: "ack", seq: relay.originSeq });
    }
    const probe = this.probes.get(seq);
    // For the target only itself speaks, or one who was asked to ping it.
    if (probe === undefined || (probe.target !== from && probe.helpers?.has(from) !== true)) return;
    this.probes.delete(seq);
    this.deps.health.add(-1);
    this.deps.onAnswered(probe.target, nowMs);
  }

  nack(from: string, seq: number): void {
    const probe = this.probes.get(seq);
    if (probe?.helpers?.has(from) === true) probe.nacksFrom.add(from);
  }

  /** The link to a member cannot be made, or broke: no answer will come on it. */
  unreachable(target: string, nowMs: number): void {
    for (const probe of this.probes.values())
      if (probe.target === target && probe.helpers === null) probe.directMs = nowMs;
    for (const relay of this.relays.values())
      if (relay.target === target) relay.nackMs = Math.min(relay.nackMs, nowMs);
  }

  tick(nowMs: number): void {
    for (const [seq, probe] of this.probes) {
      if (probe.deadlineMs <= nowMs) this.fail(seq, probe, nowMs);
      else if (probe.helpers === null && probe.directMs <= nowMs) this.askOthers(seq, probe);
    }
    for (const [seq, relay] of this.relays) {
      if (relay.forgetMs <= nowMs) this.relays.delete(seq);
      if (relay.nacked || relay.nackMs > nowMs) continue;
      relay.nacked = true;
      if (this.config.lifeguard)
        this.deps.send(relay.origin, { type: "nack", seq: relay.originSeq });
    }
  }

  get areWaiting(): boolean {
    return this.probes.size > 0;
  }

  get dueMs(): number {
    let dueMs = Number.POSITIVE_INFINITY;
    for (const { helpers, directMs, deadlineMs } of this.probes.values())
      dueMs = Math.min(dueMs, helpers === null ? directMs : deadlineMs);
    for (const { nacked, nackMs, forgetMs } of this.relays.values())
      dueMs = Math.min(dueMs, nacked ? forgetMs : nackMs);
    return dueMs;
  }

  /**
   * This member did not run for so long: answers wait in its sockets, and more of them than it
   * reads before the next deadline. Probes that wait now get more time, and if they fail nobody is
   * blamed: where everybody is slow, each accusation is work for all, which makes them slower.
   */
  postpone(byMs: number): void {
    for (const probe of this.probes.values()) {
      probe.doubtful = true;
      probe.directMs += byMs;
      probe.deadlineMs += byMs;
    }
    for (const relay of this.relays.values()) {
      relay.nackMs += byMs;
      relay.forgetMs += byMs;
    }
  }

  private isProbing(target: string): boolean {
    for (const probe of this.probes.values()) if (probe.target === target) return true;
    return false;
  }

  private askOthers(seq: number, probe: Probe): void {
    const { indirectProbes, plantedBug } = this.config;
    const others = this.deps.helpers().filter((name) => name !== probe.target);
    const count = plantedBug === "NoIndirectProbe" ? 0 : indirectProbes;
    const helpers = pickSome(others, count, this.deps.random);
    probe.helpers = new Set(helpers);
    for (const helper of helpers)
      this.deps.send(helper, { type: "ping-req", seq, target: probe.target });
  }

  private fail(seq: number, probe: Probe, nowMs: number): void {
    this.probes.delete(seq);
    const expected = probe.helpers?.size ?? 0;
    // Who was asked and said nothing at all points at the asker (Lifeguard §IV.A).
    this.deps.health.add(expected > 0 ? expected - probe.nacksFrom.size : 1);
    if (!probe.doubtful) this.deps.onFailed(probe.target, nowMs);
  }

  private nextSeq(): number {
    this.seq += 1;
    return this.seq;
  }
}
