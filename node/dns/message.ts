import dnsPacket, { type Answer, type DecodedPacket } from "dns-packet";

/** What a client may be sent over UDP without asking for more (RFC 1035 §4.2.1). */
export const UDP_BYTES_MIN = 512;
/** What we send over UDP at most, and tell others (EDNS0); pods are one hop away. */
export const UDP_BYTES_MAX = 4096;
/** The longest message TCP can carry. */
export const TCP_BYTES_MAX = 65_535;

/** Response codes in use (RFC 1035 §4.1.1). */
export const RESPONSE_CODES = {
  NOERROR: 0,
  FORMERR: 1,
  SERVFAIL: 2,
  NXDOMAIN: 3,
  NOTIMP: 4,
  REFUSED: 5,
} as const;
export type ResponseCode = keyof typeof RESPONSE_CODES;

/** A question that can be answered. */
export interface Query {
  readonly id: number;
  /** As asked, without the last dot. */
  readonly name: string;
  readonly type: string;
  readonly recursionDesired: boolean;
  /** The payload size of the client's EDNS0 record; null: it sent none. */
  readonly ednsBytes: number | null;
  readonly dnssecOk: boolean;
}

/** What came in: a question, or the answer to something that is none; null: not worth an answer. */
export type ParsedQuery =
  | { readonly query: Query }
  | { readonly refusal: Buffer }
  | { readonly refusal: null };

const HEADER_BYTES = 12;
const OPCODE_MASK = 0x7800;

/** Reads a query. Never throws. */
export function parseQuery(bytes: Buffer): ParsedQuery {
  if (bytes.length < HEADER_BYTES) return { refusal: null };
  const flags = bytes.readUInt16BE(2);
  // An answer: replying to it could go on for ever between two servers.
  if ((flags & 0x8000) !== 0) return { refusal: null };
  if ((flags & OPCODE_MASK) !== 0) return { refusal: bareRefusal(bytes, "NOTIMP") };
  let packet: DecodedPacket;
  try {
    packet = dnsPacket.decode(bytes);
  } catch {
    return { refusal: bareRefusal(bytes, "FORMERR") };
  }
  const [question, ...others] = packet.questions ?? [];
  if (question === undefined || others.length > 0)
    return { refusal: bareRefusal(bytes, "FORMERR") };
  if (question.class !== undefined && question.class !== "IN")
    return { refusal: bareRefusal(bytes, "REFUSED") };
  const opt = packet.additionals?.find(({ type }) => type === "OPT");
  const edns = opt?.type === "OPT" ? opt : null;
  return {
    query: {
      id: packet.id ?? 0,
      name: question.name === "." ? "" : question.name,
      type: question.type,
      recursionDesired: (flags & dnsPacket.RECURSION_DESIRED) !== 0,
      ednsBytes: edns === null ? null : edns.udpPayloadSize,
      dnssecOk: edns?.flag_do ?? false,
    },
  };
}

/** The parts of an answer. */
export interface ResponseParts {
  readonly code: ResponseCode;
  /** True for names of the cluster's own zone. */
  readonly authoritative: boolean;
  readonly answers: readonly Answer[];
  readonly authorities: readonly Answer[];
  readonly additionals: readonly Answer[];
}

/** A failure without records. */
export function failure(code: ResponseCode): ResponseParts {
  return { code, authoritative: false, answers: [], authorities: [], additionals: [] };
}

/**
 * The bytes of an answer that fit into `bytesMax`. What is too long loses first its additional
 * records, and then all records, with the truncation bit that sends the client to TCP (RFC 2181
 * §9).
 */
export function encodeResponse(query: Query, parts: ResponseParts, bytesMax: number): Buffer {
  const whole = encodeParts(query, parts, 0);
  if (whole.length <= bytesMax) return whole;
  const shorter = encodeParts(query, { ...parts, additionals: [] }, 0);
  if (shorter.length <= bytesMax) return shorter;
  const empty = { ...parts, answers: [], authorities: [], additionals: [] };
  return encodeParts(query, empty, dnsPacket.TRUNCATED_RESPONSE);
}

/** How long an answer over UDP may be for this client. */
export function udpLimitOf({ ednsBytes }: Query): number {
  return Math.min(UDP_BYTES_MAX, Math.max(UDP_BYTES_MIN, ednsBytes ?? 0));
}

function encodeParts(query: Query, parts: ResponseParts, extraFlags: number): Buffer {
  const flags =
    RESPONSE_CODES[parts.code] |
    (parts.authoritative ? dnsPacket.AUTHORITATIVE_ANSWER : 0) |
    (query.recursionDesired ? dnsPacket.RECURSION_DESIRED : 0) |
    dnsPacket.RECURSION_AVAILABLE |
    extraFlags;
  const edns: Answer = {
    type: "OPT",
    name: ".",
    udpPayloadSize: UDP_BYTES_MAX,
    extendedRcode: 0,
    ednsVersion: 0,
    flags: 0,
    flag_do: false,
    options: [],
  };
  return dnsPacket.encode({
    type: "response",
    id: query.id,
    flags,
    questions: [{ name: query.name === "" ? "." : query.name, type: query.type as "A" }],
    answers: [...parts.answers],
    authorities: [...parts.authorities],
    additionals: query.ednsBytes === null ? [...parts.additionals] : [...parts.additionals, edns],
  });
}

/** A header that says no, for what could not be read further. */
function bareRefusal(bytes: Buffer, code: ResponseCode): Buffer {
  const header = Buffer.alloc(HEADER_BYTES);
  header.writeUInt16BE(bytes.readUInt16BE(0), 0);
  const asked = bytes.readUInt16BE(2) & (OPCODE_MASK | dnsPacket.RECURSION_DESIRED);
  header.writeUInt16BE(0x8000 | asked | RESPONSE_CODES[code], 2);
  return header;
}
