import type { Random } from "../../base/random.js";
import { hashOf, mixed } from "./hashing.js";

interface Named {
  readonly name: string;
  readonly hash: number;
}

interface Successor {
  readonly name: string;
  /** How far behind this member on the ring. */
  readonly distance: number;
}

/**
 * Whom a member probes and tells news. Over UDP that can be anybody; a link under TLS is dear to
 * make. So members stand on some rings, on each in another order, made from hashes that everybody
 * computes alike, and each one looks after its successors: as many others look after it. Together
 * the rings are a random regular graph: news still reach everybody in about log n steps (Rapid
 * §4.1). As long as there are no more others than rings, everybody is a neighbour of everybody.
 */
export class Neighbours {
  private readonly self: Named;
  private readonly rings: number | null;
  /** All others that live, while they are few, or when there are no rings. */
  private others: Set<string> | null = new Set();
  private successors: (Successor | null)[] = [];
  /** Live others. */
  private count = 0;
  private cached: readonly string[] | null = null;

  constructor(self: string, rings: number | null) {
    this.self = { name: self, hash: hashOf(self) };
    this.rings = rings;
  }

  /** In no particular order; each once. */
  list(): readonly string[] {
    this.cached ??=
      this.others === null
        ? [...new Set(this.successors.flatMap((one) => (one === null ? [] : [one.name])))]
        : [...this.others];
    return this.cached;
  }

  /** Begins with these: all live others. */
  fill(live: readonly Named[]): void {
    this.cached = null;
    this.count = live.length;
    if (this.rings === null || live.length <= this.rings) {
      this.others = new Set(live.map(({ name }) => name));
      return;
    }
    this.others = null;
    this.successors = Array.from({ length: this.rings }, () => null);
    for (const other of live) this.consider(other);
  }

  /** A live member, new or come back. `live`: all live others, it among them. */
  add(member: Named, live: () => Iterable<Named>): void {
    this.count += 1;
    if (this.others === null) return this.consider(member);
    this.others.add(member.name);
    this.cached = null;
    if (this.rings !== null && this.others.size > this.rings) this.fill([...live()]);
  }

  /** A member that lives no more. `live`: the live others that are left. */
  remove(name: string, live: () => Iterable<Named>): void {
    this.count -= 1;
    if (this.others !== null) {
      if (this.others.delete(name)) this.cached = null;
      return;
    }
    if (this.rings !== null && this.count <= this.rings) return this.fill([...live()]);
    if (!this.successors.some((one) => one?.name === name)) return;
    this.cached = null;
    this.successors = this.successors.map((one) => (one?.name === name ? null : one));
    const missing = this.successors.flatMap((one, ring) => (one === null ? [ring] : []));
    for (const other of live()) this.consider(other, missing);
  }

  private consider(member: Named, rings: readonly number[] | null = null): void {
    for (let at = 0; at < (rings ?? this.successors).length; at += 1) {
      const ring = rings?.[at] ?? at;
      const distance = (mixed(member.hash, ring) - mixed(this.self.hash, ring)) >>> 0;
      const known = this.successors[ring] ?? null;
      if (known !== null && !isNearer({ name: member.name, distance }, known)) continue;
      this.successors[ring] = { name: member.name, distance };
      this.cached = null;
    }
  }
}

function isNearer(a: Successor, b: Successor): boolean {
  return a.distance === b.distance ? a.name < b.name : a.distance < b.distance;
}

/** Takes up to `count` of these, each once, by chance. */
export function pickSome<T>(from: readonly T[], count: number, random: Random): T[] {
  const left = [...from];
  const picked: T[] = [];
  while (picked.length < count && left.length > 0) {
    const at = random.below(left.length);
    picked.push(left[at] as T);
    left[at] = left.at(-1) as T;
    left.pop();
  }
  return picked;
}
