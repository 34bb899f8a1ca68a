import type { Readable, Writable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { failure } from "../machinery/status.js";

/** What runs: which of the standard streams are connected, and whether to a terminal. */
export interface CommandStreams {
  readonly stdin: boolean;
  readonly stdout: boolean;
  readonly stderr: boolean;
  /** A terminal has one output: stderr is then part of stdout. */
  readonly tty: boolean;
}

/** The versions of the remote command protocol, newest first, as named on the wire. */
export const COMMAND_PROTOCOLS = [
  "v5.channel.k8s.io",
  "v4.channel.k8s.io",
  "v3.channel.k8s.io",
  "v2.channel.k8s.io",
  "channel.k8s.io",
] as const;
export type CommandProtocol = (typeof COMMAND_PROTOCOLS)[number];

/** What SPDY peers may choose: v5 adds only what SPDY has by itself, the half-close. */
export const SPDY_COMMAND_PROTOCOLS: readonly CommandProtocol[] = COMMAND_PROTOCOLS.slice(1);

/** The channels of a command, numbered as in a WebSocket message. */
export const CHANNEL = { stdin: 0, stdout: 1, stderr: 2, error: 3, resize: 4, close: 255 } as const;

/** The first protocol of the client's list that the server speaks, or null. */
export function negotiateProtocol<P extends string>(
  offered: readonly string[],
  accepted: readonly P[],
): P | null {
  for (const protocol of offered) {
    const match = accepted.find((candidate) => candidate === protocol);
    if (match !== undefined) return match;
  }
  return null;
}

/** The end of a command's connection that faces whoever asked for it. */
export interface CommandServerEnd {
  /** Null when the requester did not ask for the stream; so for all of them. */
  readonly stdin: Readable | null;
  readonly stdout: Writable | null;
  readonly stderr: Writable | null;
  /** JSON documents {"Width":…,"Height":…}, one after another. */
  readonly resize: Readable | null;
  /** Resolves once the requester takes output; never rejects. */
  readonly ready: Promise<void>;
  /** Resolves when the requester is gone; never rejects. */
  readonly closed: Promise<void>;
  /** Sends the outcome (a Status as JSON) after the output and ends the connection. */
  finish(outcome: string): void;
  /** Drops the connection. */
  destroy(): void;
}

/** The end of a command's connection that faces what runs it. */
export interface CommandClientEnd {
  readonly stdin: Writable | null;
  readonly stdout: Readable | null;
  readonly stderr: Readable | null;
  readonly resize: Writable | null;
  /** Carries the outcome, then ends. */
  readonly error: Readable;
  /** Resolves when the other side is gone; never rejects. */
  readonly closed: Promise<void>;
  destroy(): void;
}

const OUTCOME_BYTES_MAX = 64 * 1024;

/**
 * Joins the two ends of a command: bytes flow as fast as the slower side takes them, an end of
 * stdin is passed on, and the outcome follows once all output was handed over. Resolves when both
 * ends are done; never rejects.
 */
export async function relayCommand(
  server: CommandServerEnd,
  client: CommandClientEnd,
): Promise<void> {
  // Either side's disappearance ends the other.
  void server.closed.then(() => client.destroy());
  const inputs = [pump(server.stdin, client.stdin), pump(server.resize, client.resize)];
  // Until they are read, nobody else hears of their failure.
  for (const output of [client.stdout, client.stderr, client.error]) output?.on("error", () => {});
  await server.ready;
  const outputs = [pump(client.stdout, server.stdout), pump(client.stderr, server.stderr)];
  const outcome = await readOutcome(client.error);
  await Promise.all(outputs);
  server.finish(outcome ?? LOST);
  client.destroy();
  await Promise.all([...inputs, server.closed, client.closed]);
}

const LOST = JSON.stringify(
  failure(
    500,
    "InternalError",
    "the connection to the container was lost before the command ended",
  ),
);

/**
 * The outcome in the words of an older protocol: before v4 nothing is sent for success, and plain
 * text for failure. Null when nothing is to be sent.
 */
export function outcomeFor(protocol: CommandProtocol, outcome: string): string | null {
  if (protocol === "v5.channel.k8s.io" || protocol === "v4.channel.k8s.io") return outcome;
  const status = parseOutcome(outcome);
  if (status === null) return outcome;
  return status.status === "Success" ? null : (status.message ?? "unknown failure");
}

function parseOutcome(outcome: string): { status?: unknown; message?: string } | null {
  try {
    const value: unknown = JSON.parse(outcome);
    return typeof value === "object" && value !== null ? value : null;
  } catch {
    return null; // Not a Status: passed on as it is.
  }
}

async function readOutcome(error: Readable): Promise<string | null> {
  const chunks: Buffer[] = [];
  let sizeBytes = 0;
  try {
    for await (const chunk of error as AsyncIterable<Buffer>) {
      if (sizeBytes < OUTCOME_BYTES_MAX) chunks.push(chunk);
      sizeBytes += chunk.length;
    }
  } catch {
    // Cut off: what arrived decides.
  }
  const text = Buffer.concat(chunks).toString("utf8");
  return text === "" ? null : text;
}

/** A stream that breaks ends its part alone: the outcome and the other streams still count. */
async function pump(from: Readable | null, to: Writable | null): Promise<void> {
  if (from === null) return to?.end() as undefined;
  if (to === null) {
    from.resume();
    return;
  }
  await pipeline(from, to).catch(() => {});
}
