import { hashOf, mixed } from "./hashing.js";
import { isLive } from "./precedence.js";
import type { KnownMember } from "./types.js";

/** Into how many buckets members are put for the comparison of digests. */
export const BUCKETS = 64;

/** In which bucket a member is. */
export function bucketOf({ hash }: { readonly hash: number }): number {
  return hash % BUCKETS;
}

/**
 * Members that are known from the start. Immutable: many members in one process, of a simulation
 * or of a test, share one and keep what differs from it.
 */
export class Roster {
  readonly members: ReadonlyMap<string, KnownMember>;
  readonly digests: Uint32Array;
  readonly live: number;

  constructor(members: Iterable<KnownMember>) {
    this.members = new Map([...members].map((member) => [member.name, member]));
    this.digests = new Uint32Array(BUCKETS);
    let live = 0;
    for (const member of this.members.values()) {
      toggle(this.digests, member);
      if (isLive(member)) live += 1;
    }
    this.live = live;
  }
}

const NOBODY = new Roster([]);

/**
 * Who is known, with what is known of each, and digests of those that live: two members whose
 * digests are equal hold the same ones for live, at the same incarnations.
 */
export class MemberTable {
  private readonly roster: Roster;
  /** What differs from the roster; null: forgotten. */
  private readonly own = new Map<string, KnownMember | null>();
  /** Dead and left, in the order in which they became so. */
  private readonly gone = new Map<string, KnownMember>();
  /** Of each bucket: the exclusive or of a hash of each live member and its incarnation. */
  readonly digests: Uint32Array;
  /** Live members, this one included. */
  liveCount: number;

  constructor(roster: Roster = NOBODY) {
    this.roster = roster;
    this.digests = roster.digests.slice();
    this.liveCount = roster.live;
  }

  get(name: string): KnownMember | null {
    const own = this.own.get(name);
    return own === undefined ? (this.roster.members.get(name) ?? null) : own;
  }

  set(member: KnownMember): void {
    this.take(member.name);
    this.own.set(member.name, member);
    if (isLive(member)) {
      toggle(this.digests, member);
      this.liveCount += 1;
    } else this.gone.set(member.name, member);
  }

  forget(name: string): void {
    this.take(name);
    if (this.roster.members.has(name)) this.own.set(name, null);
    else this.own.delete(name);
  }

  /** The one that is dead, or gone, for longest; null: there is none. */
  firstGone(): KnownMember | null {
    return this.gone.values().next().value ?? null;
  }

  /** Everybody who is known, in no particular order. */
  *all(): Iterable<KnownMember> {
    for (const member of this.own.values()) if (member !== null) yield member;
    for (const member of this.roster.members.values()) if (!this.own.has(member.name)) yield member;
  }

  private take(name: string): void {
    const known = this.get(name);
    if (known === null) return;
    this.gone.delete(name);
    if (!isLive(known)) return;
    toggle(this.digests, known);
    this.liveCount -= 1;
  }
}

/** Puts a member into a digest, or takes it out again. */
function toggle(digests: Uint32Array, member: KnownMember): void {
  const bucket = bucketOf(member);
  // Incarnations may be larger than 32 bits.
  const { incarnation } = member;
  const high = Math.floor(incarnation / 0x1_0000_0000);
  digests[bucket] = (digests[bucket] ?? 0) ^ mixed(mixed(member.hash, incarnation), high);
}

/** What is first known of a member. */
export function knownMember(
  { name, address }: { readonly name: string; readonly address: string },
  { incarnation, sinceMs }: { readonly incarnation: number; readonly sinceMs: number },
): KnownMember {
  return { name, address, incarnation, state: "alive", sinceMs, hash: hashOf(name) };
}
