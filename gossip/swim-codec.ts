import { Packr } from "msgpackr";
import { CodedError } from "../base/errors.js";
import type { SwimMessage, Update } from "./swim/types.js";

/** Format of the frames below. */
export const SWIM_FRAME_VERSION = 1;

/** The largest frame either side takes. */
export const SWIM_FRAME_BYTES_MAX = 256 << 10;

/** BadFrame: not a frame of this format. */
export type SwimFrameErrorCode = "BadFrame";

const TEXT_MAX_CHARS = 512;
const UPDATES_MAX = 4_096;
const DIGESTS_MAX = 1_024;
/**
 * Beyond that no member could refute what is said of it. A true one counts how often it was
 * suspected.
 */
const INCARNATION_MAX = 2 ** 48;

// Records off, as in the frames of the agents' link.
const packr = new Packr({ useRecords: false, variableMapSize: true });

/** The bytes of a message in its versioned envelope. */
export function encodeSwim(message: SwimMessage): Buffer {
  const { updates, ...rest } = message;
  // Most frames carry no news.
  return packr.pack({ v: SWIM_FRAME_VERSION, ...rest, ...(updates.length > 0 ? { updates } : {}) });
}

/**
 * Reads a message. Null for a type that a newer member knows and we do not: to be passed over.
 * Throws CodedError (SwimFrameErrorCode) for bytes that are no frame.
 */
export function decodeSwim(bytes: Uint8Array): SwimMessage | null {
  const value = unpack(bytes);
  if (value["v"] !== SWIM_FRAME_VERSION) throw badFrame(`version ${String(value["v"])}`);
  const { type } = value;
  const updates = listOf(value["updates"] ?? [], UPDATES_MAX, updateOf).filter(isKnown);
  switch (type) {
    case "ping":
    case "ack":
    case "nack":
      return { type, seq: countOf(value, "seq"), updates };
    case "ping-req":
      return { type, seq: countOf(value, "seq"), target: textOf(value, "target"), updates };
    case "gossip":
      return { type, updates };
    case "push-pull":
      return { type, digests: listOf(value["digests"], DIGESTS_MAX, naturalOf), updates };
    case "state":
      return { type, want: listOf(value["want"], DIGESTS_MAX, naturalOf), updates };
    default:
      if (typeof type !== "string") throw badFrame("no type");
      return null;
  }
}

/** The first frame of either end of a link: under which name it speaks. */
export function encodeHello(name: string): Buffer {
  return packr.pack({ v: SWIM_FRAME_VERSION, type: "hello", name });
}

/** The name in a hello. Throws CodedError (SwimFrameErrorCode) for anything else. */
export function decodeHello(bytes: Uint8Array): string {
  const value = unpack(bytes);
  if (value["v"] !== SWIM_FRAME_VERSION) throw badFrame(`version ${String(value["v"])}`);
  if (value["type"] !== "hello") throw badFrame("no hello");
  return textOf(value, "name");
}

/** Null for a type that a newer member knows. */
function updateOf(given: unknown): Update | null {
  const value = recordOf(given, "an update");
  const name = textOf(value, "name");
  const incarnation = countOf(value, "incarnation");
  if (incarnation > INCARNATION_MAX) throw badFrame("field incarnation");
  const { type } = value;
  switch (type) {
    case "alive":
      return { type, name, incarnation, address: addressOf(value) };
    case "suspect":
    case "dead":
      return { type, name, incarnation, from: textOf(value, "from") };
    case "left":
      return { type, name, incarnation };
    default:
      if (typeof type !== "string") throw badFrame("an update without a type");
      return null;
  }
}

function isKnown(update: Update | null): update is Update {
  return update !== null;
}

function unpack(bytes: Uint8Array): Record<string, unknown> {
  let value: unknown;
  try {
    value = packr.unpack(bytes);
  } catch (cause) {
    throw badFrame("not MessagePack", cause);
  }
  return recordOf(value, "a frame");
}

function recordOf(value: unknown, what: string): Record<string, unknown> {
  if (typeof value !== "object" || value === null || Array.isArray(value))
    throw badFrame(`${what} is a map`);
  return value as Record<string, unknown>;
}

function listOf<T>(value: unknown, countMax: number, parse: (each: unknown) => T): T[] {
  if (!Array.isArray(value) || value.length > countMax) throw badFrame("a list");
  return value.map(parse);
}

function textOf(value: Record<string, unknown>, field: string): string {
  const text = value[field];
  if (typeof text !== "string" || text === "" || text.length > TEXT_MAX_CHARS)
    throw badFrame(`field ${field}`);
  return text;
}

function addressOf(value: Record<string, unknown>): string {
  const { address } = value;
  if (typeof address !== "string" || address.length > TEXT_MAX_CHARS)
    throw badFrame("field address");
  return address;
}

function countOf(value: Record<string, unknown>, field: string): number {
  return naturalOf(value[field], field);
}

function naturalOf(value: unknown, what: unknown = "a number"): number {
  if (typeof value !== "number" || !Number.isSafeInteger(value) || value < 0)
    throw badFrame(`field ${String(what)}`);
  return value;
}

function badFrame(what: string, cause?: unknown): CodedError<SwimFrameErrorCode> {
  const message = `not a frame of format ${SWIM_FRAME_VERSION}: ${what}`;
  return new CodedError("BadFrame", message, { cause });
}
