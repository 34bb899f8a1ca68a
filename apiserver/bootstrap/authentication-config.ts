import { readFile } from "node:fs/promises";
import { FRONT_PROXY_NAME, REMOTE_HEADERS } from "../aggregation/front-proxy.js";
import type { InternalClient } from "./internal-client.js";
import { ensureEqual } from "./owned-objects.js";

/** The ConfigMap in which extension API servers read whom to believe. */
export const AUTHENTICATION_CONFIG = "extension-apiserver-authentication";

/** PEM files of the authorities of clients and of the front proxy. */
export interface AuthorityFiles {
  readonly clientCaFile: string;
  readonly frontProxyCaFile: string;
}

/** The ConfigMap that says whom extension API servers may believe; lists are JSON arrays. Pure. */
export function authenticationConfig(pem: {
  readonly clientCa: string;
  readonly frontProxyCa: string;
}): object {
  const list = (...values: readonly string[]): string => JSON.stringify(values);
  return {
    apiVersion: "v1",
    kind: "ConfigMap",
    metadata: { name: AUTHENTICATION_CONFIG, namespace: "kube-system" },
    data: {
      "client-ca-file": pem.clientCa,
      "requestheader-allowed-names": list(FRONT_PROXY_NAME),
      "requestheader-client-ca-file": pem.frontProxyCa,
      "requestheader-extra-headers-prefix": list(REMOTE_HEADERS.extraPrefix),
      "requestheader-group-headers": list(REMOTE_HEADERS.group),
      "requestheader-uid-headers": list(REMOTE_HEADERS.uid),
      "requestheader-username-headers": list(REMOTE_HEADERS.user),
    },
  };
}

/** Publishes it, or puts it right. Throws "BootstrapFailed", or what reading a file threw. */
export async function ensureAuthenticationConfig(
  client: InternalClient,
  files: AuthorityFiles,
  signal: AbortSignal,
): Promise<void> {
  const [clientCa, frontProxyCa] = await Promise.all([
    readFile(files.clientCaFile, "utf8"),
    readFile(files.frontProxyCaFile, "utf8"),
  ]);
  const object = authenticationConfig({ clientCa, frontProxyCa });
  const path = "/api/v1/namespaces/kube-system/configmaps";
  await ensureEqual(client, path, { object, fields: ["data"], signal });
}
