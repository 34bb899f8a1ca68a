import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { collectDefaultMetrics, Registry } from "prom-client";
import { ConsensusError } from "../consensus-errors.js";

export interface RunningMetricsServer {
  readonly port: number;
  close(): Promise<void>;
}

/** As for a client that reads slowly, or not at all. */
const REQUEST_TIMEOUT_MS = 10_000;
const CONNECTIONS_MAX = 64;

/**
 * Serves GET /metrics by plain HTTP: `text()` and figures of this process. Resolves once it
 * listens. Throws ConsensusError "MetricsAddressInUse".
 */
export async function startMetricsServer(
  listen: { readonly host: string; readonly port: number },
  text: () => Promise<string>,
): Promise<RunningMetricsServer> {
  const own = new Registry();
  collectDefaultMetrics({ register: own, eventLoopMonitoringPrecision: 100 });
  const server = createServer((request, response) => {
    if (request.url?.split("?")[0] !== "/metrics") return void response.writeHead(404).end();
    if (request.method !== "GET") return void response.writeHead(405, { allow: "GET" }).end();
    Promise.all([text(), own.metrics()]).then(
      (parts) => response.writeHead(200, { "content-type": own.contentType }).end(parts.join("\n")),
      () => response.writeHead(503).end(),
    );
  });
  server.requestTimeout = REQUEST_TIMEOUT_MS;
  server.maxConnections = CONNECTIONS_MAX;
  await new Promise<void>((resolve, reject) => {
    server.once("error", (cause) => {
      const where = `${listen.host}:${listen.port}`;
      reject(
        new ConsensusError("MetricsAddressInUse", `cannot serve metrics at ${where}: ${cause}`, {
          details: { ...listen },
          cause,
        }),
      );
    });
    server.listen(listen.port, listen.host, resolve);
  });
  return {
    port: (server.address() as AddressInfo).port,
    close: () => {
      own.clear();
      server.closeAllConnections();
      return new Promise((resolve) => {
        server.close(() => resolve());
      });
    },
  };
}
