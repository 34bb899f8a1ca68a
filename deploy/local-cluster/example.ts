import { readFileSync } from "node:fs";
import { get as httpGet } from "node:http";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { parseAllDocuments } from "yaml";
import { isApiError } from "../../api/client/api-error.js";
import type { ApiClient, ResourceType } from "../../api/client/client-types.js";
import { CONFIG_MAPS, DEPLOYMENTS, SERVICES } from "../../api/client/resource-types.js";
import type { KubernetesObject, NewObject } from "../../api/schema/wire-types.js";
import { CommandError } from "../cli/output.js";

export const EXAMPLE_FILE = join(import.meta.dirname, "../../../deploy/examples/web.yaml");
const NAMESPACE = "default";
const NAME = "web";
const FETCH_TIMEOUT_MS = 2_000;
const POLL_MS = 50;
const PATIENCE_MS = 30_000;

const TYPES: readonly ResourceType<KubernetesObject>[] = [CONFIG_MAPS, DEPLOYMENTS, SERVICES];

/**
 * Creates what the example's file describes; what is there already stays as it is. Returns how many
 * were created.
 */
export async function deployExample(client: ApiClient): Promise<number> {
  let created = 0;
  for (const document of parseAllDocuments(readFileSync(EXAMPLE_FILE, "utf8"))) {
    const object = document.toJS() as NewObject<KubernetesObject>;
    const type = TYPES.find((candidate) => candidate.kind === object.kind);
    if (type === undefined) throw new Error(`${EXAMPLE_FILE} holds a ${object.kind}`);
    const metadata = { namespace: NAMESPACE, ...object.metadata };
    try {
      await persistently(() => client.resource(type).create({ ...object, metadata }));
      created += 1;
    } catch (error) {
      if (!isApiError(error, "AlreadyExists")) throw error;
    }
  }
  return created;
}

/** Waits until as many pods as wanted are available. Throws CommandError at the deadline. */
export async function waitForExample(
  client: ApiClient,
  options: { timeoutMs: number; signal: AbortSignal },
): Promise<{ ready: number }> {
  const deadlineMs = performance.now() + options.timeoutMs;
  for (;;) {
    const deployment = await persistently(() =>
      client.resource(DEPLOYMENTS).get(NAME, { namespace: NAMESPACE, signal: options.signal }),
    );
    const wanted = deployment.spec.replicas ?? 1;
    const ready = deployment.status?.availableReplicas ?? 0;
    const seen = deployment.status?.observedGeneration === deployment.metadata.generation;
    if (seen && ready >= wanted) return { ready };
    if (performance.now() > deadlineMs)
      throw new CommandError("Failed", `the example has ${ready} of ${wanted} pods ready`, {
        hint: "See why: kubectl describe pods -l app=web",
      });
    await delay(POLL_MS, undefined, { signal: options.signal });
  }
}

/** Fetches the page through the Service's cluster IP, as another program on this computer would. */
export async function fetchExamplePage(
  client: ApiClient,
  options: { timeoutMs: number; signal: AbortSignal },
): Promise<{ url: string; page: string }> {
  const service = await persistently(() =>
    client.resource(SERVICES).get(NAME, { namespace: NAMESPACE, signal: options.signal }),
  );
  const url = `http://${service.spec.clusterIP}:${service.spec.ports?.[0]?.port ?? 80}/`;
  const deadlineMs = performance.now() + options.timeoutMs;
  for (;;) {
    const answer = await fetchText(url, options.signal);
    if (answer.ok) return { url, page: answer.text };
    if (performance.now() > deadlineMs)
      throw new CommandError("Failed", `${url} does not answer: ${answer.text}`, {
        hint: "See the Service's endpoints: kubectl get endpointslices -l kubernetes.io/service-name=web",
      });
    await delay(POLL_MS, undefined, { signal: options.signal });
  }
}

/** Asks again, for a while, when the server does not answer: a busy computer may be late. */
async function persistently<T>(ask: () => Promise<T>): Promise<T> {
  const deadlineMs = performance.now() + PATIENCE_MS;
  for (;;) {
    try {
      return await ask();
    } catch (error) {
      if (!isApiError(error, "ServiceUnavailable") || performance.now() > deadlineMs) throw error;
      await delay(POLL_MS);
    }
  }
}

function fetchText(url: string, signal: AbortSignal): Promise<{ ok: boolean; text: string }> {
  return new Promise((resolve) => {
    const request = httpGet(url, { timeout: FETCH_TIMEOUT_MS, agent: false, signal }, (answer) => {
      let text = "";
      answer.setEncoding("utf8");
      answer.on("data", (chunk: string) => (text += chunk));
      answer.on("end", () => resolve({ ok: answer.statusCode === 200, text }));
      answer.on("error", (error) => resolve({ ok: false, text: error.message }));
    });
    request.on("timeout", () => request.destroy(new Error("no answer")));
    request.on("error", (error) => resolve({ ok: false, text: error.message }));
  });
}
