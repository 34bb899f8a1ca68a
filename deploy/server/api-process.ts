/**
 * The api process: child of `raftsman server`. It serves the API from the store behind the unix
 * socket and runs the loops (controllers, scheduler) in a worker. It may stall for seconds without
 * costing a vote.
 */
import { readFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { systemClock } from "../../api/client/system-clock.js";
import { startApiServer, type RunningApiServer } from "../../apiserver/api-server.js";
import type { ClusterKeys } from "../../apiserver/cluster/join-handler.js";
import { messageOf } from "../../base/errors.js";
import { connectStore } from "../../consensus/consensus.js";
import { readSharedFiles, signNodeRequest } from "../pki/cluster-pki.js";
import { sealBundle } from "../pki/key-bundle.js";
import { processLogger } from "../process-logger.js";
import type { ApiProcessConfig } from "./api-process-config.js";
import type { ApiProcessMessage, ApiProcessRequest } from "./api-supervisor.js";
import { runChaosHook } from "./chaos-hooks.js";
import type { LoopsConfig } from "./loops-config.js";
import { LoopsWorker } from "./loops-thread.js";
import { VirtualAddress } from "./virtual-address.js";

/** In whose name tokens are signed: the API server as pods know it. */
const SERVICE_ACCOUNT_ISSUER = "https://kubernetes.default.svc.cluster.local";

process.once("message", (message) => {
  run(message as ApiProcessConfig).catch((error: unknown) => {
    report({ type: "failed", code: systemCodeOf(error), message: messageOf(error) });
    process.exitCode = 1;
    process.disconnect();
  });
});

async function run(config: ApiProcessConfig): Promise<void> {
  const { server, pki } = config;
  process.title = `raftsman: api ${server.name} (${server.cluster})`;
  const logger = processLogger("api");
  // The parent holds the vote; without it there is nothing to serve from.
  process.once("disconnect", () => process.exit(1));
  if (server.chaosHooks)
    process.on("message", (message) => runChaosHook((message as ApiProcessRequest).hook));
  const store = await connectStore({ socketPath: config.storeSocket });
  const loops = new LoopsWorker(logger);
  const api = await startApiServer({
    store,
    listen: server.listen,
    tls: { ...pki.apiServer, clientCaFile: pki.caFile },
    kubeletClient: { ...pki.kubeletClient, caFile: pki.caFile },
    frontProxy: pki.frontProxy,
    serviceAccount: {
      signingKeyFile: pki.serviceAccount.keyFile,
      publicKeyFiles: [pki.serviceAccount.publicKeyFile],
      issuer: SERVICE_ACCOUNT_ISSUER,
    },
    clusterKeys: clusterKeys(dirname(pki.caFile)),
    serviceCidr: server.serviceCidr,
    advertiseAddress: server.advertiseAddress,
    version: config.version,
    loopsMetrics: () => loops.metrics(),
    logger,
    clock: systemClock,
  });
  const { vip } = server;
  const virtual =
    vip === null
      ? null
      : new VirtualAddress({ address: vip, leadership: store }, { clock: systemClock, logger });
  loops.start(loopsConfig(config, api));
  process.once(
    "SIGTERM",
    () => void stop({ api, loops, virtual, closeStore: () => store.close() }),
  );
  report({ type: "ready", port: api.port });
}

/** What those who join are given, read from this server's folder when it is asked for. */
function clusterKeys(dir: string): ClusterKeys {
  return {
    caPem: () => readFile(join(dir, "ca.crt"), "utf8"),
    sealFor: (token) => sealBundle(readSharedFiles(dir), token),
    signNode: (requestPem, { name: nodeName, serverAddresses }) =>
      signNodeRequest(dir, { requestPem, nodeName, serverAddresses, nowMs: Date.now() }),
  };
}

function loopsConfig(config: ApiProcessConfig, api: RunningApiServer): LoopsConfig {
  return {
    identity: config.server.name,
    cluster: config.server.cluster,
    server: `https://127.0.0.1:${api.port}`,
    caFile: config.pki.caFile,
    caKeyFile: join(dirname(config.pki.caFile), "ca.key"),
    controllerManager: config.pki.controllerManager,
    scheduler: config.pki.scheduler,
    clusterCidr: config.server.clusterCidr,
    nodeUsageWeight: config.server.nodeUsageWeight,
    version: config.version,
  };
}

async function stop(parts: {
  api: RunningApiServer;
  loops: LoopsWorker;
  virtual: VirtualAddress | null;
  closeStore: () => Promise<void>;
}): Promise<void> {
  await parts.virtual?.close();
  await parts.loops.stop();
  await parts.api.close();
  await parts.closeStore();
  process.exit(0);
}

/**
 * The operating system's code, such as EADDRINUSE, which an error of ours has as its cause; ""
 * without one.
 */
function systemCodeOf(error: unknown): string {
  const { code, cause } = error as { code?: unknown; cause?: unknown };
  if (cause !== undefined && cause !== null) return systemCodeOf(cause);
  return typeof code === "string" ? code : "";
}

function report(message: ApiProcessMessage): void {
  process.send?.(message);
}
