import type { ByteReader, ByteWriter } from "../bytes.js";
import type { SetHash } from "./state-hash.js";

/** Where a member is found, and what people call it. */
export interface MemberRecord {
  /** Its id in the log: drawn once, never used again. */
  readonly id: string;
  readonly name: string;
  /** Where it listens for its peers, such as wss://10.0.0.1:6444. */
  readonly peerUrl: string;
  /** Where its API is, such as https://10.0.0.1:6443. */
  readonly apiUrl: string;
}

/** Members that left and are remembered, so that they can be told. */
const REMOVED_MAX = 256;

/**
 * Names and addresses of the members: a part of the replicated state. Who is a member is the log's
 * business (ConfState); a record may be there before its member is, never after it left.
 */
export class MemberTable {
  private readonly records = new Map<string, MemberRecord>();
  /** Who left, by the index of the entry that removed it; oldest first. */
  private readonly left = new Map<string, number>();

  get(id: string): MemberRecord | null {
    return this.records.get(id) ?? null;
  }

  all(): readonly MemberRecord[] {
    return [...this.records.values()];
  }

  set(record: MemberRecord): void {
    this.records.set(record.id, record);
  }

  /** True for a member that left: it never comes back. */
  hasLeft(id: string): boolean {
    return this.left.has(id);
  }

  /** A member left; returns who is forgotten for it, with the index at which that one left. */
  leave(id: string, index: number): { readonly id: string; readonly index: number } | null {
    this.records.delete(id);
    this.left.set(id, index);
    if (this.left.size <= REMOVED_MAX) return null;
    const oldest = this.left.entries().next().value;
    if (oldest === undefined) return null;
    this.left.delete(oldest[0]);
    return { id: oldest[0], index: oldest[1] };
  }

  addTo(hash: SetHash): void {
    for (const { id, name, peerUrl, apiUrl } of this.records.values())
      hash.add(sumOf(`${id} ${name} ${peerUrl} ${apiUrl}`), 1);
    for (const [id, index] of this.left) hash.add(sumOf(id), index);
  }
}

export function writeMember(w: ByteWriter, { id, name, peerUrl, apiUrl }: MemberRecord): void {
  w.text(id).text(name).text(peerUrl).text(apiUrl);
}

/** Throws MalformedError. */
export function readMember(r: ByteReader): MemberRecord {
  return { id: r.text(), name: r.text(), peerUrl: r.text(), apiUrl: r.text() };
}

/** FNV-1a, 32 bits. */
function sumOf(text: string): number {
  let sum = 0x811c9dc5;
  for (let i = 0; i < text.length; i += 1)
    sum = Math.imul(sum ^ text.charCodeAt(i), 0x01000193) >>> 0;
  return sum;
}
