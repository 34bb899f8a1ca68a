import { execFile } from "node:child_process";
import { readFile, writeFile } from "node:fs/promises";
import type { IncomingMessage, ServerResponse } from "node:http";
import { createServer } from "node:https";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import type { Duplex } from "node:stream";
import { createWebSocketStream } from "ws";
import { createTestAuthority, type TestAuthority } from "../../api/streaming/test-certificates.js";
import { kubectlPath } from "../../api/streaming/test-kubectls.js";
import { realClock } from "../../api/streaming/test-clock.js";
import { startTestRuntime, type TestRuntime } from "../../api/streaming/test-runtime.js";
import { ECHO_COMMAND, runLocalCommand } from "../../api/streaming/test-shell.js";
import { acceptWebSocket, dialSpdy, offeredProtocols } from "../../api/streaming/upgrade.js";
import { webSocketCommandServer } from "../../api/streaming/websocket-command.js";
import { silentLogger } from "../../base/logger.js";
import { toApiFailure } from "../server/api-failure.js";
import type { ApiRequest, Identity } from "../server/http-types.js";
import { createPodStreaming } from "./pod-streams-handler.js";
import { parsePodStreamPath } from "./stream-path.js";

/** What a kubectl said. */
export interface KubectlResult {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/**
 * The streaming half of an API server, with one node whose "containers" are processes of this
 * machine.
 */
export interface TestCluster {
  readonly port: number;
  readonly authority: TestAuthority;
  readonly runtime: TestRuntime;
  readonly kubeconfig: string;
  /** Connections that clients and the API server hold at this moment. */
  connections(): number;
  /** Commands that run at this moment. */
  commands(): number;
  /** Resolves when there is neither connection nor command. */
  idle(): Promise<void>;
  /** What the fake agent answers for a log. */
  log: { status: number; body: string };
  kubectl(version: string, args: readonly string[], stdin?: string): Promise<KubectlResult>;
  close(): Promise<void>;
}

/** What is going on in the cluster. */
class Activity {
  readonly sockets = new Set<Duplex>();
  commands = 0;
  private waiting: (() => void)[] = [];

  addSocket(socket: Duplex): void {
    this.sockets.add(socket);
    socket.once("close", () => {
      this.sockets.delete(socket);
      this.check();
    });
  }

  async duringCommand(run: Promise<void>): Promise<void> {
    this.commands += 1;
    await run;
    this.commands -= 1;
    this.check();
  }

  async idle(): Promise<void> {
    if (this.sockets.size + this.commands === 0) return;
    await new Promise<void>((resolve) => this.waiting.push(resolve));
  }

  private check(): void {
    if (this.sockets.size + this.commands > 0) return;
    for (const wake of this.waiting.splice(0)) wake();
  }
}

const IDENTITY: Identity = { name: "admin", uid: "", groups: ["system:masters"], extra: {} };

/** Starts everything on loopback. */
export async function startTestCluster(): Promise<TestCluster> {
  const authority = await createTestAuthority();
  const runtime = await startTestRuntime();
  const activity = new Activity();
  const cluster = { log: { status: 200, body: "" } };
  const agent = await startAgent(authority, { runtime, activity, cluster });
  const kubeletClient = await authority.issue("kubelet-client", "CN=kube-apiserver-kubelet-client");
  const streaming = createPodStreaming({
    reader: {
      get: ({ resource }, { name }) => Promise.resolve(findObject(resource, name, agent.port)),
    },
    kubeletClient: { ...kubeletClient, caFile: authority.caFile },
    clock: realClock,
    logger: silentLogger,
  });
  const api = await startServer(authority, activity, {
    name: "api",
    subject: "CN=kube-apiserver",
    onRequest: (request, response) => void answer(request, response, streaming),
    onUpgrade: (request, socket, head) =>
      streaming.upgradeHandler.handle(request, socket, head, IDENTITY),
  });
  const kubeconfig = await writeKubeconfig(authority, api.port);
  return Object.assign(cluster, {
    port: api.port,
    authority,
    runtime,
    kubeconfig,
    connections: () => activity.sockets.size,
    commands: () => activity.commands,
    idle: () => activity.idle(),
    kubectl: (version: string, args: readonly string[], stdin?: string) =>
      runKubectl(kubectlPath(version), ["--kubeconfig", kubeconfig, ...args], stdin),
    close: async () => {
      streaming.close();
      for (const socket of activity.sockets) socket.destroy();
      await Promise.all([api.close(), agent.close(), runtime.close()]);
      await authority.remove();
    },
  });
}

/** An agent by itself, for a real API server of the same authority. */
export interface TestAgent {
  readonly port: number;
  /** Connections that are open at its port now. */
  connections(): number;
  /** Commands that run now. */
  commands(): number;
  idle(): Promise<void>;
  close(): Promise<void>;
}

/** Starts the agent of node n1, whose containers are processes of this machine. */
export async function startTestAgent(
  authority: TestAuthority,
  log: { status: number; body: string },
): Promise<TestAgent> {
  const runtime = await startTestRuntime();
  const activity = new Activity();
  const agent = await startAgent(authority, { runtime, activity, cluster: { log } });
  return {
    port: agent.port,
    connections: () => activity.sockets.size,
    commands: () => activity.commands,
    idle: () => activity.idle(),
    close: async () => {
      for (const socket of activity.sockets) socket.destroy();
      await Promise.all([agent.close(), runtime.close()]);
    },
  };
}

function findObject(resource: string, name: string, agentPort: number): unknown {
  if (resource === "nodes" && name === "n1")
    return {
      metadata: { name },
      status: {
        addresses: [{ type: "InternalIP", address: "127.0.0.1" }],
        daemonEndpoints: { kubeletEndpoint: { Port: agentPort } },
      },
    };
  const containers = { one: ["main"], two: ["a", "b"], homeless: ["main"] }[name];
  if (resource !== "pods" || containers === undefined) return null;
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name, namespace: "default" },
    spec: {
      nodeName: name === "homeless" ? "" : "n1",
      containers: containers.map((container) => ({ name: container, image: "x" })),
    },
    status: { phase: "Running" },
  };
}

/** Just enough of discovery for kubectl to find pods. */
async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  streaming: ReturnType<typeof createPodStreaming>,
): Promise<void> {
  const url = new URL(request.url ?? "/", "https://api");
  const stream = parsePodStreamPath(url.pathname);
  if (stream !== null) return serveSubresource(response, { url, streaming });
  const pod = /^\/api\/v1\/namespaces\/default\/pods\/([a-z]+)$/.exec(url.pathname)?.[1];
  const body = pod === undefined ? DISCOVERY[url.pathname] : findObject("pods", pod, 0);
  response.writeHead(body === undefined || body === null ? 404 : 200, {
    "Content-Type": "application/json",
  });
  response.end(JSON.stringify(body ?? { kind: "Status", code: 404 }));
}

async function serveSubresource(
  response: ServerResponse,
  { url, streaming }: { url: URL; streaming: ReturnType<typeof createPodStreaming> },
): Promise<void> {
  const stream = parsePodStreamPath(url.pathname);
  const handler = streaming.subresourceHandlers.find((h) => h.subresource === stream?.kind);
  const gone = new AbortController();
  response.once("close", () => gone.abort());
  try {
    const target = {
      namespace: stream?.namespace ?? "",
      name: stream?.pod ?? "",
      subresource: stream?.kind ?? "",
      rest: "",
    };
    const asked = { query: url.searchParams, signal: gone.signal } as ApiRequest;
    const result = await handler?.handle(asked, target);
    response.writeHead(result?.status ?? 500, result?.headers as Record<string, string>);
    if (result?.body.type === "stream")
      await result.body.run({
        write: (chunk) => void response.write(chunk),
        bufferedBytes: response.writableLength,
        drained: () => Promise.resolve(),
        signal: gone.signal,
      });
    response.end();
  } catch (error) {
    const { status } = toApiFailure(error);
    response.writeHead(status.code, { "Content-Type": "application/json" });
    response.end(JSON.stringify(status));
  }
}

const POD_VERBS = ["get", "list", "create"];
const DISCOVERY: Readonly<Record<string, unknown>> = {
  "/version": { major: "1", minor: "36", gitVersion: "v1.36.0" },
  "/api": { kind: "APIVersions", versions: ["v1"], serverAddressByClientCIDRs: [] },
  "/apis": { kind: "APIGroupList", apiVersion: "v1", groups: [] },
  "/api/v1": {
    kind: "APIResourceList",
    groupVersion: "v1",
    resources: [
      { name: "pods", singularName: "pod", namespaced: true, kind: "Pod", verbs: POD_VERBS },
    ],
  },
};

/** An agent's port without a node behind it. */
function startAgent(
  authority: TestAuthority,
  deps: {
    runtime: TestRuntime;
    activity: Activity;
    cluster: { log: { status: number; body: string } };
  },
): Promise<{ port: number; close: () => Promise<void> }> {
  return startServer(authority, deps.activity, {
    name: "agent",
    subject: "CN=system:node:n1, O=system:nodes",
    onRequest: (request, response) => {
      const { status, body } = deps.cluster.log;
      response.writeHead(status, { "Content-Type": "text/plain" });
      response.write(body);
      // A log that is followed goes on for as long as somebody listens.
      const { searchParams } = new URL(request.url ?? "/", "https://agent");
      if (searchParams.get("follow") !== "true") response.end();
    },
    onUpgrade: (request, socket, head) => {
      socket.on("error", () => socket.destroy());
      void serveAgentUpgrade({ request, socket, head }, deps);
    },
  });
}

async function serveAgentUpgrade(
  connection: { request: IncomingMessage; socket: Duplex; head: Buffer },
  { runtime, activity }: { runtime: TestRuntime; activity: Activity },
): Promise<void> {
  const url = new URL(connection.request.url ?? "/", "https://agent");
  const [protocol = ""] = offeredProtocols(connection.request);
  const webSocket = await acceptWebSocket(connection, protocol);
  if (webSocket === null) return;
  if (url.pathname.startsWith("/portForward/")) {
    // What the API server sends at once waits until there is somewhere to send it.
    webSocket.pause();
    const { transport } = await dialSpdy({
      url: new URL(runtime.portForwardUrl()),
      protocols: ["portforward.k8s.io"],
      signal: AbortSignal.timeout(5_000),
    });
    const tunnel = createWebSocketStream(webSocket);
    tunnel.on("error", () => transport.destroy());
    transport.on("error", () => tunnel.destroy());
    tunnel.pipe(transport).pipe(tunnel);
    transport.once("close", () => tunnel.destroy());
    return;
  }
  const flag = (name: string): boolean => url.searchParams.get(name) === "true";
  const streams = {
    stdin: flag("stdin"),
    stdout: flag("stdout"),
    stderr: flag("stderr"),
    tty: flag("tty"),
  };
  const end = webSocketCommandServer(
    webSocket,
    { version: "v5.channel.k8s.io", base64: false },
    streams,
  );
  const attached = url.pathname.startsWith("/attach/");
  const command = attached ? [ECHO_COMMAND] : url.searchParams.getAll("command");
  await activity.duringCommand(runLocalCommand(end, command));
}

async function startServer(
  authority: TestAuthority,
  activity: Activity,
  options: {
    name: string;
    subject: string;
    onRequest: (request: IncomingMessage, response: ServerResponse) => void;
    onUpgrade: (request: IncomingMessage, socket: Duplex, head: Buffer) => void;
  },
): Promise<{ port: number; close: () => Promise<void> }> {
  const files = await authority.issue(options.name, options.subject);
  const server = createServer({
    cert: await readFile(files.certFile),
    key: await readFile(files.keyFile),
    ca: await readFile(authority.caFile),
  });
  server.on("request", options.onRequest);
  server.on("upgrade", options.onUpgrade);
  server.on("secureConnection", (socket) => activity.addSocket(socket));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    port: (server.address() as AddressInfo).port,
    close: () => new Promise((resolve) => server.close(() => resolve())),
  };
}

async function writeKubeconfig(authority: TestAuthority, port: number): Promise<string> {
  const path = join(authority.dir, "kubeconfig");
  const config = {
    apiVersion: "v1",
    kind: "Config",
    clusters: [
      {
        name: "t",
        cluster: {
          server: `https://127.0.0.1:${port}`,
          "certificate-authority": authority.caFile,
        },
      },
    ],
    users: [{ name: "t", user: { token: "t" } }],
    contexts: [{ name: "t", context: { cluster: "t", user: "t" } }],
    "current-context": "t",
  };
  await writeFile(path, JSON.stringify(config));
  return path;
}

function runKubectl(
  command: string,
  args: readonly string[],
  stdin: string | undefined,
): Promise<KubectlResult> {
  return new Promise((resolve) => {
    const options = { timeout: 30_000, maxBuffer: 256 * 1024 * 1024, env: kubectlEnvironment() };
    const child = execFile(command, args, options, (error, stdout, stderr) => {
      const code = typeof error?.code === "number" ? error.code : error === null ? 0 : 255;
      resolve({ code, stdout, stderr });
    });
    child.stdin?.on("error", () => {});
    child.stdin?.end(stdin ?? "");
  });
}

function kubectlEnvironment(): NodeJS.ProcessEnv {
  return { ...process.env, HOME: "/nonexistent" };
}
