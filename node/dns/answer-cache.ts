import dnsPacket, { type Answer, type DecodedPacket } from "dns-packet";

/** An answer of a name server outside, and until when it holds. */
interface Entry {
  readonly packet: DecodedPacket;
  readonly storedMs: number;
  readonly expiresMs: number;
}

const ENTRIES_MAX = 4096;
const TTL_MAX_SECONDS = 30;
const NEGATIVE_TTL_MAX_SECONDS = 5;

/**
 * A small cache of outside answers: at most 30 s for what is there, 5 s for what is not. Pure:
 * times come in.
 */
export class AnswerCache {
  private readonly entries = new Map<string, Entry>();

  get size(): number {
    return this.entries.size;
  }

  /** The answer with its times reduced by its age and this id, or null. */
  get(key: string, id: number, nowMs: number): Buffer | null {
    const entry = this.entries.get(key);
    if (entry === undefined) return null;
    if (nowMs >= entry.expiresMs) {
      this.entries.delete(key);
      return null;
    }
    const ageSeconds = Math.floor((nowMs - entry.storedMs) / 1000);
    return encodeAged(entry.packet, id, ageSeconds);
  }

  /** Keeps an answer if it is complete and may be kept. */
  put(key: string, bytes: Buffer, nowMs: number): void {
    const packet = decodeCacheable(bytes);
    if (packet === null) return;
    const seconds = lifetimeSeconds(packet);
    if (seconds <= 0) return;
    this.entries.delete(key);
    if (this.entries.size >= ENTRIES_MAX) this.dropOldest();
    this.entries.set(key, { packet, storedMs: nowMs, expiresMs: nowMs + seconds * 1000 });
  }

  private dropOldest(): void {
    for (const oldest of this.entries.keys()) {
      this.entries.delete(oldest);
      return;
    }
  }
}

/** Null for truncated answers, failures, and what dns-packet could not write again. */
function decodeCacheable(bytes: Buffer): DecodedPacket | null {
  const flags = bytes.readUInt16BE(2);
  const code = flags & 0xf;
  if ((flags & dnsPacket.TRUNCATED_RESPONSE) !== 0 || (code !== 0 && code !== 3)) return null;
  try {
    const packet = dnsPacket.decode(bytes);
    encodeAged(packet, 0, 0);
    return packet;
  } catch {
    return null;
  }
}

function lifetimeSeconds(packet: DecodedPacket): number {
  const answers = packet.answers ?? [];
  const negative = answers.length === 0;
  const records = negative ? (packet.authorities ?? []) : answers;
  const ttls = records.map((record) => {
    const soaMinimum = record.type === "SOA" ? (record.data.minimum ?? 0) : Infinity;
    return Math.min(ttlOf(record), negative ? soaMinimum : Infinity);
  });
  const limit = negative ? NEGATIVE_TTL_MAX_SECONDS : TTL_MAX_SECONDS;
  return ttls.length === 0 ? 0 : Math.min(limit, ...ttls);
}

function ttlOf(record: Answer): number {
  return "ttl" in record ? (record.ttl ?? 0) : Infinity;
}

function encodeAged(packet: DecodedPacket, id: number, ageSeconds: number): Buffer {
  const age = (records: readonly Answer[] = []): Answer[] =>
    records.map((record) =>
      "ttl" in record ? { ...record, ttl: Math.max(0, ttlOf(record) - ageSeconds) } : record,
    );
  const { questions = [], answers, authorities, additionals, flags = 0 } = packet;
  // The decoder keeps the response code apart from the flags.
  const code = (packet as { rcode?: string }).rcode === "NXDOMAIN" ? 3 : 0;
  return dnsPacket.encode({
    type: "response",
    id,
    flags: (flags & 0x7ff0) | code,
    questions,
    answers: age(answers),
    authorities: age(authorities),
    additionals: age(additionals),
  });
}
