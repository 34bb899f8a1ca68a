import type { Readable } from "node:stream";
import type { WebSocket } from "ws";
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
 * The server's end of a command over an open WebSocket. Says at once, by an empty message, that it
 * is connected.
 */
export function webSocketCommandServer(
  socket: WebSocket,
  protocol: WebSocketCommandProtocol,
  streams: CommandStreams,
): CommandServerEnd {
  const stderr = streams.stderr && !streams.tty;
  const channels = new WebSocketChannels(socket, {
    base64: protocol.base64,
    halfClose: protocol.version === "v5.channel.k8s.io" ? "incoming" : "none",
    readable: [...(streams.stdin ? [CHANNEL.stdin] : []), ...(streams.tty ? [CHANNEL.resize] : [])],
  });
  const end: CommandServerEnd = {
    stdin: channels.readable(CHANNEL.stdin),
    stdout: streams.stdout ? channels.writable(CHANNEL.stdout) : null,
    stderr: stderr ? channels.writable(CHANNEL.stderr) : null,
    resize: channels.readable(CHANNEL.resize),
    closed: channels.closed,
    finish: (outcome) => {
      const text = outcomeFor(protocol.version, outcome);
      channels.finish(text === null ? null : { channel: CHANNEL.error, data: Buffer.from(text) });
    },
    destroy: () => channels.destroy(),
  };
  const lowest = streams.stdout ? CHANNEL.stdout : stderr ? CHANNEL.stderr : CHANNEL.error;
  channels.send(lowest, Buffer.alloc(0));
  return end;
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
