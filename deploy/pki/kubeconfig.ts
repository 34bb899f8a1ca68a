import { readFileSync } from "node:fs";
import { stringify } from "yaml";
import type { KeyPairFiles } from "./cluster-pki.js";

/**
 * The text of a kubeconfig whose one context is `clusterName`, with all certificates inside.
 * Secret: write it 0600.
 */
export function renderKubeconfig(options: {
  clusterName: string;
  userName: string;
  server: string;
  caFile: string;
  client: KeyPairFiles;
}): string {
  const base64 = (path: string): string => readFileSync(path).toString("base64");
  const context = `${options.userName}@${options.clusterName}`;
  return stringify({
    apiVersion: "v1",
    kind: "Config",
    clusters: [
      {
        name: options.clusterName,
        cluster: {
          server: options.server,
          "certificate-authority-data": base64(options.caFile),
        },
      },
    ],
    users: [
      {
        name: options.userName,
        user: {
          "client-certificate-data": base64(options.client.certFile),
          "client-key-data": base64(options.client.keyFile),
        },
      },
    ],
    contexts: [
      { name: context, context: { cluster: options.clusterName, user: options.userName } },
    ],
    "current-context": context,
    preferences: {},
  });
}
