import t from "tap";
import type { ApiClient, ResourceType } from "../../api/client/client-types.js";
import { NAMESPACES } from "../../api/client/resource-types.js";
import type { APIService } from "../../api/schema/types/apiregistration-v1.gen.js";
import type { KubernetesObject } from "../../api/schema/wire-types.js";
import { GROUP, TestExtension } from "../../apiserver/aggregation/test-extension.js";
import { ControlPlane, untilObjects } from "./control-plane.js";
import { followWithKubectl } from "./kubectl-guide.js";

t.setTimeout(180_000);

const plane = await ControlPlane.start();
t.teardown(() => plane.stop());
let extension = await TestExtension.start(plane.server);
t.teardown(() => extension.close());
const { port } = extension;
const { server } = plane;

/** docs/guides/aggregation.md, word by word. */
await t.test("aggregation.md", async (t) => {
  const env = {
    WARDLE_HOST: "localhost",
    WARDLE_PORT: String(port),
    WARDLE_CA: extension.caBundle,
  };
  await followWithKubectl(t, "aggregation.md", { server, env });
});

const API_SERVICES: ResourceType<APIService & KubernetesObject> = {
  group: "apiregistration.k8s.io",
  version: "v1",
  kind: "APIService",
  plural: "apiservices",
  namespaced: false,
};

/** Resolves when the APIService says so. */
async function untilAvailable(client: ApiClient, status: "True" | "False"): Promise<void> {
  await untilObjects(client, API_SERVICES, {
    holds: (all) =>
      all.some(
        ({ metadata, status: { conditions = [] } = {} }) =>
          metadata.name === `v1.${GROUP}` && conditions.some((each) => each.status === status),
      ),
    limitMs: 60_000,
  });
}

await t.test("a namespace waits for a server that is down", async (t) => {
  const { client } = plane;
  const { api, external } = extension.objects();
  await server.send("POST", "/api/v1/namespaces/default/services", { body: external });
  await server.send("POST", "/apis/apiregistration.k8s.io/v1/apiservices", { body: api });
  await untilAvailable(client, "True");
  const namespaces = client.resource(NAMESPACES);
  const metadata = { name: "waits" };
  const body = { apiVersion: "v1", kind: "Namespace", metadata };
  await server.send("POST", "/api/v1/namespaces", { body });
  await extension.close();
  await namespaces.delete("waits");
  const failing = await plane.until(
    NAMESPACES,
    (all) =>
      all.some(({ status }) =>
        status?.conditions?.some(
          ({ type, status: is }) => type === "NamespaceDeletionDiscoveryFailure" && is === "True",
        ),
      ),
    { limitMs: 60_000 },
  );
  const conditions = failing.find((each) => each.metadata.name === "waits")?.status?.conditions;
  const found = conditions?.find(({ type }) => type === "NamespaceDeletionDiscoveryFailure");
  t.match(found, {
    reason: "DiscoveryFailed",
    message: new RegExp(`1 failing: ${GROUP}/v1: `, "u"),
  });
  extension = await TestExtension.start(server, port);
  await plane.until(NAMESPACES, (all) => all.every((each) => each.metadata.name !== "waits"), {
    limitMs: 60_000,
  });
});
