import { SeededRandom } from "../../base/random.js";
import { Swim } from "./swim.js";
import {
  type MemberEvent,
  type Outgoing,
  SWIM_DEFAULTS,
  type SwimConfig,
  type SwimMessage,
} from "./types.js";

interface Told extends MemberEvent {
  readonly by: string;
  readonly atMs: number;
}

interface Flying extends Outgoing {
  readonly from: string;
  readonly atMs: number;
}

/**
 * Some members on a network and a clock that are made up, for tests: all of a run follows from its
 * seed. A member that is stopped keeps what is sent to it; one that crashed does not.
 */
export class TestGroup {
  nowMs = 0;
  readonly members = new Map<string, Swim>();
  readonly told: Told[] = [];
  readonly sent: Flying[] = [];
  /** Whether a message is lost. */
  drops: (from: string, to: string, message: SwimMessage) => boolean = () => false;
  private readonly stopped = new Set<string>();
  private readonly waiting: Flying[] = [];
  private flying: Flying[] = [];
  private readonly random: SeededRandom;
  private readonly config: Partial<SwimConfig>;

  constructor(config: Partial<SwimConfig> = {}, seed = 1) {
    this.config = config;
    this.random = new SeededRandom(seed);
  }

  /** Members that have all joined through the first one. */
  static of(count: number, config: Partial<SwimConfig> = {}, seed = 1): TestGroup {
    const group = new TestGroup(config, seed);
    for (let i = 0; i < count; i += 1) group.start(`m${i}`);
    for (let i = 1; i < count; i += 1) group.join(`m${i}`, "m0");
    group.run(3_000 + count * 10);
    group.told.length = 0;
    group.sent.length = 0;
    return group;
  }

  start(name: string, incarnation = 0): Swim {
    const config = { ...SWIM_DEFAULTS, ...this.config, self: { name, address: `at ${name}` } };
    const random = new SeededRandom(this.random.uint32());
    const swim = new Swim(config, random, { incarnation, nowMs: this.nowMs });
    this.members.set(name, swim);
    return swim;
  }

  of(name: string): Swim {
    const swim = this.members.get(name);
    if (swim === undefined) throw new Error(`no member ${name}`);
    return swim;
  }

  join(name: string, seed: string): void {
    this.of(name).join(seed, this.nowMs);
    this.flush(name);
  }

  leave(name: string): void {
    this.of(name).leave(this.nowMs);
    this.flush(name);
  }

  crash(name: string): void {
    this.members.delete(name);
  }

  stop(name: string): void {
    this.stopped.add(name);
  }

  resume(name: string): void {
    this.stopped.delete(name);
    const mine = this.waiting.filter(({ to }) => to === name);
    for (const one of mine) this.waiting.splice(this.waiting.indexOf(one), 1);
    // A process that wakes sees its timers first.
    this.tick(name);
    for (const one of mine) this.deliver(one);
  }

  /** Hands a message to a member as if `from` had sent it. */
  say(from: string, to: string, message: SwimMessage): void {
    this.of(to).step(from, message, this.nowMs);
    this.flush(to);
  }

  /** Lets time pass. */
  run(forMs: number): void {
    this.runUntil(() => false, forMs);
  }

  /** Lets time pass until something holds; false: it did not within that time. */
  runUntil(holds: () => boolean, withinMs: number): boolean {
    const endMs = this.nowMs + withinMs;
    while (!holds()) {
      const nextMs = this.nextMs();
      if (nextMs > endMs) {
        this.nowMs = endMs;
        return holds();
      }
      this.nowMs = Math.max(this.nowMs, nextMs);
      const due = this.flying.filter(({ atMs }) => atMs <= this.nowMs);
      this.flying = this.flying.filter(({ atMs }) => atMs > this.nowMs);
      for (const one of due) this.deliver(one);
      for (const [name, swim] of this.members)
        if (!this.stopped.has(name) && swim.dueMs <= this.nowMs) this.tick(name);
    }
    return true;
  }

  /** What `by` holds of `name`. */
  state(by: string, name: string): string | null {
    return this.of(by).member(name)?.state ?? null;
  }

  /** What all running members but itself hold of a member, each state once. */
  statesOf(name: string): string[] {
    const others = [...this.members.keys()].filter((by) => by !== name && !this.stopped.has(by));
    return [...new Set(others.map((by) => String(this.state(by, name))))].sort();
  }

  /** What was told of a member since the group was made. */
  toldOf(name: string): string[] {
    return this.told.filter((told) => told.name === name).map(({ type }) => type);
  }

  private nextMs(): number {
    let nextMs = Number.POSITIVE_INFINITY;
    for (const { atMs } of this.flying) nextMs = Math.min(nextMs, atMs);
    for (const [name, swim] of this.members)
      if (!this.stopped.has(name)) nextMs = Math.min(nextMs, swim.dueMs);
    return nextMs;
  }

  private tick(name: string): void {
    this.of(name).tick(this.nowMs);
    this.flush(name);
  }

  private deliver(one: Flying): void {
    const swim = this.members.get(one.to);
    if (swim === undefined) return;
    if (this.stopped.has(one.to)) {
      this.waiting.push(one);
      return;
    }
    swim.step(one.from, one.message, this.nowMs);
    this.flush(one.to);
  }

  private flush(from: string): void {
    const { messages, events } = this.of(from).take();
    for (const event of events) this.told.push({ ...event, by: from, atMs: this.nowMs });
    for (const { to, message } of messages) {
      const one = { from, to, message, atMs: this.nowMs + 1 + this.random.below(3) };
      this.sent.push(one);
      if (!this.drops(from, to, message)) this.flying.push(one);
    }
  }
}
