import type { Duplex, Readable } from "node:stream";
import type { Clock } from "../../base/clock.js";
import { CodedError } from "../../base/errors.js";
import {
  type CommandClientEnd,
  type CommandProtocol,
  type CommandServerEnd,
  type CommandStreams,
  outcomeFor,
} from "./remote-command.js";
import { SpdySession } from "./spdy-session.js";
import type { SpdyStream } from "./spdy-stream.js";

type StreamType = "error" | "stdin" | "stdout" | "stderr" | "resize";

const STREAM_TYPE_HEADER = "streamtype";

/** The streams of a command did not come up in time, or were refused. */
export class CommandStreamsMissing extends CodedError<"CommandStreamsMissing"> {
  constructor(missing: readonly string[]) {
    super("CommandStreamsMissing", `timed out waiting for the streams ${missing.join(", ")}`);
  }
}

/** How the streams of a command over SPDY are set up. */
export interface SpdyCommandOptions {
  readonly streams: CommandStreams;
  readonly protocol: CommandProtocol;
  readonly clock: Clock;
  /** How long the other side may take to open, or to accept, the streams. */
  readonly timeoutMs: number;
}

/**
 * The server's end of a command, over a connection just upgraded to SPDY: waits for the client to
 * open its streams. Throws CommandStreamsMissing, and drops the connection, when they do not come.
 */
export async function spdyCommandServer(
  transport: Duplex,
  options: SpdyCommandOptions,
): Promise<CommandServerEnd> {
  const wanted = streamTypes(options.streams, options.protocol);
  const opened = new Map<StreamType, SpdyStream>();
  let resolveComplete: () => void = () => {};
  const complete = new Promise<void>((resolve) => {
    resolveComplete = resolve;
  });
  const onStream = (stream: SpdyStream): void => {
    const type = wanted.find((candidate) => candidate === stream.headers[STREAM_TYPE_HEADER]);
    if (type === undefined || opened.has(type)) return void stream.destroy();
    opened.set(type, stream);
    if (opened.size === wanted.length) resolveComplete();
  };
  const session = new SpdySession(transport, { role: "server", clock: options.clock, onStream });
  const inTime = await beforeDeadline(Promise.race([complete, session.closed]), options);
  const missing = wanted.filter((type) => !opened.has(type));
  if (!inTime || missing.length > 0) {
    session.destroy();
    throw new CommandStreamsMissing(missing);
  }
  return serverEnd(session, opened, options.protocol);
}

/**
 * The client's end of a command, over a connection just upgraded to SPDY: opens the streams. Throws
 * CommandStreamsMissing.
 */
export async function spdyCommandClient(
  transport: Duplex,
  options: SpdyCommandOptions,
): Promise<CommandClientEnd> {
  const session = new SpdySession(transport, { role: "client", clock: options.clock });
  const types = streamTypes(options.streams, options.protocol);
  const pending = types.map((type) => ({ type, ...session.open({ [STREAM_TYPE_HEADER]: type }) }));
  const replies = Promise.all(pending.map(({ opened }) => opened));
  const inTime = await beforeDeadline(replies, options);
  const accepted = inTime ? await replies : [];
  const missing = types.filter((_type, i) => accepted[i] !== true);
  if (missing.length > 0) {
    session.destroy();
    throw new CommandStreamsMissing(missing);
  }
  const streams = new Map(pending.map(({ type, stream }) => [type, stream]));
  return clientEnd(session, streams);
}

/** In the order in which clients open them: the runtime answers once all are there. */
function streamTypes(streams: CommandStreams, protocol: CommandProtocol): readonly StreamType[] {
  const resizable = protocol !== "channel.k8s.io" && protocol !== "v2.channel.k8s.io";
  return [
    "error",
    ...(streams.stdin ? (["stdin"] as const) : []),
    ...(streams.stdout ? (["stdout"] as const) : []),
    ...(streams.stderr && !streams.tty ? (["stderr"] as const) : []),
    ...(streams.tty && resizable ? (["resize"] as const) : []),
  ];
}

function serverEnd(
  session: SpdySession,
  streams: ReadonlyMap<StreamType, SpdyStream>,
  protocol: CommandProtocol,
): CommandServerEnd {
  const writeOnly = (type: StreamType): SpdyStream | null => {
    // The client half-closes what it only reads; nobody else would notice.
    streams.get(type)?.resume();
    return streams.get(type) ?? null;
  };
  const error = writeOnly("error");
  return {
    stdin: streams.get("stdin") ?? null,
    stdout: writeOnly("stdout"),
    stderr: writeOnly("stderr"),
    resize: streams.get("resize") ?? null,
    ready: Promise.resolve(),
    closed: session.closed,
    finish: (outcome) => {
      error?.once("close", () => session.close());
      error?.once("finish", () => session.close());
      error?.end(outcomeFor(protocol, outcome) ?? "");
    },
    destroy: () => session.destroy(),
  };
}

function clientEnd(
  session: SpdySession,
  streams: ReadonlyMap<StreamType, SpdyStream>,
): CommandClientEnd {
  // What is only read is not half-closed: a runtime whose command is short has closed the connection
  // by then, and its kernel answers what comes too late by throwing away what we have not read yet.
  return {
    stdin: streams.get("stdin") ?? null,
    stdout: streams.get("stdout") ?? null,
    stderr: streams.get("stderr") ?? null,
    resize: streams.get("resize") ?? null,
    error: streams.get("error") as Readable,
    closed: session.closed,
    destroy: () => session.destroy(),
  };
}

/** False when the time passed first. */
function beforeDeadline(
  event: Promise<unknown>,
  { clock, timeoutMs }: { clock: Clock; timeoutMs: number },
): Promise<boolean> {
  return new Promise((resolve) => {
    const cancel = clock.schedule(timeoutMs, () => resolve(false));
    void event.then(() => {
      cancel();
      resolve(true);
    });
  });
}
