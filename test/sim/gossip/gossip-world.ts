import { SeededRandom } from "../../../base/random.js";
import { encodeSwim } from "../../../gossip/swim-codec.js";
import { knownMember, Roster } from "../../../gossip/swim/member-table.js";
import { Swim } from "../../../gossip/swim/swim.js";
import type { MemberEvent, Outgoing, SwimConfig, SwimMessage } from "../../../gossip/swim/types.js";
import { EventQueue } from "../event-queue.js";
import { Links } from "./links.js";

export interface GossipWorldOptions {
  readonly members: number;
  readonly seed: number;
  /** All but `self`. */
  readonly config: Omit<SwimConfig, "self">;
  /** How many links a member keeps. */
  readonly linksMax: number;
}

/** A verdict of one member about another, or its end. */
export interface Verdict extends MemberEvent {
  readonly by: string;
  readonly atMs: number;
}

/** How a member that gets too little of the processor runs, in turns of these lengths. */
export interface Starvation {
  readonly runsMs: readonly [number, number];
  readonly standsMs: readonly [number, number];
}

class Node {
  readonly name: string;
  readonly swim: Swim;
  /** While it stands still: what waits for it; null: it runs. */
  waiting: (() => void)[] | null = null;
  isCrashed = false;
  isStarved = false;
  timerMs = Number.POSITIVE_INFINITY;

  constructor(name: string, swim: Swim) {
    this.name = name;
    this.swim = swim;
  }
}

/**
 * Members of the gossip, the production core in each, on one made-up clock, with links between
 * them that are made when they are needed. All of a run follows from its seed. They know each other
 * from the start.
 */
export class GossipWorld {
  readonly queue = new EventQueue();
  readonly links: Links;
  readonly random: SeededRandom;
  readonly nodes: readonly Node[];
  /** All but "alive" and "forgotten". */
  readonly verdicts: Verdict[] = [];
  private readonly cuts = new Set<string>();
  private readonly byName: ReadonlyMap<string, Node>;

  constructor({ members, seed, config, linksMax }: GossipWorldOptions) {
    this.random = new SeededRandom(seed);
    const names = Array.from({ length: members }, (_, i) => `n${String(i).padStart(5, "0")}`);
    const start = { incarnation: 0, nowMs: 0 };
    const infoOf = (name: string): { name: string; address: string } => ({
      name,
      address: `192.0.2.1:10250/${name}`,
    });
    const roster = new Roster(
      names.map((name) => knownMember(infoOf(name), { incarnation: 0, sinceMs: 0 })),
    );
    this.nodes = names.map((name) => {
      const random = new SeededRandom(this.random.uint32());
      return new Node(
        name,
        new Swim({ ...config, self: infoOf(name) }, random, { ...start, roster }),
      );
    });
    this.byName = new Map(this.nodes.map((node) => [node.name, node]));
    this.links = new Links({
      queue: this.queue,
      random: this.random,
      linksMax,
      isUp: (name) => this.byName.get(name)?.isCrashed === false,
      isCut: (a, b) => this.cuts.has(`${a} ${b}`) || this.cuts.has(`${b} ${a}`),
    });
    for (const node of this.nodes) this.plan(node);
  }

  /** Lets time pass. */
  run(forMs: number): void {
    const endMs = this.queue.nowMs + forMs;
    while (this.queue.step(endMs)) {
      // Everything happens in the events.
    }
  }

  /** Lets time pass until something holds; looks every 100 ms. False: it did not in that time. */
  runUntil(holds: () => boolean, withinMs: number): boolean {
    const endMs = this.queue.nowMs + withinMs;
    while (!holds()) {
      if (this.queue.nowMs >= endMs) return false;
      this.run(100);
    }
    return true;
  }

  /** The host is gone at once: nothing answers, and no connection is closed. */
  crash(name: string): void {
    this.nodeOf(name).isCrashed = true;
  }

  /** Says goodbye, and is gone a second later. */
  leave(name: string): void {
    const node = this.nodeOf(name);
    node.swim.leave(this.queue.nowMs);
    this.flush(node);
    this.queue.after(1000, () => this.crash(name));
  }

  /** Two members cannot reach each other any more. */
  cut(a: string, b: string): void {
    this.cuts.add(`${a} ${b}`);
  }

  /** Stands still for a while; what is sent to it waits in its sockets. */
  stop(name: string, forMs: number): void {
    const node = this.nodeOf(name);
    node.waiting ??= [];
    this.queue.after(forMs, () => this.resume(node));
  }

  /** Gets too little of the processor from now on. */
  starve(name: string, turns: Starvation): void {
    const node = this.nodeOf(name);
    node.isStarved = true;
    const between = ([min, max]: readonly [number, number]): number =>
      min + this.random.below(max - min + 1);
    const turn = (): void => {
      if (!node.isStarved) return;
      node.waiting ??= [];
      this.queue.after(between(turns.standsMs), () => {
        this.resume(node);
        this.queue.after(between(turns.runsMs), turn);
      });
    };
    this.queue.after(between(turns.standsMs), turn);
  }

  /** Gets all it needs again. */
  feed(name: string): void {
    this.nodeOf(name).isStarved = false;
  }

  isStarved(name: string): boolean {
    return this.nodeOf(name).isStarved;
  }

  /** Members that run. */
  running(): readonly Node[] {
    return this.nodes.filter(({ isCrashed }) => !isCrashed);
  }

  private nodeOf(name: string): Node {
    const node = this.byName.get(name);
    if (node === undefined) throw new Error(`no member ${name}`);
    return node;
  }

  /** Now, or once it runs again; never for a crashed one. */
  private atNode(node: Node, run: () => void): void {
    if (node.isCrashed) return;
    if (node.waiting === null) run();
    else node.waiting.push(run);
  }

  private resume(node: Node): void {
    const { waiting } = node;
    node.waiting = null;
    if (node.isCrashed || waiting === null) return;
    // An event loop that wakes runs its timers before it reads its sockets.
    if (node.swim.dueMs <= this.queue.nowMs) this.tick(node);
    for (const run of waiting) run();
  }

  private tick(node: Node): void {
    node.swim.tick(this.queue.nowMs);
    this.flush(node);
  }

  private plan(node: Node): void {
    const { dueMs } = node.swim;
    if (dueMs >= node.timerMs) return;
    node.timerMs = dueMs;
    this.queue.after(dueMs - this.queue.nowMs, () => {
      if (node.timerMs !== dueMs) return;
      node.timerMs = Number.POSITIVE_INFINITY;
      if (node.waiting !== null) return;
      this.atNode(node, () => this.tick(node));
    });
  }

  private flush(node: Node): void {
    const { messages, events } = node.swim.take();
    for (const event of events)
      if (event.type !== "alive" && event.type !== "forgotten")
        this.verdicts.push({ ...event, by: node.name, atMs: this.queue.nowMs });
    for (const one of messages) this.send(node, one);
    this.plan(node);
  }

  private send(from: Node, { to, message }: Outgoing): void {
    const target = this.byName.get(to);
    if (target === undefined) return;
    this.links.send({ from: from.name, to, sizeBytes: encodeSwim(message).length }, (arrived) => {
      if (arrived) this.atNode(target, () => this.deliver(from.name, target, message));
      else
        this.atNode(from, () => {
          from.swim.unreachable(to, this.queue.nowMs);
          this.flush(from);
        });
    });
  }

  private deliver(from: string, to: Node, message: SwimMessage): void {
    to.swim.step(from, message, this.queue.nowMs);
    this.flush(to);
  }
}
