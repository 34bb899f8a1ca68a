import t from "tap";
import type { JsonObject } from "../../api/schema/wire-types.js";
import { type TestAnswer, TestServer } from "../test-server.js";
import { FLUNDERS, GROUP, TestExtension } from "./test-extension.js";

const server = await TestServer.start();
t.teardown(() => server.close());
let extension = await TestExtension.start(server);
t.teardown(() => extension.close());
const { port } = extension;
const SERVICES = "/apis/apiregistration.k8s.io/v1/apiservices";
const CORE_SERVICES = "/api/v1/namespaces/default/services";
const API = `${SERVICES}/v1.${GROUP}`;
const V2 = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList";
const V2BETA1 = V2.replace("v=v2", "v=v2beta1");
const MERGE = { "content-type": "application/merge-patch+json" };
const { service, external, api } = extension.objects();

async function made(path: string, body: JsonObject): Promise<void> {
  const answer = await server.send("POST", path, { body });
  if (answer.status !== 201) throw new Error(String(answer.body["message"]));
}

interface Condition {
  readonly type: string;
  readonly status: string;
  readonly reason: string;
  readonly message: string;
}

/** The condition of an APIService once it has this reason. */
async function available(reason: string, name = `v1.${GROUP}`): Promise<Condition> {
  const stream = await server.open(`${SERVICES}?watch=true&fieldSelector=metadata.name%3D${name}`);
  try {
    for (;;) {
      const event = await stream.next();
      const { status } = (event?.["object"] ?? {}) as { status?: { conditions?: Condition[] } };
      const found = status?.conditions?.find(({ type }) => type === "Available");
      if (found?.reason === reason) return found;
    }
  } finally {
    stream.close();
  }
}

/** Any change of its Service makes the server look at it again. */
async function lookAgain(at: string): Promise<void> {
  const body = { metadata: { annotations: { at } } };
  await server.send("PATCH", `${CORE_SERVICES}/wardle`, { headers: MERGE, body });
}

interface Discovered {
  readonly metadata: { readonly name: string };
  readonly versions: readonly {
    readonly version: string;
    readonly freshness: string;
    readonly resources: readonly JsonObject[];
  }[];
}

async function discovered(accept = V2): Promise<readonly Discovered[]> {
  const { body } = await server.send("GET", "/apis", { headers: { accept } });
  return body["items"] as readonly Discovered[];
}

const namesOf = ({ body }: TestAnswer): string[] =>
  (body["groups"] as { name: string }[]).map(({ name }) => name);

t.test("a server that cannot be reached says why", async (t) => {
  await made(SERVICES, api);
  t.match(await available("ServiceNotFound"), {
    status: "False",
    message: 'service/wardle in "default" is not present',
  });
  await made(CORE_SERVICES, { ...service, spec: { ports: [{ name: "https", port: 1 }] } });
  t.match(await available("ServicePortError"), {
    message: `service/wardle in "default" is not listening on port ${port}`,
  });
  const ports = [{ name: "https", port, protocol: "TCP" }];
  const patch = { headers: MERGE, body: { spec: { ports } } };
  await server.send("PATCH", `${CORE_SERVICES}/wardle`, patch);
  await available("EndpointsNotFound");
  const endpoints = { apiVersion: "v1", kind: "Endpoints", metadata: { name: "wardle" } };
  await made("/api/v1/namespaces/default/endpoints", endpoints);
  t.match(await available("MissingEndpoints"), {
    message: 'endpoints for service/wardle in "default" have no addresses with port name "https"',
  });
  const { stdout } = await server.kubectl("1.33", ["get", "apiservice", `v1.${GROUP}`]);
  t.match(stdout, /NAME +SERVICE +AVAILABLE +AGE\n/u);
  t.match(stdout, `v1.${GROUP}   default/wardle   False (MissingEndpoints)`);
  const group = (await discovered()).find(({ metadata }) => metadata.name === GROUP);
  t.match(group?.versions, [{ version: "v1", freshness: "Stale", resources: [] }]);
});

t.test("one that answers is part of discovery", async (t) => {
  await server.send("DELETE", `${CORE_SERVICES}/wardle`);
  await made(CORE_SERVICES, external);
  t.match(await available("Passed"), { status: "True", message: "all checks passed" });
  const asked = extension.seen.at(-1);
  t.match(asked?.headers, { "x-remote-user": "system:kube-aggregator" });
  for (const accept of [V2, V2BETA1]) {
    const group = (await discovered(accept)).find(({ metadata }) => metadata.name === GROUP);
    t.match(group?.versions, [
      {
        version: "v1",
        freshness: "Current",
        resources: [
          {
            resource: "flunders",
            responseKind: { group: GROUP, version: "v1", kind: "Flunder" },
            shortNames: ["fl"],
            subresources: [{ subresource: "echo" }],
          },
        ],
      },
    ]);
  }
  const groupVersion = `${GROUP}/v1`;
  t.match((await server.send("GET", `/apis/${GROUP}`)).body, {
    kind: "APIGroup",
    name: GROUP,
    preferredVersion: { groupVersion },
  });
  const list = await server.send("GET", `/apis/${groupVersion}`);
  t.match(list.body, { kind: "APIResourceList", groupVersion });
  const names = namesOf(await server.send("GET", "/apis"));
  t.equal(names.at(-1), GROUP, "all our own are preferred");
  const root = await server.send("GET", "/");
  t.ok((root.body["paths"] as string[]).includes(`/apis/${groupVersion}`));
});

t.test("the OpenAPI index leads to the server's own document", async (t) => {
  const index = await server.send("GET", "/openapi/v3");
  const paths = index.body["paths"] as Record<string, { serverRelativeURL: string }>;
  const url = paths[`apis/${GROUP}/v1`]?.serverRelativeURL ?? "";
  t.equal(url, `/openapi/v3/apis/${GROUP}/v1?hash=ABC`);
  t.ok(paths["apis/apps/v1"]);
  t.match((await server.send("GET", url)).body, { info: { title: "wardle" } });
});

t.test("kubectl knows its kinds", async (t) => {
  const resources = await server.kubectl("1.33", ["api-resources", `--api-group=${GROUP}`]);
  t.match(resources.stdout, /flunders +fl +wardle.example.com\/v1 +true +Flunder/u);
  const flunder = `apiVersion: ${GROUP}/v1\nkind: Flunder\nmetadata: {name: one}\n`;
  const created = await server.kubectl("1.33", ["create", "-f", "-"], flunder);
  t.equal(created.stdout, `flunder.${GROUP}/one created\n`, created.stderr);
  const got = await server.kubectl("1.33", ["get", "fl"]);
  t.match(got.stdout, /^NAME +AGE\none +/u);
  const deleted = await server.kubectl("1.33", ["delete", "flunder", "one"]);
  t.match(deleted.stdout, 'flunder.wardle.example.com "one" deleted');
});

t.test("a server that is gone leaves what it said, marked as stale", async (t) => {
  await extension.close();
  await lookAgain("down");
  t.match((await available("FailedDiscoveryCheck")).message, /connection refused$/u);
  const group = (await discovered()).find(({ metadata }) => metadata.name === GROUP);
  t.match(group?.versions, [{ freshness: "Stale", resources: [{ resource: "flunders" }] }]);
  t.equal((await server.send("GET", FLUNDERS)).status, 503);
  extension = await TestExtension.start(server, port);
  extension.aggregated = false;
  await lookAgain("up");
  await available("Passed");
  const again = (await discovered()).find(({ metadata }) => metadata.name === GROUP);
  t.match(again?.versions, [
    { freshness: "Current", resources: [{ resource: "flunders", subresources: [{}] }] },
  ]);
});

t.test("a custom kind keeps its version, and metrics are served here", async (t) => {
  const spec = api["spec"] as JsonObject;
  const of = (group: string, version: string): JsonObject => ({
    ...api,
    metadata: { name: `${version}.${group}` },
    spec: { ...spec, group, version },
  });
  await made(SERVICES, of("metrics.k8s.io", "v1beta1"));
  const metrics = await available("Local", "v1beta1.metrics.k8s.io");
  t.match(metrics, { status: "True", message: /^metrics.k8s.io\/v1beta1 is served by this API/u });
  await made(SERVICES, of("example.com", "v1"));
  t.match((await available("FailedDiscoveryCheck", "v1.example.com")).message, /: 404$/u);
  const widgets = { plural: "widgets", kind: "Widget" };
  const schema = { openAPIV3Schema: { type: "object" } };
  await made("/apis/apiextensions.k8s.io/v1/customresourcedefinitions", {
    apiVersion: "apiextensions.k8s.io/v1",
    kind: "CustomResourceDefinition",
    metadata: { name: "widgets.example.com" },
    spec: {
      group: "example.com",
      scope: "Namespaced",
      names: widgets,
      versions: [{ name: "v1", served: true, storage: true, schema }],
    },
  });
  t.match(await available("Local", "v1.example.com"), { message: /"default" is not asked$/u });
  const list = await server.send("GET", "/apis/example.com/v1/widgets");
  t.match(list.body, { kind: "WidgetList" });
});

t.test("a Service that goes takes the connections that were kept with it", async (t) => {
  t.equal((await server.send("GET", FLUNDERS)).status, 200);
  await server.send("DELETE", `${CORE_SERVICES}/wardle`);
  t.equal((await server.send("GET", FLUNDERS)).status, 503);
});

t.test("an APIService that goes takes its group with it", async (t) => {
  await server.send("DELETE", API);
  t.notOk(namesOf(await server.send("GET", "/apis")).includes(GROUP));
  t.equal((await server.send("GET", `/apis/${GROUP}/v1`)).status, 404);
});
