import { readFile } from "node:fs/promises";
import { createServer, get } from "node:http";
import { connect, type TLSSocket } from "node:tls";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { type AddressInfo, connect as connectTcp, createServer as createTcpServer } from "node:net";
import t, { type Test } from "tap";
import { installedKubectls, kubectlPath } from "../../api/streaming/test-kubectls.js";
import { startTestCluster, type TestCluster } from "./test-cluster.js";

t.setTimeout(180_000);

const KUBECTLS = installedKubectls().map(({ version }) => version);

async function cluster(t: Test): Promise<TestCluster> {
  const running = await startTestCluster();
  t.teardown(() => running.close());
  return running;
}

t.test("kubectl exec", async (t) => {
  const c = await cluster(t);
  const shell = (script: string): string[] => ["exec", "one", "--", "sh", "-c", script];
  const megabytes = "0123456789abcdef".repeat(200_000);
  for (const version of KUBECTLS) {
    const mixed = await c.kubectl(version, shell("echo out; echo err >&2; exit 7"));
    t.same(
      mixed,
      { code: 7, stdout: "out\n", stderr: "err\ncommand terminated with exit code 7\n" },
      `${version}: both outputs and the exit code`,
    );
    const wc = await c.kubectl(version, ["exec", "-i", "one", "--", "wc", "-c"], megabytes);
    t.same([wc.code, wc.stdout.trim()], [0, "3200000"], `${version}: stdin to its end`);
    const much = await c.kubectl(version, shell("head -c 20000000 /dev/zero"));
    t.same([much.code, much.stdout.length], [0, 20_000_000], `${version}: 20 MB of output`);
    const missing = await c.kubectl(version, ["exec", "one", "--", "/no/such"]);
    t.match(missing, { code: 1, stderr: /cannot run/ }, `${version}: a command that is not there`);
    const homeless = await c.kubectl(version, ["exec", "homeless", "--", "true"]);
    t.match(homeless.stderr, /\(BadRequest\): pod homeless does not have a host assigned/, version);
    const wrong = await c.kubectl(version, ["exec", "two", "-c", "z", "--", "true"]);
    t.match(wrong.stderr, /container z/, `${version}: a container that is not there`);
  }
});

t.test("kubectl port-forward", async (t) => {
  const c = await cluster(t);
  const web = createServer((_request, response) => response.end("x".repeat(100_000)));
  await new Promise<void>((resolve) => web.listen(0, "127.0.0.1", resolve));
  t.teardown(() => web.close());
  const target = (web.address() as AddressInfo).port;
  const counter = createTcpServer({ allowHalfOpen: true }, (socket) => {
    let count = 0;
    socket.on("data", (chunk: Buffer) => (count += chunk.length));
    socket.once("end", () => socket.end(String(count)));
  });
  await new Promise<void>((resolve) => counter.listen(0, "127.0.0.1", resolve));
  t.teardown(() => counter.close());
  const counted = (counter.address() as AddressInfo).port;
  for (const version of KUBECTLS) {
    const child = spawn(kubectlPath(version), [
      "--kubeconfig",
      c.kubeconfig,
      "port-forward",
      "one",
      `:${target}`,
      `:${counted}`,
    ]);
    t.teardown(() => child.kill());
    let said = "";
    for await (const chunk of child.stdout.iterator({ destroyOnReturn: false })) {
      said += String(chunk);
      // Each port is told twice where the computer has IPv6.
      if (/(127\.0\.0\.1:\d+ -> \d+\n[^]*){2}/.test(said)) break;
    }
    const [port = 0, second = 0] = [...said.matchAll(/127\.0\.0\.1:(\d+)/g)].map(([, p]) =>
      Number(p),
    );
    const sizes = await Promise.all(Array.from({ length: 10 }, () => sizeOf(port)));
    t.same(
      sizes,
      Array.from({ length: 10 }, () => 100_000),
      version,
    );
    const counts = await Promise.all([1, 300_000].map((size) => countedBytes(second, size)));
    t.same(counts, ["1", "300000"], `${version}: the end of one half is passed on`);
    child.kill();
    await once(child, "close");
  }
});

/** Sends that many bytes, ends its half of the connection, and gives what came back. */
async function countedBytes(port: number, size: number): Promise<string> {
  const socket = connectTcp({ port, host: "127.0.0.1", allowHalfOpen: true });
  socket.end(Buffer.alloc(size));
  let answer = "";
  for await (const chunk of socket) answer += String(chunk);
  return answer;
}

function sizeOf(port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    get({ port, host: "127.0.0.1", agent: false }, (response) => {
      let sizeBytes = 0;
      response.on("data", (chunk: Buffer) => {
        sizeBytes += chunk.length;
      });
      response.once("end", () => resolve(sizeBytes));
    }).once("error", reject);
  });
}

t.test("kubectl logs", async (t) => {
  const c = await cluster(t);
  for (const version of KUBECTLS) {
    Object.assign(c, { log: { status: 200, body: "a line\n" } });
    t.same(
      await c.kubectl(version, ["logs", "one"]),
      { code: 0, stdout: "a line\n", stderr: "" },
      version,
    );
    const message = 'container "main" in pod "one" is waiting to start: ContainerCreating';
    const body = { kind: "Status", status: "Failure", reason: "BadRequest", code: 400, message };
    Object.assign(c, { log: { status: 400, body: JSON.stringify(body) } });
    const waiting = await c.kubectl(version, ["logs", "one"]);
    t.equal(waiting.stderr, `Error from server (BadRequest): ${message}\n`, version);
    t.equal((await c.kubectl(version, ["logs", "homeless"])).stdout, "", "no node, no log");
  }
});

t.test("refusals are Statuses", async (t) => {
  const c = await cluster(t);
  const ca = await readFile(c.authority.caFile);
  const upgrade = async (path: string, headers: readonly string[]): Promise<string> => {
    const socket: TLSSocket = connect({ port: c.port, host: "127.0.0.1", ca });
    await once(socket, "secureConnect");
    const lines = [`POST /api/v1/namespaces/default/pods/${path} HTTP/1.1`, "Host: x", ...headers];
    socket.write(`${lines.join("\r\n")}\r\n\r\n`);
    let answer = "";
    for await (const chunk of socket) answer += String(chunk);
    return answer;
  };
  const spdy = ["Connection: Upgrade", "Upgrade: SPDY/3.1"];
  const v4 = [...spdy, "X-Stream-Protocol-Version: v4.channel.k8s.io"];
  const cases: readonly [string, string, readonly string[], RegExp][] = [
    [
      "unknown protocol",
      "one/exec?command=a&stdout=1",
      [...spdy, "X-Stream-Protocol-Version: v9.channel.k8s.io"],
      /^HTTP\/1.1 403 [^]*X-Accepted-Stream-Protocol-Versions: v4\.channel\.k8s\.io[^]*"reason":"Forbidden"/,
    ],
    ["no protocol", "one/exec?command=a&stdout=1", spdy, /^HTTP\/1.1 400 [^]*is required/],
    ["no stream", "one/exec?command=a", v4, /400 [^]*at least 1 of stdin, stdout, stderr/],
    ["no command", "one/exec?stdout=1", v4, /400 [^]*at least one command/],
    ["no pod", "none/exec?command=a&stdout=1", v4, /404 [^]*pods \\"none\\" not found/],
    ["which container", "two/attach?stdout=1", v4, /400 [^]*for pod two, choose one of: \[a b\]/],
    [
      "no such container",
      "one/attach?stdout=1&container=x",
      v4,
      /container x is not valid for pod one/,
    ],
    [
      "another upgrade",
      "one/exec?command=a&stdout=1",
      ["Connection: Upgrade", "Upgrade: h2c"],
      /400 [^]*Upgrade request required/,
    ],
    [
      "port-forward of another protocol",
      "one/portforward",
      v4,
      /403 [^]*server accepts \[portforward\.k8s\.io\]/,
    ],
  ];
  for (const [what, path, headers, wanted] of cases)
    t.match(await upgrade(path, headers), wanted, what);
});
