import type { Service } from "../../api/schema/types/core-v1.gen.js";
import type { IPAddress } from "../../api/schema/types/networking-v1.gen.js";
import { addressObject } from "../storage/service-claims.js";
import type { InternalClient } from "./internal-client.js";
import { check } from "./owned-objects.js";

const ADDRESSES = "/apis/networking.k8s.io/v1/ipaddresses";

/**
 * Shows the addresses of Services as IPAddresses where a release that knew none gave them away.
 * Throws "BootstrapFailed".
 */
export async function ensureServiceAddresses(
  client: InternalClient,
  signal: AbortSignal,
): Promise<void> {
  const services = await itemsOf<Service>(client, "/api/v1/services", signal);
  const addresses = await itemsOf<IPAddress>(client, ADDRESSES, signal);
  const shown = new Set(addresses.map(({ metadata }) => metadata.name));
  for (const { metadata, spec } of services) {
    const { clusterIP = "" } = spec;
    if (clusterIP === "" || clusterIP === "None" || shown.has(clusterIP)) continue;
    const body = addressObject(clusterIP, metadata, null);
    check(await client.send("POST", ADDRESSES, { body, signal }), ADDRESSES);
  }
}

async function itemsOf<T>(
  client: InternalClient,
  path: string,
  signal: AbortSignal,
): Promise<readonly T[]> {
  const answer = await client.send("GET", path, { signal });
  check(answer, path);
  return (answer.body as { readonly items: readonly T[] }).items;
}
