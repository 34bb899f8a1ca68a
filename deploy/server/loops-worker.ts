/**
 * A thread of the api process: the controllers and the scheduler, ordinary clients of the API with
 * identities of their own. It ends when told to, or when a loop failed by a fault of ours; the api
 * process then starts it again.
 */
import { readFileSync } from "node:fs";
import { randomUUID } from "node:crypto";
import { parentPort, workerData } from "node:worker_threads";
import { Registry } from "prom-client";
import type { ApiClient } from "../../api/client/client-types.js";
import { createApiClient } from "../../api/client/rest-client.js";
import { systemClock, systemRandom } from "../../api/client/system-clock.js";
import { workQueueMetrics } from "../../controllers/workqueue-metrics.js";
import { startControllers } from "../../controllers/run.js";
import { schedulerMetrics } from "../../scheduler/scheduler-metrics.js";
import { startScheduler } from "../../scheduler/scheduler.js";
import { certificateSigner } from "../pki/certificate-signer.js";
import type { KeyPairFiles } from "../pki/cluster-pki.js";
import { processLogger } from "../process-logger.js";
import type { LoopsConfig } from "./loops-config.js";
import type { LoopsAnswer, LoopsRequest } from "./loops-messages.js";

const config = workerData as LoopsConfig;
const logger = processLogger("loops");
// A server that comes back after a crash is a new candidate: its old holds run out by themselves.
const identity = `${config.identity}_${randomUUID()}`;
const deps = { clock: systemClock, random: systemRandom, logger };

const registry = new Registry();
const controllersClient = clientAs("controller-manager", config.controllerManager);
const controllers = startControllers({
  ...deps,
  client: controllersClient,
  identity,
  rootCaPem: readFileSync(config.caFile, "utf8"),
  clusterCidr: config.clusterCidr,
  signer: certificateSigner(config),
  queueMetrics: workQueueMetrics(registry),
});
const schedulerClient = clientAs("scheduler", config.scheduler);
const scheduler = startScheduler({
  ...deps,
  client: schedulerClient,
  identity,
  metrics: schedulerMetrics(registry),
  nodeUsageWeight: config.nodeUsageWeight,
});

const told = new Promise<void>((resolve) => {
  parentPort?.on("message", (request: LoopsRequest) => {
    if (request === "stop") return resolve();
    void registry.metrics().then((text) => {
      const answer: LoopsAnswer = { type: "metrics", id: request.id, text };
      parentPort?.postMessage(answer);
    });
  });
});
await Promise.race([told, controllers.failed, scheduler.failed]);
await Promise.all([controllers.stop(), scheduler.stop()]);
controllersClient.close();
schedulerClient.close();
parentPort?.close();

function clientAs(component: string, identityFiles: KeyPairFiles): ApiClient {
  return createApiClient(
    {
      servers: [config.server],
      caFile: config.caFile,
      ...identityFiles,
      userAgent: `raftsman-${component}/${config.version}`,
    },
    deps,
  );
}
