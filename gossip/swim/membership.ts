import { assert } from "../../base/assert.js";
import { Broadcasts } from "./broadcasts.js";
import { knownMember, MemberTable, type Roster } from "./member-table.js";
import { Neighbours } from "./neighbours.js";
import { isLive, overrides } from "./precedence.js";
import { Suspicion } from "./suspicion.js";
import { Suspicions } from "./suspicions.js";
import type {
  AliveUpdate,
  DeadUpdate,
  KnownMember,
  LeftUpdate,
  MemberEvent,
  MemberState,
  SuspectUpdate,
  SwimConfig,
  Update,
} from "./types.js";

/** Where an update comes from. */
export interface Heard {
  /** Who sent it: a first-hand account when it speaks of itself. */
  readonly by: string;
  readonly nowMs: number;
  /** From a comparison of all that is known: old news, not to be told everybody once more. */
  readonly inBulk?: true;
}

/**
 * What a member holds of all others, and what it owes to tell: the rules of SWIM §4.2 for alive,
 * suspect and dead, with incarnations and refutation, and Lifeguard's suspicions.
 */
export class Membership {
  readonly table: MemberTable;
  readonly neighbours: Neighbours;
  readonly broadcasts: Broadcasts;
  incarnation: number;
  events: MemberEvent[] = [];
  private readonly config: SwimConfig;
  private readonly suspicions = new Suspicions();
  private readonly onRefute: () => void;
  private leaving = false;

  /** `onRefute` is called when this member had to contradict what is said of it. */
  constructor(
    config: SwimConfig,
    {
      roster,
      start,
      onRefute,
    }: {
      readonly roster: Roster | undefined;
      readonly start: { readonly incarnation: number; readonly nowMs: number };
      readonly onRefute: () => void;
    },
  ) {
    this.config = config;
    this.onRefute = onRefute;
    this.table = new MemberTable(roster);
    this.neighbours = new Neighbours(config.self.name, config.rings);
    this.broadcasts = new Broadcasts(config.queueMax);
    this.incarnation = start.incarnation;
    if (roster !== undefined) this.neighbours.fill([...this.others()]);
    const known = this.table.get(config.self.name);
    if (known?.incarnation === start.incarnation && known.state === "alive") return;
    const { incarnation, nowMs: sinceMs } = start;
    this.table.set(knownMember(config.self, { incarnation, sinceMs }));
    this.broadcasts.add(this.ownAlive());
  }

  apply(update: Update, heard: Heard): void {
    if (this.isSelf(update.name)) return this.hearOfSelf(update);
    const known = this.table.get(update.name);
    if (update.type === "alive") return this.hearAlive(update, { known, heard });
    // Who it is, and where, its own word has to tell first.
    if (known === null || this.isOld(update, known)) return;
    if (update.type === "suspect") this.hearSuspect(update, { known, heard });
    else this.hearVerdict(update, { known, heard });
  }

  /** This member's own finding: `name` answered neither itself nor through others. */
  suspect(name: string, nowMs: number): void {
    const known = this.table.get(name);
    if (known === null || !isLive(known)) return;
    const { incarnation } = known;
    const from = this.config.self.name;
    this.apply({ type: "suspect", name, incarnation, from }, { by: from, nowMs });
  }

  /** Says goodbye; nothing that is said of this member is contradicted from now on. */
  leave(): Update {
    this.leaving = true;
    const { name } = this.config.self;
    const update: Update = { type: "left", name, incarnation: this.incarnation };
    this.broadcasts.add(update);
    return update;
  }

  /** Turns suspicions whose time is up into verdicts, and forgets those long gone. */
  tick(nowMs: number): void {
    if (this.dueMs > nowMs) return;
    for (let next = this.suspicions.first(); next !== null; next = this.suspicions.first()) {
      if (next.atMs > nowMs) break;
      this.convict(next.name, next.suspicion, nowMs);
    }
    for (let gone = this.table.firstGone(); gone !== null; gone = this.table.firstGone()) {
      if (gone.sinceMs + this.config.forgetAfterMs > nowMs) break;
      this.table.forget(gone.name);
      this.broadcasts.drop(gone.name);
      this.tell(gone, "forgotten");
    }
  }

  get dueMs(): number {
    const dueMs = this.suspicions.first()?.atMs ?? Number.POSITIVE_INFINITY;
    const gone = this.table.firstGone();
    return gone === null ? dueMs : Math.min(dueMs, gone.sinceMs + this.config.forgetAfterMs);
  }

  /** This member did not run for so long. */
  postpone(byMs: number): void {
    this.suspicions.postpone(byMs);
  }

  /** How many times an update is told (SWIM §4.1: λ log n). */
  get retransmitLimit(): number {
    if (this.config.plantedBug === "EndlessGossip") return Number.POSITIVE_INFINITY;
    return this.config.retransmitMult * Math.ceil(Math.log10(this.table.liveCount + 1));
  }

  /** What has to be told of a member for others to know as much; in this order. */
  accountOf({ name, state, incarnation, address }: KnownMember): Update[] {
    const from = this.suspicions.get(name)?.from ?? this.config.self.name;
    if (state === "left") return [{ type: "left", name, incarnation }];
    if (state === "dead") return [{ type: "dead", name, incarnation, from }];
    const alive: Update = { type: "alive", name, incarnation, address };
    return state === "alive" ? [alive] : [alive, { type: "suspect", name, incarnation, from }];
  }

  private hearOfSelf(update: Update): void {
    if (this.leaving || this.config.plantedBug === "NoRefutation") return;
    const { incarnation, type } = update;
    if (incarnation < this.incarnation) return;
    // Of a former life; or what is said of this one is what this one says.
    if (type === "alive" && incarnation === this.incarnation) return;
    // SWIM §4.2: only the member itself begins an incarnation.
    this.incarnation = incarnation + 1;
    const known = this.table.get(this.config.self.name);
    if (known !== null) this.table.set({ ...known, incarnation: this.incarnation });
    this.broadcasts.add(this.ownAlive());
    this.onRefute();
  }

  private hearAlive(
    update: AliveUpdate,
    { known, heard }: { readonly known: KnownMember | null; readonly heard: Heard },
  ): void {
    const { name, incarnation, address } = update;
    const { nowMs: sinceMs } = heard;
    if (known !== null && !this.overrides({ incarnation, state: "alive" }, known)) return;
    this.suspicions.delete(name);
    const member = knownMember({ name, address }, { incarnation, sinceMs });
    this.table.set(member);
    if (known === null || !isLive(known)) this.neighbours.add(member, () => this.others());
    if (known !== null || heard.inBulk !== true || heard.by === name) this.broadcasts.add(update);
    this.tell(member, "alive");
  }

  private hearSuspect(
    update: SuspectUpdate,
    { known, heard }: { readonly known: KnownMember; readonly heard: Heard },
  ): void {
    const { name, incarnation, from } = update;
    const suspicion = this.suspicions.get(name);
    if (suspicion?.incarnation === incarnation) {
      // Lifeguard §IV.B: independent ones are passed on, so that everybody can count them.
      if (suspicion.confirm(from)) this.broadcasts.add(update);
      else if (this.config.plantedBug === "EchoConfirms") suspicion.echo();
      this.suspicions.hastened(name);
      return;
    }
    if (!this.overrides({ incarnation, state: "suspect" }, known)) return;
    this.beginSuspicion(known, { incarnation, from, nowMs: heard.nowMs });
    this.broadcasts.add(update);
    if (this.config.plantedBug !== "NoSuspicion") return;
    const begun = this.suspicions.get(name);
    if (begun !== undefined) this.convict(name, begun, heard.nowMs);
  }

  private hearVerdict(
    update: DeadUpdate | LeftUpdate,
    { known, heard }: { readonly known: KnownMember; readonly heard: Heard },
  ): void {
    const { name, incarnation, type } = update;
    if (!this.overrides({ incarnation, state: type }, known)) return;
    if (!isLive(known)) return this.become(known, { incarnation, state: type, ...heard });
    const isFirstHand = type === "left" && heard.by === name;
    if (isFirstHand || this.config.plantedBug === "HearsayIsVerdict") {
      this.broadcasts.add(update);
      return this.become(known, { incarnation, state: type, ...heard });
    }
    const from = update.type === "dead" ? update.from : heard.by;
    if (this.suspicions.get(name)?.incarnation !== incarnation)
      this.beginSuspicion(known, { incarnation, from, nowMs: heard.nowMs });
    const suspicion = this.suspicions.get(name);
    if (suspicion === undefined || (suspicion.isTold && suspicion.verdict === type)) return;
    suspicion.believe(type);
    this.suspicions.hastened(name);
    suspicion.isTold = true;
    this.broadcasts.add(update);
  }

  private beginSuspicion(
    known: KnownMember,
    { incarnation, from, nowMs }: { incarnation: number; from: string; nowMs: number },
  ): void {
    const { suspicionMult, suspicionMaxMult, protocolPeriodMs, lifeguard } = this.config;
    const n = this.table.liveCount;
    const minMs = suspicionMult * Math.max(1, Math.log10(n)) * protocolPeriodMs;
    // In a cluster too small for so many others nobody waits for their confirmations.
    const { confirmations } = this.config;
    const confirmationsMax = lifeguard && n - 2 >= confirmations ? confirmations : 0;
    const times = { startMs: nowMs, minMs, maxMs: minMs * suspicionMaxMult, confirmationsMax };
    this.suspicions.set(known.name, new Suspicion(incarnation, from, times));
    this.table.set({ ...known, incarnation, state: "suspect", sinceMs: nowMs });
    // It came back, and its word of that is still on its way.
    if (!isLive(known)) this.neighbours.add(known, () => this.others());
    this.tell({ ...known, incarnation }, "suspect");
  }

  private convict(name: string, suspicion: Suspicion, nowMs: number): void {
    const known = this.table.get(name);
    assert(known !== null, `nobody is called ${name}, and yet suspected`);
    const { incarnation, verdict, isTold } = suspicion;
    this.become(known, { incarnation, state: verdict, nowMs });
    const from = this.config.self.name;
    if (!isTold) this.broadcasts.add({ type: "dead", name, incarnation, from });
  }

  private become(
    known: KnownMember,
    to: {
      readonly incarnation: number;
      readonly state: "dead" | "left";
      readonly nowMs: number;
    },
  ): void {
    const { incarnation, state, nowMs: sinceMs } = to;
    this.suspicions.delete(known.name);
    this.table.set({ ...known, incarnation, state, sinceMs });
    if (isLive(known)) this.neighbours.remove(known.name, () => this.others());
    this.tell({ ...known, incarnation }, state);
  }

  private isOld(update: Update, known: KnownMember): boolean {
    if (this.config.plantedBug === "IncarnationNotCompared") return false;
    return update.incarnation < known.incarnation;
  }

  private overrides(
    claim: { readonly incarnation: number; readonly state: MemberState },
    known: KnownMember,
  ): boolean {
    if (this.config.plantedBug !== "IncarnationNotCompared") return overrides(claim, known);
    return claim.state !== known.state;
  }

  private ownAlive(): Update {
    const { name, address } = this.config.self;
    return { type: "alive", name, incarnation: this.incarnation, address };
  }

  private *others(): Iterable<KnownMember> {
    for (const member of this.table.all())
      if (isLive(member) && !this.isSelf(member.name)) yield member;
  }

  private isSelf(name: string): boolean {
    return name === this.config.self.name;
  }

  private tell(
    { name, incarnation }: { readonly name: string; readonly incarnation: number },
    type: MemberEvent["type"],
  ): void {
    this.events.push({ type, name, incarnation });
  }
}
