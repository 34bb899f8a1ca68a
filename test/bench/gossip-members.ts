/** Some members of the gossip in one process, for the benchmark. Ends with its parent. */
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { createServer, type Server } from "node:https";
import type { AddressInfo, Socket } from "node:net";
import type { TLSSocket } from "node:tls";
import { systemClock, systemRandom } from "../../api/client/system-clock.js";
import { silentLogger } from "../../base/logger.js";
import { GossipHost } from "../../gossip/gossip-host.js";
import { certifiedOf } from "../../gossip/member-credentials.js";
import { memberNameOf } from "./gossip-names.js";

/** What the parent asks for. */
export type ToMembers =
  | { readonly type: "start"; readonly names: readonly string[]; readonly folder: string }
  | { readonly type: "join"; readonly url: string }
  | { readonly type: "count" };

/** What it is told. Times are in milliseconds since 1970. */
export type FromMembers =
  | { readonly type: "started"; readonly urls: readonly string[] }
  | { readonly type: "counted"; readonly live: readonly number[]; readonly bytes: number }
  | {
      readonly type: "event";
      readonly event: "suspect" | "dead";
      readonly name: string;
      readonly by: string;
      readonly atMs: number;
    };

const members: GossipHost[] = [];
/** Every link has one end that was called: its socket sees the bytes of both directions. */
const called = new Set<Socket>();
let endedBytes = 0;

function tell(message: FromMembers): void {
  process.send?.(message);
}

process.on("message", (message: ToMembers) => {
  if (message.type === "start") void startAll(message);
  else if (message.type === "join") for (const member of members) member.join(message.url);
  else {
    let bytes = endedBytes;
    for (const socket of called) bytes += socket.bytesRead + socket.bytesWritten;
    tell({ type: "counted", live: members.map(({ liveCount }) => liveCount), bytes });
  }
});
process.once("disconnect", () => process.exit(0));

async function startAll({ names, folder }: ToMembers & { type: "start" }): Promise<void> {
  const urls: string[] = [];
  for (const name of names) urls.push(await start(name, folder));
  tell({ type: "started", urls });
}

async function start(name: string, folder: string): Promise<string> {
  const files = {
    caFile: `${folder}/ca.crt`,
    certFile: `${folder}/${name}.crt`,
    keyFile: `${folder}/${name}.key`,
  };
  const { caFile, certFile, keyFile } = files;
  const [ca, cert, key] = [
    await readFile(caFile),
    await readFile(certFile),
    await readFile(keyFile),
  ];
  const server = createServer({ ca, cert, key, requestCert: true });
  server.on("connection", count);
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const url = `https://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const host = new GossipHost({
    name: memberNameOf(name),
    address: url,
    ...files,
    clock: systemClock,
    random: systemRandom,
    logger: silentLogger,
    onEvent: ({ type, name: of }) => {
      if (type !== "suspect" && type !== "dead") return;
      const atMs = performance.timeOrigin + performance.now();
      tell({ type: "event", event: type, name: of, by: memberNameOf(name), atMs });
    },
  });
  takeCalls(server, host);
  await host.start();
  members.push(host);
  return url;
}

function count(socket: Socket): void {
  called.add(socket);
  socket.once("close", () => {
    called.delete(socket);
    endedBytes += socket.bytesRead + socket.bytesWritten;
  });
}

function takeCalls(server: Server, host: GossipHost): void {
  server.on("upgrade", (request, socket, head) => {
    const certified = certifiedOf((socket as TLSSocket).getPeerCertificate());
    host.accept({ request, socket, head }, certified);
  });
}
