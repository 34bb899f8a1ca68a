import type { RawData, WebSocket } from "ws";
import { pipeline } from "node:stream/promises";
import { Writable } from "node:stream";
import { badRequest } from "../../api/machinery/status.js";
import { ApiFailure } from "../server/api-failure.js";
import type { PodPort, PodPorts } from "./pod-ports.js";

/**
 * Port-forward as the client libraries of other languages speak it: each port of the query has two
 * channels, data and error, in its order, and each channel begins with the port's number.
 */
export const PORT_CHANNELS_PROTOCOL = "v4.channel.k8s.io";

const PORTS_MAX = 100;
/** Above this the pod is asked to wait for the client. */
const BACKLOG_BYTES = 1024 * 1024;

/** The ports of a query, such as `ports=80,443`. Throws 400. */
export function parsePorts(query: URLSearchParams): readonly number[] {
  const ports = query
    .getAll("ports")
    .flatMap((value) => value.split(","))
    .filter((value) => value !== "");
  if (ports.length === 0) throw new ApiFailure(badRequest('query parameter "ports" is required'));
  if (ports.length > PORTS_MAX) throw new ApiFailure(badRequest("too many ports"));
  return ports.map((value) => {
    const port = Number(value);
    if (Number.isInteger(port) && port > 0 && port < 65_536) return port;
    throw new ApiFailure(badRequest(`port ${value} must be between 1 and 65535`));
  });
}

/** Joins the channels of a client to the ports of a pod. Resolves when the client is gone. */
export async function servePortChannels(
  client: WebSocket,
  ports: readonly number[],
  pod: PodPorts,
): Promise<void> {
  const connections = ports.map((port) => pod.connect(port));
  client.on("message", (message) => toPod(client, connections, message));
  const closed = new Promise<void>((resolve) => client.once("close", () => resolve()));
  for (const [index, port] of ports.entries()) {
    for (const channel of [2 * index, 2 * index + 1]) {
      client.send(Buffer.from([channel, port & 0xff, port >> 8]));
    }
  }
  client.resume();
  for (const [index, connection] of connections.entries()) {
    void toClient(client, index, connection);
  }
  void pod.closed.then(() => client.close());
  await closed;
  pod.close();
}

function toPod(client: WebSocket, connections: readonly PodPort[], message: RawData): void {
  const bytes = Buffer.isBuffer(message) ? message : Buffer.concat([message].flat() as Buffer[]);
  const channel = bytes[0] ?? 0;
  const data = connections[channel >> 1]?.data;
  // What a client writes to an error channel has no meaning.
  if (data === undefined || channel % 2 === 1 || bytes.length < 2 || !data.writable) return;
  if (data.write(bytes.subarray(1))) return;
  client.pause();
  data.once("drain", () => client.resume());
  data.once("close", () => client.resume());
}

async function toClient(client: WebSocket, index: number, connection: PodPort): Promise<void> {
  const sink = new Writable({
    highWaterMark: BACKLOG_BYTES,
    write: (chunk: Buffer, _encoding, done) => {
      if (client.readyState !== client.OPEN) done(new Error("the client is gone"));
      else client.send(Buffer.concat([Buffer.from([2 * index]), chunk]), (error) => done(error));
    },
  });
  // Either side may break off at any time: that is how a connection ends.
  await pipeline(connection.data, sink).catch(() => {});
  const error = await connection.error;
  if (error === "" || client.readyState !== client.OPEN) return;
  client.send(Buffer.concat([Buffer.from([2 * index + 1]), Buffer.from(error)]));
}
