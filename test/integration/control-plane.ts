import { readFile } from "node:fs/promises";
import type { ApiClient, ResourceType } from "../../api/client/client-types.js";
import { createApiClient } from "../../api/client/rest-client.js";
import { systemClock, systemRandom } from "../../api/client/system-clock.js";
import type { KubernetesObject } from "../../api/schema/wire-types.js";
import { TestServer } from "../../apiserver/test-server.js";
import { createLogger, type LogLevel } from "../../base/logger.js";
import type { RunningElected } from "../../api/client/elected-work.js";
import { startControllers } from "../../controllers/run.js";
import { type HollowNode, startHollowNode } from "./hollow-node.js";
import { testSigner } from "./test-signer.js";

const signer = testSigner();

/** A real API server with real control loops, and a node that only says that its pods run. */
export class ControlPlane {
  readonly server: TestServer;
  readonly client: ApiClient;
  readonly node: HollowNode;
  /** With which the loops sign certificates. */
  readonly signer = signer;
  private readonly clients: ApiClient[];
  private controllers: RunningElected;

  private constructor(parts: {
    server: TestServer;
    clients: ApiClient[];
    client: ApiClient;
    node: HollowNode;
    controllers: RunningElected;
  }) {
    this.server = parts.server;
    this.clients = parts.clients;
    this.client = parts.client;
    this.node = parts.node;
    this.controllers = parts.controllers;
  }

  static async start(): Promise<ControlPlane> {
    const server = await TestServer.start();
    const client = await clientAs(server, "test-admin", "CN=admin, O=system:masters");
    const node = await startHollowNode(client);
    const user = "CN=system:kube-controller-manager";
    const ours = await clientAs(server, "test-controllers", user);
    const controllers = await startLoops(server, ours);
    return new ControlPlane({ server, client, node, controllers, clients: [client, ours] });
  }

  /** Stops the loops and starts them again, as after a crash. */
  async restartLoops(): Promise<void> {
    await this.controllers.stop();
    this.controllers = await startLoops(this.server, this.clients[1] as ApiClient);
  }

  async stopLoops(): Promise<void> {
    await this.controllers.stop();
  }

  async stop(): Promise<void> {
    await this.controllers.stop();
    await this.node.stop();
    for (const client of this.clients) client.close();
    await this.server.close();
  }

  /** As `untilObjects`, with the administrator's client. */
  until<T extends KubernetesObject>(
    type: ResourceType<T>,
    holds: (objects: readonly T[]) => boolean,
    options: { namespace?: string; limitMs?: number } = {},
  ): Promise<readonly T[]> {
    return untilObjects(this.client, type, { holds, ...options });
  }
}

/**
 * Watches a resource of a namespace (`default`) until its objects satisfy `holds`; the objects.
 * Rejects after the limit with what there was.
 */
export async function untilObjects<T extends KubernetesObject>(
  api: ApiClient,
  type: ResourceType<T>,
  options: {
    holds: (objects: readonly T[]) => boolean;
    namespace?: string;
    limitMs?: number;
  },
): Promise<readonly T[]> {
  const { holds, namespace = "default", limitMs = 10_000 } = options;
  const limit = new AbortController();
  const cancel = systemClock.schedule(limitMs, () => limit.abort());
  const client = api.resource(type);
  const where = type.namespaced ? { namespace } : {};
  const objects = new Map<string, T>();
  try {
    const { items, metadata } = await client.list(where);
    for (const item of items) objects.set(item.metadata.uid, item);
    if (holds([...objects.values()])) return [...objects.values()];
    const { resourceVersion } = metadata;
    const watch = { ...where, resourceVersion, signal: limit.signal };
    for await (const event of client.watch(watch)) {
      if (event.type === "BOOKMARK") continue;
      if (event.type === "DELETED") objects.delete(event.object.metadata.uid);
      else objects.set(event.object.metadata.uid, event.object);
      if (holds([...objects.values()])) return [...objects.values()];
    }
  } finally {
    cancel();
  }
  const seen = JSON.stringify([...objects.values()], null, 1);
  throw new Error(`${type.plural}: not so after ${limitMs} ms: ${seen}`);
}

/** A client of the server with a certificate for `subject`. The caller closes it. */
export async function clientAs(
  server: TestServer,
  name: string,
  subject: string,
): Promise<ApiClient> {
  const files = await server.authority.issue(name, subject);
  const { caFile } = server.authority;
  const config = { servers: [server.url], caFile, ...files, userAgent: name };
  return createApiClient(config, { clock: systemClock, random: systemRandom, logger });
}

/** Says what TEST_LOG asks for, by default only errors. */
export const logger = createLogger((line) => process.stderr.write(line), {
  level: (process.env["TEST_LOG"] ?? "error") as LogLevel,
  timestamp: () => new Date().toISOString(),
});

async function startLoops(server: TestServer, client: ApiClient): Promise<RunningElected> {
  return startControllers({
    client,
    identity: `test_${Date.now()}`,
    logger,
    clock: systemClock,
    random: systemRandom,
    rootCaPem: await readFile(server.authority.caFile, "utf8"),
    clusterCidr: "10.244.0.0/16",
    signer,
    without: ["node-lifecycle-controller"], // Its nodes send no heartbeat.
    freezeCaches: true,
  });
}
