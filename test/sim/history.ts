import { explainNotLinearizable, type KeyEffect, type KeyOperation } from "./key-model.js";

/** What a read found of one key. */
export interface Found {
  readonly value: string;
  readonly modRevision: number;
}

/** What one answered operation says about one revision of the store. */
interface Claim {
  readonly key: string;
  /** Null: no such key. */
  readonly found: Found | null;
  /** The store's revision at which this held. */
  readonly at: number;
}

export interface Invocation {
  readonly client: string;
  readonly text: string;
  readonly invokedAt: number;
  /** The highest revision that anybody was told of before this was asked. */
  readonly floor: number;
}

interface Write {
  readonly key: string;
  /** Null: deleted. */
  readonly value: string | null;
}

const NEVER = Number.POSITIVE_INFINITY;

/**
 * Everything the clients did and were told. Two checks of different kinds: the order that the
 * store's revisions claim must agree with real time and explain every answer; and, without trusting
 * revisions, each key must be linearizable.
 */
export class History {
  operations = 0;
  answered = 0;
  reads = 0;
  private moment = 0;
  private toldRevision = 1;
  private readonly keys = new Map<string, KeyOperation[]>();
  private readonly writes = new Map<number, Map<string, string | null>>();
  /** Which operation was told that it made a revision. */
  private readonly given = new Map<number, string>();
  private readonly claims: Claim[] = [];
  private readonly tried = new Set<string>();

  invoke(client: string, text: string): Invocation {
    this.operations += 1;
    this.moment += 1;
    return { client, text, invokedAt: this.moment, floor: this.toldRevision };
  }

  /** A value that may be written: nothing else may ever be read. */
  mayWrite(value: string): void {
    this.tried.add(value);
  }

  /** No answer came. */
  unknown(op: Invocation, effects: ReadonlyMap<string, KeyEffect>): void {
    this.add(op, effects, NEVER);
  }

  /**
   * An answer at `revision`. A linearizable one may not be older than what anybody knew before;
   * returns what is wrong with it at once, or null.
   */
  answer(
    op: Invocation,
    answer: {
      readonly revision: number;
      readonly writes: readonly Write[];
      readonly found: ReadonlyMap<string, Found | null>;
      readonly effects: ReadonlyMap<string, KeyEffect>;
    },
  ): string | null {
    const { revision, writes, found, effects } = answer;
    this.answered += 1;
    this.moment += 1;
    if (writes.length === 0) this.reads += 1;
    this.add(op, effects, this.moment);
    for (const [key, one] of found) this.claims.push({ key, found: one, at: revision });
    const floor = writes.length > 0 ? op.floor + 1 : op.floor;
    if (revision < floor)
      return `${op.client}: ${op.text} was answered at revision ${revision}, ${op.floor} was known`;
    this.toldRevision = Math.max(this.toldRevision, revision);
    return writes.length > 0 ? this.addWrites(op, revision, writes) : null;
  }

  /** A read of one replica's own state: any revision will do, but what it says must be true. */
  answerStale(revision: number, found: ReadonlyMap<string, Found | null>): void {
    for (const [key, one] of found) this.claims.push({ key, found: one, at: revision });
  }

  /** An event of a watch; returns what is wrong with it, or null. Null for `found`: a deletion. */
  watched(key: string, revision: number, found: Found | null): string | null {
    const value = found?.value ?? null;
    const known = this.writes.get(revision);
    if (known === undefined) this.writes.set(revision, new Map([[key, value]]));
    else if (!known.has(key)) known.set(key, value);
    else if (known.get(key) !== value)
      return `an event says ${key} became ${value} at ${revision}, not ${known.get(key)}`;
    return value === null || this.tried.has(value) ? null : `${value} was never written`;
  }

  /** What is wrong with it; null when nothing is. */
  explain(): string | null {
    const claim = this.explainClaims();
    if (claim !== null) return claim;
    for (const [key, operations] of this.keys) {
      const why = explainNotLinearizable(operations);
      if (why !== null) return `${key} is not linearizable: ${why}`;
    }
    return null;
  }

  private addWrites(op: Invocation, revision: number, writes: readonly Write[]): string | null {
    const given = this.given.get(revision);
    if (given !== undefined)
      return `${op.client}: ${op.text}: revision ${revision} was given to ${given} too`;
    this.given.set(revision, op.text);
    for (const { key, value } of writes) {
      const wrong = this.watched(key, revision, value === null ? null : { value, modRevision: 0 });
      if (wrong !== null) return `${op.client}: ${op.text}: ${wrong}`;
    }
    return null;
  }

  private add(op: Invocation, effects: ReadonlyMap<string, KeyEffect>, returnedAt: number): void {
    for (const [key, effect] of effects) {
      const operations = this.keys.get(key);
      const text = `${op.client} ${op.text}`;
      const operation = { text, effect, invokedAt: op.invokedAt, returnedAt };
      if (operations === undefined) this.keys.set(key, [operation]);
      else operations.push(operation);
    }
  }

  /** Replays what was written, revision by revision, and looks whether every read saw that. */
  private explainClaims(): string | null {
    for (const { key, found } of this.claims) {
      if (found === null) continue;
      const written = this.writes.get(found.modRevision);
      if (written === undefined) {
        // A write that nobody was told of: it must have been tried at least, and once.
        if (!this.tried.has(found.value)) return `${key} holds ${found.value}, never written`;
        this.writes.set(found.modRevision, new Map([[key, found.value]]));
      } else if ((written.get(key) ?? found.value) !== found.value) {
        return `${key} at ${found.modRevision} is ${found.value}, not ${written.get(key)}`;
      } else written.set(key, found.value);
    }
    const versions = new Map<string, [number, string | null][]>();
    for (const [revision, writes] of [...this.writes].sort((a, b) => a[0] - b[0]))
      for (const [key, value] of writes) {
        const list = versions.get(key);
        if (list === undefined) versions.set(key, [[revision, value]]);
        else list.push([revision, value]);
      }
    for (const { key, found, at } of this.claims) {
      const list = versions.get(key) ?? [];
      const newest = list.filter(([revision]) => revision <= at).at(-1);
      const expected = newest?.[1] ?? null;
      if (found === null) {
        // A delete without an answer is not among what is known.
        if (expected !== null && !this.mayBeDeleted(key))
          return `${key} is missing at ${at}, ${expected} was written at ${newest?.[0]}`;
      } else if (newest !== undefined && newest[0] > found.modRevision)
        return `${key} is ${found.value}@${found.modRevision} at ${at}, written again at ${newest[0]}`;
    }
    return null;
  }

  private mayBeDeleted(key: string): boolean {
    return (this.keys.get(key) ?? []).some(
      ({ effect, returnedAt }) => effect.kind === "delete" && returnedAt === NEVER,
    );
  }
}
