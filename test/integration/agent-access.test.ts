import { readFileSync } from "node:fs";
import { request } from "node:https";
import { text } from "node:stream/consumers";
import t from "tap";
import { createApiClient } from "../../api/client/rest-client.js";
import { systemClock, systemRandom } from "../../api/client/system-clock.js";
import type { TestIdentity } from "../../api/streaming/test-certificates.js";
import { TestServer } from "../../apiserver/test-server.js";
import { silentLogger } from "../../base/logger.js";
import { ClientAccess } from "../../node/streaming/client-access.js";
import { PodStreamError, type PodStreams } from "../../node/streaming/pod-streams.js";
import { startStreamingServer } from "../../node/streaming/streaming-server.js";

/** No pod: who gets as far as asking for one is told so with 404. */
const NO_PODS: PodStreams = {
  pods: () => [],
  pod: () => null,
  containerLog: () => Promise.resolve(null),
  exec: () => Promise.reject(new PodStreamError("NotFound", "no container")),
  attach: () => Promise.reject(new PodStreamError("NotFound", "no container")),
  portForward: () => Promise.reject(new PodStreamError("NotFound", "no pod")),
};

void t.test("an agent asks the API server who may use its port", async (t) => {
  const server = await TestServer.start();
  t.teardown(() => server.close());
  const { authority } = server;
  const agent = await authority.issue("n1", "CN=system:node:n1, O=system:nodes");
  const client = createApiClient(
    { servers: [server.url], caFile: authority.caFile, ...agent, userAgent: "agent" },
    { clock: systemClock, random: systemRandom, logger: silentLogger },
  );
  t.teardown(() => client.close());
  let asked = 0;
  const counting: typeof client.request = (...args) => {
    asked += 1;
    return client.request(...args);
  };
  const running = await startStreamingServer(
    { listen: { host: "127.0.0.1", port: 0 }, tls: { ...agent, caFile: authority.caFile } },
    {
      access: new ClientAccess({ request: counting }, { nodeName: "n1", clock: systemClock }),
      streams: NO_PODS,
      pages: { page: (path) => Promise.resolve({ contentType: "text/plain", text: path }) },
      localVolumes: { remove: () => Promise.resolve(false) },
      gossip: ({ socket }) => socket.destroy(),
      clock: systemClock,
      logger: silentLogger,
    },
  );
  t.teardown(() => running.close());

  const post = async (path: string, body: object): Promise<Record<string, unknown>> => {
    const answer = await server.send("POST", path, { body });
    if (answer.status !== 201) throw new Error(JSON.stringify(answer.body));
    return answer.body;
  };
  const rbac = "/apis/rbac.authorization.k8s.io/v1";
  const accounts = "/api/v1/namespaces/default/serviceaccounts";
  const tokenWith = async (name: string, subresource: string): Promise<string> => {
    const metadata = { name };
    await post(accounts, { metadata });
    const rules = [{ apiGroups: [""], resources: [`nodes/${subresource}`], verbs: ["get"] }];
    await post(`${rbac}/clusterroles`, { metadata, rules });
    const roleRef = { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name };
    const subjects = [{ kind: "ServiceAccount", namespace: "default", name }];
    await post(`${rbac}/clusterrolebindings`, { metadata, roleRef, subjects });
    const { status } = await post(`${accounts}/${name}/token`, { spec: { audiences: [] } });
    return (status as { readonly token: string }).token;
  };
  const fetched = async (path: string, who: TestIdentity | string) => {
    const ca = readFileSync(authority.caFile);
    const credentials =
      typeof who === "string"
        ? { headers: { authorization: `Bearer ${who}` } }
        : { cert: readFileSync(who.certFile), key: readFileSync(who.keyFile) };
    return new Promise<{ status: number; body: string }>((resolve, reject) => {
      const url = `https://127.0.0.1:${running.port}${path}`;
      const asking = request(url, { agent: false, ca, ...credentials }, (response) => {
        const status = response.statusCode ?? 0;
        text(response).then((body) => resolve({ status, body }), reject);
      });
      asking.once("error", reject).end();
    });
  };

  const scraper = await tokenWith("scraper", "metrics");
  const reader = await tokenWith("reader", "proxy");
  const nobody = await tokenWith("nobody", "status");
  const other = await authority.issue("n2", "CN=system:node:n2, O=system:nodes");
  const log = "/containerLogs/n/p/c";
  const cases: readonly [string, TestIdentity | string, string, number][] = [
    ["metrics, with nodes/metrics", scraper, "/metrics/cadvisor", 200],
    ["a log, with nodes/metrics", scraper, log, 403],
    ["metrics, with nodes/proxy", reader, "/metrics", 200],
    ["a log, with nodes/proxy", reader, log, 404],
    ["metrics, without a right", nobody, "/metrics", 403],
    ["a token of nobody", "not.a.token", "/metrics", 401],
    ["another node", other, "/metrics", 403],
  ];
  for (const [what, who, path, status] of cases)
    t.equal((await fetched(path, who)).status, status, what);
  t.match(
    (await fetched(log, scraper)).body,
    /user=system:serviceaccount:default:scraper, verb=get, resource=nodes, subresource\(s\)=\[proxy\]/,
  );
  const before = asked;
  t.equal((await fetched("/metrics/cadvisor", scraper)).status, 200);
  t.equal(asked, before, "what was asked a moment ago is remembered");
});
