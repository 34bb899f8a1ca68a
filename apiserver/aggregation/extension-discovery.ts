import { openCallScope } from "../../api/client/waiting.js";
import { apiVersionOf } from "../../api/schema/kinds.js";
import type { Clock } from "../../base/clock.js";
import { serviceHost } from "../webhooks/service-connection.js";
import type { AggregatedService } from "./aggregated-services.js";
import type { ExtensionServers } from "./extension-servers.js";
import {
  type DiscoveredResource,
  readGroupDiscovery,
  readResourceList,
} from "./remote-resources.js";

/** What an extension API server says of one of its versions. */
export interface ExtensionAnswer {
  readonly resources: readonly DiscoveredResource[];
  /** Where its OpenAPI v3 document is, with its hash; null: it has none. */
  readonly openApiUrl: string | null;
}

const JSON_TYPE = "application/json";
const EVERYTHING = ["v2", "v2beta1"]
  .map((version) => `${JSON_TYPE};g=apidiscovery.k8s.io;v=${version};as=APIGroupDiscoveryList`)
  .concat(JSON_TYPE)
  .join(",");
const TIMEOUT_MS = 5_000;
/** Each is at another endpoint, drawn by chance: one that is lost does not count as all. */
const ATTEMPTS = 3;

/**
 * Asks a server what it serves. Throws an Error that says why, in the reference's words, when it
 * does not answer for its version.
 */
export async function askExtension(
  target: AggregatedService,
  deps: { readonly servers: ExtensionServers; readonly clock: Clock },
  signal: AbortSignal,
): Promise<ExtensionAnswer> {
  for (let attempt = 1; ; attempt += 1) {
    const scope = openCallScope(deps.clock, TIMEOUT_MS, signal);
    try {
      return await askOnce(target, deps.servers, scope.signal);
    } catch (error) {
      if (attempt < ATTEMPTS && !signal.aborted) continue;
      if (!scope.expired()) throw error;
      throw new Error(`timed out waiting for ${urlOf(target)}`, { cause: error });
    } finally {
      scope.dispose();
    }
  }
}

async function askOnce(
  target: AggregatedService,
  servers: ExtensionServers,
  signal: AbortSignal,
): Promise<ExtensionAnswer> {
  const ask = (path: string, accept: string): ReturnType<ExtensionServers["ask"]> =>
    servers.ask(target, { path, accept, signal });
  const path = pathOf(target);
  const url = urlOf(target);
  const own = await ask(path, JSON_TYPE).catch((cause: Error) => {
    throw new Error(`failing or missing response from ${url}: ${cause.message}`, { cause });
  });
  if (own.status < 200 || own.status > 299) {
    const text = `bad status from ${url}: ${own.status}`;
    throw new Error(`failing or missing response from ${url}: ${text}`);
  }
  const all = await ask("/apis", EVERYTHING);
  const versions = all.status === 200 ? readGroupDiscovery(all.body) : null;
  const apiVersion = apiVersionOf(target.group, target.version);
  const listed = versions === null ? readResourceList(own.body) : versions.get(apiVersion);
  const index = await ask("/openapi/v3", JSON_TYPE);
  return {
    resources: listed ?? [],
    openApiUrl: index.status === 200 ? documentUrl(index.body, path) : null,
  };
}

function pathOf({ group, version }: AggregatedService): string {
  return `/apis/${apiVersionOf(group, version)}`;
}

function urlOf(target: AggregatedService): string {
  return `https://${serviceHost(target.service)}:${target.service.port}${pathOf(target)}`;
}

/** Only an address below our own for this version is handed on to clients. */
function documentUrl(index: unknown, path: string): string | null {
  const { paths = {} } = (index ?? {}) as {
    readonly paths?: Readonly<Record<string, { readonly serverRelativeURL?: unknown }>>;
  };
  const url = paths[path.slice(1)]?.serverRelativeURL;
  const expected = `/openapi/v3${path}`;
  if (typeof url !== "string") return null;
  return url === expected || url.startsWith(`${expected}?`) ? url : null;
}
