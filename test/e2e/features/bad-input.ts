import { readFileSync } from "node:fs";
import { join } from "node:path";
import { request } from "node:https";
import type { Test } from "tap";
import { BAD_OBJECTS } from "../../../apiserver/registry/bad-objects.js";
import { kindByGvk, splitApiVersion } from "../../../api/schema/kinds.js";
import type { TestCluster } from "../test-cluster.js";

interface StatusAnswer {
  readonly code: number;
  readonly body: {
    readonly kind: string;
    readonly reason: string;
    readonly message: string;
    readonly details?: {
      readonly causes?: { reason?: string; message?: string; field?: string }[];
    };
  };
}

/** Every object of the table is refused with reason, field and message, and none is stored. */
export async function badInput(t: Test, cluster: TestCluster): Promise<void> {
  t.ok(BAD_OBJECTS.length >= 100, `${BAD_OBJECTS.length} cases`);
  const kubectl = cluster.kubectl();
  const kinds = "pods,services,deployments,replicasets,configmaps,secrets,nodes,namespaces";
  const stored = async (): Promise<string[]> =>
    (await kubectl.ok(["get", kinds, "-A", "-o", "name"])).split("\n");
  const before = await stored();
  const { endpoint } = await cluster.status();
  for (const bad of BAD_OBJECTS) {
    const answer = await post(cluster, endpoint, bad.manifest);
    t.equal(answer.code, bad.status, bad.name);
    t.equal(answer.body.kind, "Status", bad.name);
    for (const cause of bad.causes) {
      const found = (answer.body.details?.causes ?? []).some(
        ({ field, reason, message }) =>
          field === cause.field && reason === cause.reason && message === cause.message,
      );
      t.ok(found, `${bad.name}: ${answer.body.message}`);
    }
  }
  // What the feature before this one left may still be going.
  const added = (await stored()).filter((name) => !before.includes(name));
  t.same(added, [], "nothing was stored");
}

function post(cluster: TestCluster, endpoint: string, manifest: unknown): Promise<StatusAnswer> {
  const pki = join(cluster.home, cluster.name, "hosts/server-1/data/pki");
  const read = (name: string): Buffer => readFileSync(join(pki, name));
  return new Promise((resolve, reject) => {
    const call = request(
      `${endpoint}${pathOf(manifest)}?fieldValidation=Strict`,
      {
        method: "POST",
        headers: { "content-type": "application/json" },
        ca: read("ca.crt"),
        cert: read("admin.crt"),
        key: read("admin.key"),
      },
      (response) => {
        let text = "";
        response.on("data", (chunk: Buffer) => (text += chunk.toString()));
        response.on("end", () =>
          resolve({
            code: response.statusCode ?? 0,
            body: JSON.parse(text) as StatusAnswer["body"],
          }),
        );
      },
    );
    call.on("error", reject);
    call.end(typeof manifest === "string" ? manifest : JSON.stringify(manifest));
  });
}

/** Where an object of that kind is created; an unknown kind is sent where Pods are. */
function pathOf(manifest: unknown): string {
  const text = typeof manifest === "string" ? manifest : JSON.stringify(manifest);
  const apiVersion = /"apiVersion":\s*"([^"]*)"/.exec(text)?.[1] ?? "v1";
  const kind = /"kind":\s*"([^"]*)"/.exec(text)?.[1] ?? "";
  const { group, version } = splitApiVersion(apiVersion);
  const info = kindByGvk(group, version, kind) ?? kindByGvk("", "v1", "Pod");
  const root = info === null || info.group === "" ? "/api/v1" : `/apis/${info.apiVersion}`;
  const namespace = info?.namespaced === false ? "" : "/namespaces/default";
  return `${root}${namespace}/${info?.plural ?? "pods"}`;
}
