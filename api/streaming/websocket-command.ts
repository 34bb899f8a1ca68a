import type { Readable } from "node:stream";
import type { WebSocket } from "ws";
import type { Clock } from "../../base/clock.js";
import {
  CHANNEL,
  type CommandClientEnd,
  type CommandProtocol,
  type CommandServerEnd,
  type CommandStreams,
  outcomeFor,
} from "./remote-command.js";
import { WebSocketChannels } from "./websocket-channels.js";

/** A WebSocket subprotocol for commands: the version of the protocol, and how it is written. */
export interface WebSocketCommandProtocol {
  readonly version: CommandProtocol;
  readonly base64: boolean;
}

/** Every subprotocol a server takes, by name. Versions 2 and 3 were never spoken over WebSocket. */
export const WEBSOCKET_COMMAND_PROTOCOLS: ReadonlyMap<string, WebSocketCommandProtocol> = new Map([
  ["v5.channel.k8s.io", { version: "v5.channel.k8s.io", base64: false }],
  ["v4.channel.k8s.io", { version: "v4.channel.k8s.io", base64: false }],
  ["v4.base64.channel.k8s.io", { version: "v4.channel.k8s.io", base64: true }],
  ["channel.k8s.io", { version: "channel.k8s.io", base64: false }],
  ["base64.channel.k8s.io", { version: "channel.k8s.io", base64: true }],
]);

/** What the first WebSocket clients, which named no subprotocol, speak. */
export const UNNAMED_COMMAND_PROTOCOL: WebSocketCommandProtocol = {
  version: "channel.k8s.io",
  base64: false,
};

/**
 * The server's end of a command over an open WebSocket. Says by an empty message that it is
 * connected, before everything else and once the client is `ready` for it: at once by default.
 */
export function webSocketCommandServer(
  socket: WebSocket,
  protocol: WebSocketCommandProtocol,
  streams: CommandStreams,
  ready: Promise<void> = Promise.resolve(),
): CommandServerEnd {
  const stderr = streams.stderr && !streams.tty;
  const channels = new WebSocketChannels(socket, {
    base64: protocol.base64,
    halfClose: protocol.version === "v5.channel.k8s.io" ? "incoming" : "none",
    readable: [...(streams.stdin ? [CHANNEL.stdin] : []), ...(streams.tty ? [CHANNEL.resize] : [])],
  });
  const lowest = streams.stdout ? CHANNEL.stdout : stderr ? CHANNEL.stderr : CHANNEL.error;
  return {
    stdin: channels.readable(CHANNEL.stdin),
    stdout: streams.stdout ? channels.writable(CHANNEL.stdout) : null,
    stderr: stderr ? channels.writable(CHANNEL.stderr) : null,
    resize: channels.readable(CHANNEL.resize),
    ready: ready.then(() => channels.send(lowest, Buffer.alloc(0))),
    closed: channels.closed,
    finish: (outcome) => {
      const text = outcomeFor(protocol.version, outcome);
      channels.finish(text === null ? null : { channel: CHANNEL.error, data: Buffer.from(text) });
    },
    destroy: () => channels.destroy(),
  };
}

/** A client that does not answer by then is thought to be ready. */
const PONG_MS = 1_000;
/** From a client's reading on until it has its streams: a moment, where nothing gets in between. */
const STREAMS_MS = 10;

/**
 * Resolves when a client that was just accepted can be expected to take output. kubectl before 1.34
 * begins to read beside making its streams, and throws away what comes for one that is not there
 * yet ("Unknown stream id 1, discarding message", kubernetes/kubernetes#131189): of a command that
 * was quick all its output. A kube-apiserver calls the kubelet only then, which takes longer. That
 * it reads, a pong says.
 */
export function readyForOutput(socket: WebSocket, clock: Clock): Promise<void> {
  return new Promise((resolve) => {
    let cancel = clock.schedule(PONG_MS, resolve);
    socket.once("pong", () => {
      cancel();
      cancel = clock.schedule(STREAMS_MS, resolve);
    });
    socket.once("close", () => {
      cancel();
      resolve();
    });
    socket.ping();
  });
}

/** The client's end of a command over an open WebSocket that speaks v5.channel.k8s.io. */
export function webSocketCommandClient(
  socket: WebSocket,
  streams: CommandStreams,
): CommandClientEnd {
  const stderr = streams.stderr && !streams.tty;
  const channels = new WebSocketChannels(socket, {
    base64: false,
    halfClose: "outgoing",
    readable: [
      ...(streams.stdout ? [CHANNEL.stdout] : []),
      ...(stderr ? [CHANNEL.stderr] : []),
      CHANNEL.error,
    ],
  });
  return {
    stdin: streams.stdin ? channels.writable(CHANNEL.stdin) : null,
    stdout: channels.readable(CHANNEL.stdout),
    stderr: channels.readable(CHANNEL.stderr),
    resize: streams.tty ? channels.writable(CHANNEL.resize) : null,
    error: channels.readable(CHANNEL.error) as Readable,
    closed: channels.closed,
    destroy: () => channels.destroy(),
  };
}
