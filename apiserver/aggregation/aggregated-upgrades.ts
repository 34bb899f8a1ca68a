import type { IncomingMessage } from "node:http";
import { request as httpsRequest } from "node:https";
import type { Duplex } from "node:stream";
import { failure, pathNotFound } from "../../api/machinery/status.js";
import { refuseUpgrade } from "../../api/streaming/upgrade.js";
import type { Clock } from "../../base/clock.js";
import type { Logger } from "../../base/logger.js";
import { isBearerProtocol } from "../auth/bearer-token.js";
import { ApiFailure, toApiFailure } from "../server/api-failure.js";
import type { Identity, UpgradeHandler } from "../server/http-types.js";
import { forwardedHeaders } from "../streaming/forwarded-call.js";
import type { AggregatedService } from "./aggregated-services.js";
import { type AggregationDeps, targetOf } from "./aggregation-router.js";
import { unreachable } from "./extension-servers.js";
import { remoteHeaders, withoutClaims } from "./remote-identity.js";

const STREAMS_MAX = 10_000;
const OPEN_TIMEOUT_MS = 20_000;
const TOO_MANY = failure(429, "TooManyRequests", "too many open streams");

type UpgradeDeps = AggregationDeps & { readonly clock: Clock; readonly logger: Logger };

interface Upgrade {
  readonly message: IncomingMessage;
  readonly socket: Duplex;
  readonly head: Buffer;
}

/** Connections that clients want upgraded by an extension API server, whatever to. */
export class AggregatedUpgrades implements UpgradeHandler {
  private readonly deps: UpgradeDeps;
  private readonly sockets = new Set<Duplex>();

  constructor(deps: UpgradeDeps) {
    this.deps = deps;
  }

  matches(path: string): boolean {
    return targetOf(path, this.deps.services) !== null;
  }

  handle(message: IncomingMessage, socket: Duplex, head: Buffer, identity: Identity): void {
    socket.on("error", () => socket.destroy());
    if (this.sockets.size >= STREAMS_MAX) return refuseUpgrade(socket, TOO_MANY);
    this.sockets.add(socket);
    socket.once("close", () => this.sockets.delete(socket));
    this.serve({ message, socket, head }, identity).catch((error: unknown) => {
      this.deps.logger.debug("an upgrade was refused", { path: message.url, error });
      if (socket.writable) refuseUpgrade(socket, toApiFailure(error).status);
    });
  }

  /** Cuts off every connection. */
  close(): void {
    for (const socket of this.sockets) socket.destroy();
  }

  private async serve(upgrade: Upgrade, identity: Identity): Promise<void> {
    const { message, socket } = upgrade;
    const { services, servers } = this.deps;
    const [path = ""] = (message.url ?? "").split("?");
    const target = targetOf(path, services);
    if (target === null) throw new ApiFailure(pathNotFound());
    const options = await servers.upgradeOptions(target);
    const opening = new AbortController();
    const cancel = this.deps.clock.schedule(OPEN_TIMEOUT_MS, () => opening.abort());
    socket.once("close", () => opening.abort());
    const outgoing = httpsRequest({
      ...options,
      method: message.method,
      path: message.url,
      headers: upgradeHeaders(message, identity),
      signal: opening.signal,
    });
    outgoing.end();
    for (const event of ["response", "upgrade", "error"]) outgoing.once(event, cancel);
    await connected(outgoing, target, upgrade);
  }
}

/** Resolves once both sides speak with each other, or the refusal of the other one is sent. */
function connected(
  outgoing: ReturnType<typeof httpsRequest>,
  target: AggregatedService,
  { socket, head }: Upgrade,
): Promise<void> {
  return new Promise((resolve, reject) => {
    outgoing.once("error", (error) => reject(unreachable(target, error)));
    outgoing.once("response", (answer) => {
      socket.write(headText(answer, { connection: "close" }));
      answer.on("error", () => socket.destroy());
      answer.pipe(socket);
      resolve();
    });
    outgoing.once("upgrade", (answer, upstream, upstreamHead) => {
      upstream.on("error", () => upstream.destroy());
      socket.write(headText(answer, {}));
      if (upstreamHead.length > 0) socket.write(upstreamHead);
      if (head.length > 0) upstream.write(head);
      upstream.pipe(socket).pipe(upstream);
      upstream.once("close", () => socket.destroy());
      socket.once("close", () => upstream.destroy());
      resolve();
    });
  });
}

/** What is sent on, with the upgrade itself and without a token among the subprotocols. */
function upgradeHeaders(
  message: IncomingMessage,
  identity: Identity,
): Record<string, string | string[]> {
  const { upgrade = "" } = message.headers;
  const kept = forwardedHeaders(withoutClaims(message.headers));
  const offered = message.headers["sec-websocket-protocol"];
  if (offered !== undefined) {
    const protocols = offered.split(",").map((each) => each.trim());
    const plain = protocols.filter((each) => !isBearerProtocol(each));
    kept["sec-websocket-protocol"] = plain.join(", ");
  }
  return { ...kept, ...remoteHeaders(identity), connection: "Upgrade", upgrade };
}

/** The head of an answer as it came; what names the connection is replaced by `instead`. */
function headText(answer: IncomingMessage, instead: Readonly<Record<string, string>>): string {
  const { rawHeaders, statusCode = 502, statusMessage = "" } = answer;
  const dropped = new Set([...Object.keys(instead), "transfer-encoding"]);
  const lines = [`HTTP/1.1 ${statusCode} ${statusMessage}`];
  for (let index = 0; index + 1 < rawHeaders.length; index += 2) {
    const name = rawHeaders[index] ?? "";
    if (!dropped.has(name.toLowerCase())) lines.push(`${name}: ${rawHeaders[index + 1] ?? ""}`);
  }
  for (const [name, value] of Object.entries(instead)) lines.push(`${name}: ${value}`);
  return `${lines.join("\r\n")}\r\n\r\n`;
}
