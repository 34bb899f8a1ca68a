import type { IncomingMessage, ServerResponse } from "node:http";
import { createServer, type Server } from "node:https";
import type { AddressInfo } from "node:net";
import type { Duplex } from "node:stream";
import type { TLSSocket } from "node:tls";
import { failure, pathNotFound, type StatusBody, success } from "../../api/machinery/status.js";
import { refuseUpgrade, upgradeOf } from "../../api/streaming/upgrade.js";
import { connectionsOf } from "../../base/connections.js";
import { messageOf } from "../../base/errors.js";
import type { Clock } from "../../base/clock.js";
import type { Logger } from "../../base/logger.js";
import { certifiedOf } from "../../gossip/member-credentials.js";
import { type Certified, GOSSIP_PATH, isMember } from "../../gossip/member-names.js";
import { RereadFiles } from "../../gossip/reread-files.js";
import type { MetricPages } from "../metrics/metric-pages.js";
import type { LocalVolumes } from "../volumes/local-volumes.js";
import type { ClientAccess } from "./client-access.js";
import { serveCommand, type UpgradeConnection } from "./container-commands.js";
import { serveContainerLogs } from "./container-logs.js";
import type { PodStreams } from "./pod-streams.js";
import { servePortForward } from "./port-forward.js";
import { toStreamStatus } from "./stream-failure.js";
import { parseStreamTarget, type StreamTarget } from "./stream-target.js";

/** How the agent's port is served. */
export interface StreamingServerOptions {
  /** Port 0: any. */
  readonly listen: { readonly host: string; readonly port: number };
  /** PEM files. They are read again when they may have been rotated. */
  readonly tls: { readonly certFile: string; readonly keyFile: string; readonly caFile: string };
}

/** What the server needs. */
export interface StreamingServerDeps {
  readonly access: Pick<ClientAccess, "refuse">;
  readonly streams: PodStreams;
  readonly pages: Pick<MetricPages, "page">;
  readonly localVolumes: Pick<LocalVolumes, "remove">;
  /** Takes over the connection of a member of the gossip. */
  readonly gossip: (connection: UpgradeConnection, certified: Certified) => void;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** The agent's port while it is served. */
export interface RunningStreamingServer {
  readonly port: number;
  /** Cuts off every stream. */
  close(): Promise<void>;
}

const CONNECTIONS_MAX = 8192;
const TLS_RELOAD_MS = 60_000;

/**
 * Serves logs, commands and port-forwards of this node's pods, and what it measures, over HTTPS, to
 * the API server and to whom it allows that. Throws when it cannot listen or a file cannot
 * be read.
 */
export async function startStreamingServer(
  options: StreamingServerOptions,
  deps: StreamingServerDeps,
): Promise<RunningStreamingServer> {
  const files = new TlsFiles(options.tls);
  const server = createServer({
    ...(await files.read()),
    requestCert: true,
    // The handshake lets everybody in, so that who may not enter is told why.
    rejectUnauthorized: false,
  });
  server.maxConnections = CONNECTIONS_MAX;
  const connections = connectionsOf(server);
  server.on("tlsClientError", (error) => deps.logger.debug("TLS handshake failed", { error }));
  server.on("request", (request, response) => {
    void handleRequest(request, response, deps);
  });
  server.on("upgrade", (request, socket: Duplex, head: Buffer) => {
    void handleUpgrade({ request, socket, head }, deps);
  });
  await listen(server, options.listen);
  const stopReloading = reloadTls(server, files, deps);
  return {
    port: (server.address() as AddressInfo).port,
    close: () => {
      stopReloading();
      connections.destroy();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}

async function handleRequest(
  request: IncomingMessage,
  response: ServerResponse,
  deps: StreamingServerDeps,
): Promise<void> {
  const { target, query, refusal } = await examine(request, deps);
  if (refusal !== null || target === null) return answer(response, refusal ?? pathNotFound());
  if (target.type === "localVolume")
    return answer(response, await removeVolume(request, target, deps));
  if (request.method !== "GET")
    return answer(response, failure(405, "MethodNotAllowed", "only GET is served here"));
  if (target.type === "healthz") {
    response.writeHead(200, { "Content-Type": "text/plain" });
    response.end("ok");
    return;
  }
  if (target.type === "pods") {
    const list = { kind: "PodList", apiVersion: "v1", metadata: {}, items: deps.streams.pods() };
    response.writeHead(200, { "Content-Type": "application/json" });
    response.end(JSON.stringify(list));
    return;
  }
  if (target.type === "metrics") {
    const page = await deps.pages.page(target.path, query);
    response.writeHead(200, { "Content-Type": page.contentType });
    response.end(page.text);
    return;
  }
  if (target.type !== "containerLogs")
    return answer(response, failure(400, "BadRequest", "Upgrade request required"));
  try {
    await serveContainerLogs(response, { ...target, query }, deps);
  } catch (error) {
    deps.logger.debug("log refused", { target, error });
    answer(response, toStreamStatus(error));
  }
}

/** Deletes the folder of a volume that nobody claims any more; one that is not there is no failure. */
async function removeVolume(
  { method }: IncomingMessage,
  { name }: Extract<StreamTarget, { type: "localVolume" }>,
  { localVolumes, logger }: StreamingServerDeps,
): Promise<StatusBody> {
  if (method !== "DELETE") return failure(405, "MethodNotAllowed", "only DELETE is served here");
  try {
    return (await localVolumes.remove(name))
      ? success()
      : failure(400, "BadRequest", `${JSON.stringify(name)} is no name of a volume`);
  } catch (error) {
    logger.warn("a volume's folder could not be deleted", { name, error });
    return failure(500, "InternalError", messageOf(error));
  }
}

async function handleUpgrade(
  connection: UpgradeConnection,
  deps: StreamingServerDeps,
): Promise<void> {
  const { socket } = connection;
  socket.on("error", () => socket.destroy());
  // Members need no right besides their certificate: the API server is not asked.
  if (pathOf(connection.request) === GOSSIP_PATH) return letMemberIn(connection, deps);
  const { target, query, refusal } = await examine(connection.request, deps);
  if (refusal !== null || target === null) return refuseUpgrade(socket, refusal ?? pathNotFound());
  if (upgradeOf(connection.request) !== "websocket")
    return refuseUpgrade(socket, failure(400, "BadRequest", "only WebSocket is spoken here"));
  try {
    if (target.type === "portForward") await servePortForward(connection, target, deps.streams);
    else if (target.type === "exec" || target.type === "attach")
      await serveCommand(connection, { ...target, type: target.type, query }, deps);
    else refuseUpgrade(socket, failure(400, "BadRequest", "nothing to upgrade to here"));
  } catch (error) {
    deps.logger.debug("stream refused", { target, error });
    refuseUpgrade(socket, toStreamStatus(error));
  }
}

function letMemberIn(connection: UpgradeConnection, { gossip }: StreamingServerDeps): void {
  const tls = connection.request.socket as TLSSocket;
  const certified = tls.authorized ? certifiedOf(tls.getPeerCertificate()) : null;
  if (certified === null || !isMember(certified))
    return refuseUpgrade(
      connection.socket,
      failure(403, "Forbidden", "only members of the cluster may enter here"),
    );
  gossip(connection, certified);
}

function pathOf({ url }: IncomingMessage): string {
  return (url ?? "/").split("?")[0] ?? "/";
}

/** Who asks for what. A refusal comes before any look at the path: strangers learn nothing. */
async function examine(
  request: IncomingMessage,
  { access }: StreamingServerDeps,
): Promise<{
  readonly target: StreamTarget | null;
  readonly query: URLSearchParams;
  readonly refusal: StatusBody | null;
}> {
  const [path = "", ...query] = (request.url ?? "/").split("?");
  const refusal = await access.refuse(request);
  return { target: parseStreamTarget(path), query: new URLSearchParams(query.join("?")), refusal };
}

function answer(response: ServerResponse, status: StatusBody): void {
  if (response.headersSent) return void response.destroy();
  response.writeHead(status.code ?? 200, { "Content-Type": "application/json" });
  response.end(`${JSON.stringify(status)}\n`);
}

function listen(server: Server, address: { host: string; port: number }): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(address.port, address.host, () => {
      server.off("error", reject);
      resolve();
    });
  });
}

/** What the server proves itself with, and by what it knows others. */
class TlsFiles {
  private readonly files: RereadFiles;

  constructor({ certFile, keyFile, caFile }: StreamingServerOptions["tls"]) {
    this.files = new RereadFiles([certFile, keyFile, caFile]);
  }

  /** Null when nothing has changed. */
  async read(): Promise<{ cert: Buffer; key: Buffer; ca: Buffer } | null> {
    const [cert, key, ca] = (await this.files.read()) ?? [];
    return cert && key && ca ? { cert, key, ca } : null;
  }
}

/** New connections get the certificate that is in the files now. Returns what stops it. */
function reloadTls(
  server: Server,
  files: TlsFiles,
  { clock, logger }: StreamingServerDeps,
): () => void {
  let cancel: () => void = () => {};
  let stopped = false;
  const later = (): void => {
    if (!stopped) cancel = clock.schedule(TLS_RELOAD_MS, () => void reload());
  };
  const reload = async (): Promise<void> => {
    try {
      const changed = await files.read();
      if (changed !== null) server.setSecureContext(changed);
    } catch (error) {
      // Half-written files: the certificate in use still serves.
      logger.warn("certificate could not be read again", { error });
    }
    later();
  };
  later();
  return () => {
    stopped = true;
    cancel();
  };
}
