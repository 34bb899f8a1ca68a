import { Packr } from "msgpackr";
import {
  type ConfState,
  confStateProblem,
  type Entry,
  type Message,
  type MsgApp,
  type MsgProp,
} from "raft-ts";
import { ByteReader, ByteWriter, MalformedError } from "../bytes.js";

/**
 * What travels between servers, one frame in one WebSocket message:
 *
 *     frame       u8 version, u8 kind, body
 *     control  1  MessagePack: an array of messages (votes, heartbeats, answers)
 *     append   2  u53 term, prevIndex, prevTerm, commit; u32 count; entries
 *     proposals 3 u53 term; u32 count; each u32 length, bytes
 *     request  4  u32 id; u32 length, method; MessagePack
 *     answer   5  u32 id; u8 0: MessagePack, or 1: text code, text message
 *     snapshot 6  MessagePack: what is coming
 *     chunk    7  u53 offset; u32 crc32 of the bytes; bytes
 *     end      8  u53 size; u32 crc32 of everything
 *
 *     entry       u53 term, index; u8 type; u32 length; data
 *
 * Numbers are big-endian, u53 takes eight bytes. Sender and addressee are the connection's: a peer
 * speaks for itself alone.
 */
export const PEER_VERSION = 1;

export const FRAME = {
  control: 1,
  append: 2,
  proposals: 3,
  request: 4,
  answer: 5,
  snapshot: 6,
  chunk: 7,
  end: 8,
} as const;

/** Whom a frame came from, and for whom it is. */
export interface Parties {
  readonly from: string;
  readonly to: string;
}

type ControlMessage = Exclude<Message, { type: "MsgApp" | "MsgProp" | "MsgSnap" }>;

/** What begins the stream of a snapshot. */
export interface SnapshotHead {
  /** The term of the leader that sends it. */
  readonly term: number;
  readonly index: number;
  readonly indexTerm: number;
  readonly confState: ConfState;
  readonly sizeBytes: number;
}

export type PeerFrame =
  | { readonly kind: "messages"; readonly messages: readonly Message[] }
  | {
      readonly kind: "request";
      readonly id: number;
      readonly method: string;
      readonly body: unknown;
    }
  | { readonly kind: "answer"; readonly id: number; readonly answer: PeerAnswer }
  | { readonly kind: "snapshot"; readonly head: SnapshotHead }
  | {
      readonly kind: "chunk";
      readonly offset: number;
      readonly crc: number;
      readonly bytes: Buffer;
    }
  | { readonly kind: "end"; readonly sizeBytes: number; readonly crc: number };

export type PeerAnswer =
  | { readonly ok: true; readonly body: unknown }
  | { readonly ok: false; readonly code: string; readonly message: string };

/** Numbers are positions in this list: append, never reorder. */
const CONTROL_TYPES = [
  "MsgVote",
  "MsgPreVote",
  "MsgVoteResp",
  "MsgPreVoteResp",
  "MsgAppResp",
  "MsgHeartbeat",
  "MsgHeartbeatResp",
  "MsgReadIndex",
  "MsgReadIndexResp",
  "MsgTransferLeader",
  "MsgTimeoutNow",
] as const;

const ENTRY_NORMAL = 0;
const ENTRY_CONF_CHANGE = 1;

// Records would make a frame depend on those before it.
const packr = new Packr({ useRecords: false });

/** The frames of messages to one peer, in their order; a MsgSnap is none of them. */
export function encodeMessages(messages: readonly Message[]): Buffer[] {
  const frames: Buffer[] = [];
  let at = 0;
  while (at < messages.length) {
    const first = messages[at] as Message;
    if (first.type === "MsgApp") {
      frames.push(encodeAppend(first));
      at += 1;
      continue;
    }
    let end = at + 1;
    while (end < messages.length && kindOf(messages[end] as Message) === kindOf(first)) end += 1;
    const same = messages.slice(at, end);
    at = end;
    if (first.type === "MsgProp") frames.push(...encodeProposals(same as MsgProp[]));
    else if (first.type !== "MsgSnap") frames.push(encodeControl(same as ControlMessage[]));
  }
  return frames;
}

function kindOf({ type }: Message): string {
  return type === "MsgApp" || type === "MsgProp" || type === "MsgSnap" ? type : "control";
}

function begin(kind: number, sizeHint: number): ByteWriter {
  return new ByteWriter(sizeHint).u8(PEER_VERSION).u8(kind);
}

function encodeControl(messages: readonly ControlMessage[]): Buffer {
  const bodies = messages.map(({ type, from: _from, to: _to, ...rest }) => {
    return { t: CONTROL_TYPES.indexOf(type), ...rest };
  });
  return begin(FRAME.control, 64 * (bodies.length + 1))
    .raw(packr.pack(bodies))
    .finish();
}

function encodeAppend(m: MsgApp): Buffer {
  let size = 64;
  for (const entry of m.entries) size += entry.data.length + 32;
  const w = begin(FRAME.append, size);
  w.u53(m.term).u53(m.prevIndex).u53(m.prevTerm).u53(m.commit).u32(m.entries.length);
  for (const entry of m.entries) writeEntry(w, entry);
  return w.finish();
}

/** One frame for each term: a leader takes those of its own term alone. */
function encodeProposals(messages: readonly MsgProp[]): Buffer[] {
  const frames: Buffer[] = [];
  let at = 0;
  while (at < messages.length) {
    const { term } = messages[at] as MsgProp;
    let end = at;
    let size = 64;
    while (end < messages.length && messages[end]?.term === term && size < PROPOSALS_BYTES) {
      size += 8 + (messages[end]?.data.length ?? 0);
      end += 1;
    }
    const w = begin(FRAME.proposals, size)
      .u53(term)
      .u32(end - at);
    for (const { data } of messages.slice(at, end)) w.bytes(data);
    frames.push(w.finish());
    at = end;
  }
  return frames;
}

/** A frame of proposals takes no more once it is so large. */
const PROPOSALS_BYTES = 1024 * 1024;

export function encodeRequest(id: number, method: string, body: unknown): Buffer {
  return begin(FRAME.request, 256).u32(id).text(method).raw(packr.pack(body)).finish();
}

export function encodeAnswer(id: number, answer: PeerAnswer): Buffer {
  const w = begin(FRAME.answer, 256).u32(id).bool(!answer.ok);
  if (answer.ok) return w.raw(packr.pack(answer.body)).finish();
  return w.text(answer.code).text(answer.message).finish();
}

export function encodeSnapshotHead(head: SnapshotHead): Buffer {
  return begin(FRAME.snapshot, 256).raw(packr.pack(head)).finish();
}

export function encodeChunk(offset: number, crc: number, bytes: Uint8Array): Buffer {
  return begin(FRAME.chunk, bytes.length + 32)
    .u53(offset)
    .u32(crc)
    .raw(bytes)
    .finish();
}

export function encodeEnd(sizeBytes: number, crc: number): Buffer {
  return begin(FRAME.end, 32).u53(sizeBytes).u32(crc).finish();
}

/** Throws MalformedError: the connection is then of no use. Data are views into `bytes`. */
export function decodeFrame(bytes: Buffer, parties: Parties): PeerFrame {
  const r = new ByteReader(bytes);
  const version = r.u8();
  if (version !== PEER_VERSION) throw new MalformedError(`peer frame version ${version}`);
  const kind = r.u8();
  switch (kind) {
    case FRAME.control:
      return { kind: "messages", messages: decodeControl(r.rest(), parties) };
    case FRAME.append:
      return { kind: "messages", messages: [decodeAppend(r, parties)] };
    case FRAME.proposals:
      return { kind: "messages", messages: decodeProposals(r, parties) };
    case FRAME.request:
      return { kind: "request", id: r.u32(), method: r.text(), body: unpack(r.rest()) };
    case FRAME.answer:
      return { kind: "answer", id: r.u32(), answer: decodeAnswer(r) };
    case FRAME.snapshot:
      return { kind: "snapshot", head: parseHead(unpack(r.rest())) };
    case FRAME.chunk:
      return { kind: "chunk", offset: r.u53(), crc: r.u32(), bytes: r.rest() };
    case FRAME.end:
      return { kind: "end", sizeBytes: r.u53(), crc: r.u32() };
    default:
      throw new MalformedError(`peer frame kind ${kind}`);
  }
}

function decodeAnswer(r: ByteReader): PeerAnswer {
  if (!r.bool()) return { ok: true, body: unpack(r.rest()) };
  return { ok: false, code: r.text(), message: r.text() };
}

function decodeAppend(r: ByteReader, parties: Parties): MsgApp {
  const head = { term: r.u53(), prevIndex: r.u53(), prevTerm: r.u53(), commit: r.u53() };
  const entries: Entry[] = [];
  for (let left = r.u32(); left > 0; left -= 1) {
    const entry = readEntry(r);
    const expected = head.prevIndex + entries.length + 1;
    if (entry.index !== expected) throw new MalformedError(`entry ${entry.index}, not ${expected}`);
    entries.push(entry);
  }
  r.end();
  return { type: "MsgApp", ...parties, ...head, entries };
}

function decodeProposals(r: ByteReader, parties: Parties): MsgProp[] {
  const term = r.u53();
  const messages: MsgProp[] = [];
  for (let left = r.u32(); left > 0; left -= 1)
    // A copy of its own: the entry outlives the frame, and must not keep all of it.
    messages.push({ type: "MsgProp", ...parties, term, data: Buffer.from(r.bytes()) });
  r.end();
  return messages;
}

function writeEntry(w: ByteWriter, { term, index, type, data }: Entry): void {
  w.u53(term).u53(index);
  w.u8(type === "EntryConfChangeV2" ? ENTRY_CONF_CHANGE : ENTRY_NORMAL).bytes(data);
}

function readEntry(r: ByteReader): Entry {
  const entry = { term: r.u53(), index: r.u53() };
  const type = r.u8();
  const data = Buffer.from(r.bytes());
  if (type === ENTRY_NORMAL) return { ...entry, data };
  if (type === ENTRY_CONF_CHANGE) return { ...entry, data, type: "EntryConfChangeV2" };
  throw new MalformedError(`entry type ${type}`);
}

function unpack(bytes: Buffer): unknown {
  try {
    return packr.unpack(bytes) as unknown;
  } catch (error) {
    throw new MalformedError(`not MessagePack: ${String(error)}`);
  }
}

function decodeControl(bytes: Buffer, parties: Parties): Message[] {
  const list = unpack(bytes);
  if (!Array.isArray(list)) throw new MalformedError("control messages are no list");
  return list.map((one: unknown) => parseControl(isFields(one) ? one : {}, parties));
}

type Fields = Readonly<Record<string, unknown>>;

function isFields(value: unknown): value is Fields {
  return typeof value === "object" && value !== null;
}

function parseControl(fields: Fields, { from, to }: Parties): ControlMessage {
  const type = CONTROL_TYPES[number(fields, "t")];
  const term = number(fields, "term");
  switch (type) {
    case "MsgVote":
    case "MsgPreVote": {
      const last = { lastIndex: number(fields, "lastIndex"), lastTerm: number(fields, "lastTerm") };
      const transfer = fields["transfer"] === true ? { transfer: true as const } : {};
      return { type, from, to, term, ...last, committed: commitMark(fields), ...transfer };
    }
    case "MsgVoteResp":
    case "MsgPreVoteResp":
      return {
        type,
        from,
        to,
        term,
        reject: truth(fields, "reject"),
        committed: commitMark(fields),
      };
    case "MsgAppResp": {
      const index = number(fields, "index");
      const reject = truth(fields, "reject");
      const hintIndex = number(fields, "hintIndex");
      const hintTerm = number(fields, "hintTerm");
      return { type, from, to, term, index, reject, hintIndex, hintTerm };
    }
    case "MsgHeartbeat": {
      const commit = number(fields, "commit");
      return { type, from, to, term, commit, context: number(fields, "context") };
    }
    case "MsgHeartbeatResp":
    case "MsgReadIndex":
      return { type, from, to, term, context: number(fields, "context") };
    case "MsgReadIndexResp": {
      const index = number(fields, "index");
      return { type, from, to, term, context: number(fields, "context"), index };
    }
    case "MsgTransferLeader":
      return { type, from, to, term, transferee: text(fields, "transferee") };
    case "MsgTimeoutNow":
      return { type, from, to, term };
    case undefined:
    default:
      throw new MalformedError(`message type ${String(fields["t"])}`);
  }
}

function commitMark(fields: Fields): { readonly index: number; readonly term: number } {
  const mark = { ...(fields["committed"] as Record<string, unknown>) };
  return { index: number(mark, "index"), term: number(mark, "term") };
}

function parseHead(value: unknown): SnapshotHead {
  const fields = { ...(value as Record<string, unknown>) };
  const conf = { ...(fields["confState"] as Record<string, unknown>) };
  const confState: ConfState = {
    voters: texts(conf, "voters"),
    votersOutgoing: texts(conf, "votersOutgoing"),
    learners: texts(conf, "learners"),
    learnersNext: texts(conf, "learnersNext"),
    autoLeave: truth(conf, "autoLeave"),
  };
  const problem = confStateProblem(confState);
  if (problem !== null) throw new MalformedError(`a membership that cannot be: ${problem}`);
  return {
    term: number(fields, "term"),
    index: number(fields, "index"),
    indexTerm: number(fields, "indexTerm"),
    sizeBytes: number(fields, "sizeBytes"),
    confState,
  };
}

function number(fields: Fields, name: string): number {
  const value = fields[name];
  if (typeof value === "number" && Number.isSafeInteger(value) && value >= 0) return value;
  throw new MalformedError(`${name} is no index, term or number`);
}

function truth(fields: Fields, name: string): boolean {
  const value = fields[name];
  if (typeof value === "boolean") return value;
  throw new MalformedError(`${name} is no truth value`);
}

function text(fields: Fields, name: string): string {
  const value = fields[name];
  if (typeof value === "string" && value !== "") return value;
  throw new MalformedError(`${name} is no text`);
}

function texts(fields: Fields, name: string): string[] {
  const value = fields[name];
  if (!Array.isArray(value)) throw new MalformedError(`${name} is no list`);
  return value.map((one: unknown, i) => text({ [i]: one }, String(i)));
}
