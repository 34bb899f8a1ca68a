import { readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import type { Entry, Message } from "raft-ts";
import t from "tap";
import {
  decodeFrame,
  encodeAnswer,
  encodeChunk,
  encodeEnd,
  encodeMessages,
  encodeRequest,
  encodeSnapshotHead,
  PEER_VERSION,
} from "./codec.js";

const parties = { from: "a1", to: "b2" };

function roundTrip(messages: readonly Message[]): Message[] {
  return encodeMessages(messages).flatMap((frame) => {
    const decoded = decodeFrame(frame, parties);
    return decoded.kind === "messages" ? decoded.messages : [];
  });
}

const entry: Entry = { term: 3, index: 8, data: Buffer.from("value") };
const change: Entry = { term: 3, index: 9, data: Buffer.from("{}"), type: "EntryConfChangeV2" };
const committed = { index: 7, term: 2 };
const hints = { hintIndex: 4, hintTerm: 2 };
const EVERY: readonly Message[] = [
  { type: "MsgVote", ...parties, term: 4, lastIndex: 9, lastTerm: 3, committed, transfer: true },
  { type: "MsgPreVote", ...parties, term: 4, lastIndex: 9, lastTerm: 3, committed },
  { type: "MsgVoteResp", ...parties, term: 4, reject: true, committed },
  { type: "MsgPreVoteResp", ...parties, term: 4, reject: false, committed },
  {
    type: "MsgApp",
    ...parties,
    term: 3,
    prevIndex: 7,
    prevTerm: 2,
    commit: 7,
    entries: [entry, change],
  },
  { type: "MsgAppResp", ...parties, term: 3, index: 9, reject: false, ...hints },
  { type: "MsgHeartbeat", ...parties, term: 3, commit: 2 ** 40, context: 12 },
  { type: "MsgHeartbeatResp", ...parties, term: 3, context: 12 },
  { type: "MsgReadIndex", ...parties, term: 3, context: 5 },
  { type: "MsgReadIndexResp", ...parties, term: 3, context: 5, index: 9 },
  { type: "MsgProp", ...parties, term: 3, data: Buffer.from("first") },
  { type: "MsgProp", ...parties, term: 4, data: Buffer.from("of another term") },
  { type: "MsgTransferLeader", ...parties, term: 3, transferee: "c3" },
  { type: "MsgTimeoutNow", ...parties, term: 3 },
];

void t.test("every message arrives as it was sent, in its order", async (t) => {
  t.same(roundTrip(EVERY), EVERY);
});

void t.test("sender and addressee are the connection's, whatever the bytes say", async (t) => {
  const [frame] = encodeMessages([{ type: "MsgTimeoutNow", from: "x", to: "y", term: 1 }]);
  const decoded = decodeFrame(frame ?? Buffer.alloc(0), parties);
  t.match(decoded, { messages: [{ from: "a1", to: "b2" }] });
});

/**
 * Frames as this version wrote them when it was new. A change that cannot read them needs a new
 * PEER_VERSION, and both read for a release.
 */
void t.test("captured frames of version 1 decode", async (t) => {
  const path = join(import.meta.dirname, "../../../consensus/transport/frames-v1.txt");
  const lines = readFileSync(path, "utf8").trim().split("\n");
  const frames = lines.map((line) => Buffer.from(line, "hex"));
  t.equal(PEER_VERSION, 1);
  const messages = frames.flatMap((frame) => {
    const decoded = decodeFrame(frame, parties);
    return decoded.kind === "messages" ? decoded.messages : [];
  });
  t.same(messages, EVERY);
});

void t.test("requests, answers and snapshots", async (t) => {
  const decode = (frame: Buffer) => decodeFrame(frame, parties);
  const request = { kind: "request", id: 7, method: "status", body: { a: [1, "x", null] } };
  t.same(decode(encodeRequest(7, "status", request.body)), request);
  const ok = { ok: true, body: 5 } as const;
  t.same(decode(encodeAnswer(7, ok)), { kind: "answer", id: 7, answer: ok });
  const failed = { ok: false, code: "NoLeader", message: "nobody leads" } as const;
  t.same(decode(encodeAnswer(8, failed)), { kind: "answer", id: 8, answer: failed });
  const lists = { votersOutgoing: [], learners: ["c3"], learnersNext: [] };
  const confState = { voters: ["a1", "b2"], ...lists, autoLeave: false };
  const head = { term: 4, index: 90, indexTerm: 3, confState, sizeBytes: 12 };
  t.same(decode(encodeSnapshotHead(head)), { kind: "snapshot", head });
  const bytes = Buffer.from("piece");
  t.same(decode(encodeChunk(5, 77, bytes)), { kind: "chunk", offset: 5, crc: 77, bytes });
  t.same(decode(encodeEnd(12, 99)), { kind: "end", sizeBytes: 12, crc: 99 });
});

void t.test("bytes that are no frame are refused, never misread", async (t) => {
  const malformed = { code: "Malformed" };
  const [frame = Buffer.alloc(0)] = encodeMessages(EVERY.slice(4, 5));
  for (let end = 0; end < frame.length; end += 1)
    t.throws(() => decodeFrame(frame.subarray(0, end), parties), malformed, `${end} bytes of it`);
  const newer = Buffer.from(frame);
  newer[0] = 2;
  t.throws(() => decodeFrame(newer, parties), malformed);
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
      try {
        decodeFrame(Buffer.concat([Buffer.from([1]), bytes]), parties);
      } catch (error) {
        return (error as { code?: unknown }).code === "Malformed";
      }
      return true;
    }),
    { numRuns: 2_000 },
  );
});

void t.test("long runs of proposals go in several frames", async (t) => {
  const data = Buffer.alloc(300_000, 1);
  const messages = Array.from({ length: 10 }, (): Message => {
    return { type: "MsgProp", ...parties, term: 3, data };
  });
  const frames = encodeMessages(messages);
  t.ok(frames.length > 1 && frames.every((frame) => frame.length < 2_000_000));
  t.equal(roundTrip(messages).length, 10);
});
