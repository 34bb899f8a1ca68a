import { Packr } from "msgpackr";
import { CodedError } from "../base/errors.js";
import { type NodeUsage, parseNodeUsage } from "./usage.js";

/** Format of the frames below; a peer that speaks another one is refused at the hello. */
export const FRAME_VERSION = 1;

/** The largest frame either side takes. */
export const FRAME_BYTES_MAX = 1 << 20;

/** First frame of an agent: who it is. The server compares `node` with the client certificate. */
export interface HelloFrame {
  readonly type: "hello";
  readonly node: string;
  /** Version of the agent's program. */
  readonly agentVersion: string;
}

/** First frame of a server: the link is accepted. */
export interface WelcomeFrame {
  readonly type: "welcome";
  /** Version of the server's program. */
  readonly serverVersion: string;
  /**
   * How often the agent shall send a heartbeat, and after how long a silence either side gives the
   * link up.
   */
  readonly heartbeatMs: number;
  readonly silenceMs: number;
}

/**
 * Sent by the agent in the rhythm of the welcome, numbered from 1 on. The server sends those with
 * odd numbers back: enough to be heard well within the silence.
 */
export interface HeartbeatFrame {
  readonly type: "heartbeat";
  readonly sequence: number;
}

/** The agent ends on purpose: it is not to be called dead. */
export interface ByeFrame {
  readonly type: "bye";
}

/** What the agent measured lately; sent again and again, the newest counts. */
export interface UsageFrame {
  readonly type: "usage";
  readonly usage: NodeUsage;
}
export type Frame = HelloFrame | WelcomeFrame | HeartbeatFrame | ByeFrame | UsageFrame;

/** BadFrame: not a frame of this format. */
export type FrameErrorCode = "BadFrame";

// Records off: both ends would have to share their structures (see docs/adr).
const packr = new Packr({ useRecords: false, variableMapSize: true });

/** The bytes of a frame in its versioned envelope. */
export function encodeFrame(frame: Frame): Buffer {
  return packr.pack({ v: FRAME_VERSION, ...frame });
}

/**
 * Reads a frame. Null for a type that a newer peer knows and we do not: to be passed over. Throws
 * CodedError (FrameErrorCode) for bytes that are no frame.
 */
export function decodeFrame(bytes: Uint8Array): Frame | null {
  const value = unpack(bytes);
  if (value["v"] !== FRAME_VERSION) throw badFrame(`version ${String(value["v"])}`);
  switch (value["type"]) {
    case "hello":
      return {
        type: "hello",
        node: textOf(value, "node"),
        agentVersion: textOf(value, "agentVersion"),
      };
    case "welcome":
      return {
        type: "welcome",
        serverVersion: textOf(value, "serverVersion"),
        heartbeatMs: positiveOf(value, "heartbeatMs"),
        silenceMs: positiveOf(value, "silenceMs"),
      };
    case "heartbeat":
      return { type: "heartbeat", sequence: positiveOf(value, "sequence") };
    case "bye":
      return { type: "bye" };
    case "usage":
      return { type: "usage", usage: usageOf(value) };
    default:
      if (typeof value["type"] !== "string") throw badFrame("no type");
      return null;
  }
}

function unpack(bytes: Uint8Array): Record<string, unknown> {
  let value: unknown;
  try {
    value = packr.unpack(bytes);
  } catch (cause) {
    throw badFrame("not MessagePack", cause);
  }
  if (typeof value !== "object" || value === null || Array.isArray(value))
    throw badFrame("not a map");
  return value as Record<string, unknown>;
}

const TEXT_MAX_CHARS = 253;

function textOf(value: Record<string, unknown>, field: string): string {
  const text = value[field];
  if (typeof text !== "string" || text === "" || text.length > TEXT_MAX_CHARS)
    throw badFrame(`field ${field}`);
  return text;
}

function usageOf(value: Record<string, unknown>): NodeUsage {
  const usage = parseNodeUsage(value["usage"]);
  if (usage === null) throw badFrame("field usage");
  return usage;
}

function positiveOf(value: Record<string, unknown>, field: string): number {
  const number = value[field];
  if (typeof number !== "number" || !Number.isSafeInteger(number) || number <= 0)
    throw badFrame(`field ${field}`);
  return number;
}

function badFrame(what: string, cause?: unknown): CodedError<FrameErrorCode> {
  return new CodedError("BadFrame", `not a frame of format ${FRAME_VERSION}: ${what}`, { cause });
}
