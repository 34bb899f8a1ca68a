import dnsPacket from "dns-packet";
import type { Clock } from "../../base/clock.js";
import { messageOf } from "../../base/errors.js";
import type { Logger } from "../../base/logger.js";
import { AnswerCache } from "./answer-cache.js";
import {
  encodeResponse,
  failure,
  parseQuery,
  type Query,
  type ResponseParts,
  TCP_BYTES_MAX,
  udpLimitOf,
} from "./message.js";
import type { DnsRecord } from "./service-records.js";
import type { Upstream } from "./upstream.js";
import type { DnsZone, ZoneAnswer } from "./zone.js";

/** How a query came in: an answer over UDP may have to be cut. */
export type Transport = "udp" | "tcp";

export interface ResolverOptions {
  readonly zone: DnsZone;
  /** False until the zone is complete: until then an unknown name is a failure, not a "no". */
  readonly zoneReady: () => boolean;
  readonly upstream: Pick<Upstream, "ask">;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** Counters since the start. */
export interface ResolverMetrics {
  readonly queries: number;
  readonly forwarded: number;
  readonly cacheHits: number;
  readonly failures: number;
}

/**
 * Answers queries: the cluster's names from the zone, all others through the host's name servers.
 */
export class Resolver {
  private readonly options: ResolverOptions;
  private readonly cache = new AnswerCache();
  private readonly asked = new Map<string, Promise<Buffer>>();
  private turn = 0;
  private readonly counters = { queries: 0, forwarded: 0, cacheHits: 0, failures: 0 };

  constructor(options: ResolverOptions) {
    this.options = options;
  }

  metrics(): ResolverMetrics {
    return { ...this.counters };
  }

  /** The answer to a message, or null when it deserves none. Never rejects. */
  async handle(bytes: Buffer, transport: Transport, signal: AbortSignal): Promise<Buffer | null> {
    const parsed = parseQuery(bytes);
    if ("refusal" in parsed) return parsed.refusal;
    const { query } = parsed;
    this.counters.queries += 1;
    const bytesMax = transport === "udp" ? udpLimitOf(query) : TCP_BYTES_MAX;
    try {
      const own = this.options.zone.resolve(query.name, query.type);
      if (own === null) return await this.forward({ bytes, query }, transport, signal);
      const parts = await this.ownParts(query, own, signal);
      return encodeResponse(query, parts, bytesMax);
    } catch (error) {
      this.counters.failures += 1;
      this.options.logger.debug("a question could not be answered", { error: messageOf(error) });
      return safely(() => encodeResponse(query, failure("SERVFAIL"), bytesMax));
    }
  }

  private async ownParts(
    query: Query,
    found: ZoneAnswer,
    signal: AbortSignal,
  ): Promise<ResponseParts> {
    if (found.answers.length === 0 && !this.options.zoneReady()) return failure("SERVFAIL");
    const { code, additionals } = found;
    const answers = this.rotate(found.answers);
    const empty = answers.length === 0 || (found.alias === null && !hasType(answers, query.type));
    const parts: ResponseParts = {
      code,
      authoritative: true,
      answers,
      authorities: empty ? [this.options.zone.soa()] : [],
      additionals,
    };
    if (found.alias === null) return parts;
    // A stub resolver does not follow an alias by itself: the whole way has to be in the answer.
    const further = await this.askFor(found.alias, query, signal);
    const outside = dnsPacket.decode(further);
    return { ...parts, answers: [...answers, ...(outside.answers ?? [])] };
  }

  private async askFor(name: string, query: Query, signal: AbortSignal): Promise<Buffer> {
    const type = query.type as "A";
    const flags = dnsPacket.RECURSION_DESIRED;
    const bytes = dnsPacket.encode({ type: "query", id: 1, flags, questions: [{ name, type }] });
    const asked = { ...query, name, ednsBytes: null, dnssecOk: false, id: 1 };
    return this.forward({ bytes, query: asked }, "tcp", signal).catch(() =>
      this.forward({ bytes, query: asked }, "udp", signal),
    );
  }

  /** Asks outside, through the cache; the same question under way is asked once. */
  private async forward(
    { bytes, query }: { bytes: Buffer; query: Query },
    transport: Transport,
    signal: AbortSignal,
  ): Promise<Buffer> {
    const { clock, upstream } = this.options;
    const sizes = transport === "udp" ? String(query.ednsBytes) : "tcp";
    const name = query.name.toLowerCase();
    const key = [name, query.type, sizes, query.dnssecOk, query.recursionDesired].join(" ");
    const cached = this.cache.get(key, query.id, clock.monotonicMs());
    if (cached !== null) {
      this.counters.cacheHits += 1;
      return cached;
    }
    let answer = this.asked.get(key);
    if (answer === undefined) {
      this.counters.forwarded += 1;
      answer = upstream
        .ask(bytes, transport, signal)
        .then((received) => {
          this.cache.put(key, received, clock.monotonicMs());
          return received;
        })
        .finally(() => this.asked.delete(key));
      this.asked.set(key, answer);
    }
    const copy = Buffer.from(await answer);
    copy.writeUInt16BE(query.id, 0);
    return copy;
  }

  /** Another first address with every answer: clients take the first one. */
  private rotate(answers: readonly DnsRecord[]): readonly DnsRecord[] {
    if (answers.length < 2 || answers.some(({ type }) => type !== "A")) return answers;
    this.turn = (this.turn + 1) % 0x7fffffff;
    const at = this.turn % answers.length;
    return [...answers.slice(at), ...answers.slice(0, at)];
  }
}

function hasType(records: readonly DnsRecord[], type: string): boolean {
  return type === "ANY" || records.some((record) => record.type === type);
}

function safely(encode: () => Buffer): Buffer | null {
  try {
    return encode();
  } catch {
    // A name that can be read but not written again.
    return null;
  }
}
