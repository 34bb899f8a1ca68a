import { type TestAgent, startTestAgent } from "../../apiserver/streaming/test-cluster.js";
import type { TestServer } from "../../apiserver/test-server.js";

const PODS = "/api/v1/namespaces/default/pods";

/** What every container of the agent has logged. */
export const LOG = "first line\nlast line\n";

/** Starts the agent of node n1 and one pod there that runs; its commands are processes here. */
export async function startPodOnAgent(server: TestServer, podName: string): Promise<TestAgent> {
  const agent = await startTestAgent(server.authority, { status: 200, body: LOG });
  const status = {
    addresses: [{ type: "InternalIP", address: "127.0.0.1" }],
    daemonEndpoints: { kubeletEndpoint: { Port: agent.port } },
  };
  const node = { apiVersion: "v1", kind: "Node", metadata: { name: "n1" } };
  await expectOk(server, "POST", "/api/v1/nodes", { body: node });
  await patchStatus(server, "/api/v1/nodes/n1", status);
  const pod = {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name: podName },
    spec: { nodeName: "n1", containers: [{ name: "main", image: "none" }] },
  };
  await expectOk(server, "POST", PODS, { body: pod });
  await patchStatus(server, `${PODS}/${podName}`, { phase: "Running" });
  return agent;
}

async function patchStatus(server: TestServer, path: string, status: object): Promise<void> {
  const headers = { "content-type": "application/merge-patch+json" };
  await expectOk(server, "PATCH", `${path}/status`, { headers, body: { status } });
}

async function expectOk(
  server: TestServer,
  method: string,
  path: string,
  request: { readonly body: object; readonly headers?: Readonly<Record<string, string>> },
): Promise<void> {
  const answer = await server.send(method, path, request);
  if (answer.status >= 300) throw new Error(`${method} ${path}: ${answer.bytes.toString()}`);
}
