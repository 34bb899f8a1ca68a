import type { ByteReader, ByteWriter } from "../bytes.js";
import { type ApplyResult, readApplyResult, writeApplyResult } from "./apply-result.js";
import type { Origin } from "./command.js";
import { SetHash } from "./state-hash.js";
import { readList } from "./txn-codec.js";

interface Remembered {
  readonly session: string;
  readonly sequence: number;
  readonly index: number;
  /** Null: too large to be kept. */
  readonly result: ApplyResult | null;
}

/** Outcomes that are remembered: a proposal of several transactions has one for each. */
const REMEMBERED_MAX = 16_384;
/** What takes the place of an outcome among several that is too large to be kept. */
const NOT_KEPT: ApplyResult = {
  type: "error",
  code: "OutcomeUnknown",
  message: "this transaction was sent again, and what it came to was too large to be kept",
};

/**
 * The last proposals that changed something, with their results, so that one sent again is not done
 * again. Part of the replicated state: bounded by the count of outcomes, in the order of the log.
 */
export class Duplicates {
  private readonly sessions = new Map<string, Map<number, Remembered>>();
  /** The remembered ones in the order of the log, from `oldest` on. */
  private log: Remembered[] = [];
  private oldest = 0;
  private outcomes = 0;
  private fresh: Remembered[] = [];
  private readonly sum = new SetHash();
  /** Everything after this index is remembered; it may be forgotten on the disk up to here. */
  floor: number;

  constructor(floor: number) {
    this.floor = floor;
  }

  /** Of everything that is remembered; the same wherever the same log was applied. */
  get hash(): SetHash {
    return this.sum;
  }

  /**
   * - null: not seen; apply it.
   * - "unknown": it may have been applied, but that (or with which result) is no longer known.
   */
  lookUp(origin: Origin): ApplyResult | "unknown" | null {
    if (origin.sequence === 0) return null;
    const known = this.sessions.get(origin.session)?.get(origin.sequence);
    if (known !== undefined) return known.result ?? "unknown";
    if (origin.resentSince !== null && origin.resentSince < this.floor) return "unknown";
    return null;
  }

  remember({ session, sequence }: Origin, index: number, result: ApplyResult): void {
    if (sequence === 0) return;
    const one = { session, sequence, index, result: kept(result) };
    this.fresh.push(one);
    this.add(one);
  }

  /** What came since the last call, for the disk; null when it is nothing. */
  takeFresh(writer: ByteWriter): ByteWriter | null {
    if (this.fresh.length === 0) return null;
    writer.u32(this.fresh.length);
    for (const one of this.fresh) writeRemembered(writer, one);
    this.fresh = [];
    return writer;
  }

  /** Takes in what takeFresh gave, oldest first. Throws MalformedError. */
  load(reader: ByteReader): void {
    // What the table had forgotten when it was written stays forgotten: replicas must agree on it.
    for (const one of readList(reader, readRemembered)) if (one.index > this.floor) this.add(one);
  }

  private add(one: Remembered): void {
    const session = this.sessions.get(one.session);
    if (session === undefined) this.sessions.set(one.session, new Map([[one.sequence, one]]));
    else session.set(one.sequence, one);
    this.sum.add(sumOf(one), one.index);
    this.log.push(one);
    this.outcomes += outcomesOf(one);
    while (this.outcomes > REMEMBERED_MAX) {
      this.forget(this.log[this.oldest] as Remembered);
      this.oldest += 1;
    }
    // Now and then, for it moves what is left.
    if (this.oldest < REMEMBERED_MAX) return;
    this.log = this.log.slice(this.oldest);
    this.oldest = 0;
  }

  private forget(one: Remembered): void {
    const session = this.sessions.get(one.session);
    session?.delete(one.sequence);
    if (session?.size === 0) this.sessions.delete(one.session);
    this.sum.remove(sumOf(one), one.index);
    this.outcomes -= outcomesOf(one);
    this.floor = one.index;
  }
}

/** Whose proposal it was; what it came to follows from its index. */
function sumOf({ session, sequence }: Remembered): number {
  return (
    Number.parseInt(session.slice(0, 8), 16) ^ Number.parseInt(session.slice(8), 16) ^ sequence
  );
}

function outcomesOf({ result }: Remembered): number {
  return result?.type === "txns" ? result.results.length : 1;
}

/** What is remembered of a result; null: nothing but that there was one. */
function kept(result: ApplyResult): ApplyResult | null {
  if (result.type !== "txns") return isSmall(result) ? result : null;
  return { type: "txns", results: result.results.map((one) => kept(one) ?? NOT_KEPT) };
}

/** Pairs are not kept: they can be large, and whoever asked for them asks again. */
function isSmall(result: ApplyResult): boolean {
  if (result.type !== "txn") return true;
  return result.response.results.every((one) => {
    if (one.type === "put") return one.prev === null;
    return one.type === "delete" ? one.prev.length === 0 : one.kvs.length === 0;
  });
}

function writeRemembered(w: ByteWriter, one: Remembered): void {
  const { session, sequence, index, result } = one;
  w.text(`${session}:${sequence}`)
    .u53(index)
    .bool(result !== null);
  if (result !== null) writeApplyResult(w, result);
}

function readRemembered(r: ByteReader): Remembered {
  const [session = "", sequence] = r.text().split(":");
  const index = r.u53();
  return {
    session,
    sequence: Number(sequence),
    index,
    result: r.bool() ? readApplyResult(r) : null,
  };
}
