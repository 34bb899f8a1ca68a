import { once } from "node:events";
import { createServer } from "node:net";
import type { AddressInfo, Socket } from "node:net";
import { PassThrough } from "node:stream";
import { text } from "node:stream/consumers";
import {
  CoreV1Api,
  Exec,
  KubeConfig,
  Log,
  PortForward,
  Watch,
  makeInformer,
  type V1ConfigMap,
  type V1Status,
} from "@kubernetes/client-node";
import t from "tap";
import { TestServer } from "../../apiserver/test-server.js";
import { LOG, startPodOnAgent } from "./pod-on-agent.js";

const server = await TestServer.start();
t.teardown(() => server.close());
const config = new KubeConfig();
config.loadFromFile(await server.kubeconfig());
const core = config.makeApiClient(CoreV1Api);
const namespace = "default";

void t.test("create, read, replace, list, delete", async (t) => {
  const body = { metadata: { name: "crud", labels: { app: "x" } }, data: { a: "1" } };
  const created = await core.createNamespacedConfigMap({ namespace, body });
  t.match(created.metadata, { name: "crud", uid: String });
  await t.rejects(core.createNamespacedConfigMap({ namespace, body }), { code: 409 });
  const read = await core.readNamespacedConfigMap({ namespace, name: "crud" });
  t.same(read.data, { a: "1" });
  t.type(read.metadata?.creationTimestamp, Date);
  const changed = Object.assign(read, { data: { a: "2" } });
  const replaced = await core.replaceNamespacedConfigMap({
    namespace,
    name: "crud",
    body: changed,
  });
  t.same(replaced.data, { a: "2" });
  const stale = core.replaceNamespacedConfigMap({ namespace, name: "crud", body: changed });
  await t.rejects(stale, { code: 409 }, "an old resourceVersion");
  const list = await core.listNamespacedConfigMap({ namespace, labelSelector: "app=x", limit: 1 });
  t.equal(list.items.length, 1);
  await core.deleteNamespacedConfigMap({ namespace, name: "crud" });
  await t.rejects(core.readNamespacedConfigMap({ namespace, name: "crud" }), { code: 404 });
});

void t.test("an informer sees what is there, what comes and what goes", async (t) => {
  await core.createNamespacedConfigMap({ namespace, body: { metadata: { name: "before" } } });
  const path = `/api/v1/namespaces/${namespace}/configmaps`;
  const informer = makeInformer<V1ConfigMap>(config, path, () =>
    core.listNamespacedConfigMap({ namespace }),
  );
  const seen: string[] = [];
  const waiting = new Map<string, () => void>();
  for (const verb of ["add", "update", "delete"] as const) {
    informer.on(verb, (object) => {
      const what = `${verb} ${object.metadata?.name ?? ""}`;
      seen.push(what);
      waiting.get(what)?.();
    });
  }
  const until = (what: string): Promise<void> =>
    new Promise((resolve) => {
      if (seen.includes(what)) resolve();
      else waiting.set(what, resolve);
    });
  await informer.start();
  t.teardown(() => informer.stop());
  await until("add before");
  const body = { metadata: { name: "after" } };
  const created = await core.createNamespacedConfigMap({ namespace, body });
  await until("add after");
  const changed = Object.assign(created, { data: { x: "1" } });
  await core.replaceNamespacedConfigMap({ namespace, name: "after", body: changed });
  await until("update after");
  await core.deleteNamespacedConfigMap({ namespace, name: "after" });
  await until("delete after");
  t.pass("all four");
});

void t.test("a watch", async (t) => {
  const { metadata } = await core.listNamespacedSecret({ namespace });
  const query = { resourceVersion: metadata?.resourceVersion ?? "" };
  const events: string[] = [];
  const watch = new Watch(config);
  let controller: AbortController | null = null;
  await new Promise<void>((resolve, reject) => {
    const onEvent = (type: string, object: { metadata: { name: string } }): void => {
      events.push(`${type} ${object.metadata.name}`);
      if (events.length === 2) resolve();
    };
    void watch
      .watch(`/api/v1/namespaces/${namespace}/secrets`, query, onEvent, () => {})
      .then(async (started) => {
        controller = started;
        await core.createNamespacedSecret({ namespace, body: { metadata: { name: "s" } } });
        await core.deleteNamespacedSecret({ namespace, name: "s" });
      })
      .catch(reject);
  });
  t.same(events, ["ADDED s", "DELETED s"]);
  (controller as AbortController | null)?.abort();
});

const agent = await startPodOnAgent(server, "one");
t.teardown(() => agent.close());

void t.test("exec and log", async (t) => {
  const stdout = new PassThrough();
  const stderr = new PassThrough();
  const command = ["sh", "-c", "echo out; echo err >&2; exit 3"];
  const status = await new Promise<V1Status>((resolve, reject) => {
    new Exec(config)
      .exec(namespace, "one", "main", command, stdout, stderr, null, false, resolve)
      .catch(reject);
  });
  t.match(status, { status: "Failure", details: { causes: [{ message: "3" }] } });
  t.equal(String(stdout.read()), "out\n");
  t.equal(String(stderr.read()), "err\n");
  const logged = new PassThrough();
  await new Log(config).log(namespace, "one", "main", logged, { follow: false });
  t.equal(await text(logged), LOG);
});

void t.test("port-forward", async (t) => {
  const echo = createServer((socket) => socket.pipe(socket));
  const sockets = new Set<Socket>();
  echo.on("connection", (socket) => sockets.add(socket));
  await new Promise<void>((resolve) => echo.listen(0, "127.0.0.1", resolve));
  t.teardown(() => {
    for (const socket of sockets) socket.destroy();
    echo.close();
  });
  const { port } = echo.address() as AddressInfo;
  const input = new PassThrough();
  const output = new PassThrough();
  const errors = new PassThrough();
  const forward = new PortForward(config);
  await forward.portForward(namespace, "one", [port], output, errors, input);
  const data = Buffer.alloc(300_000, "0123456789");
  input.write(data);
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of output) {
    chunks.push(chunk as Buffer);
    size += (chunk as Buffer).length;
    if (size >= data.length) break;
  }
  t.ok(Buffer.concat(chunks).equals(data), "what came back is what was sent");
  const unused = createServer();
  await new Promise<void>((resolve) => unused.listen(0, "127.0.0.1", resolve));
  const { port: closedPort } = unused.address() as AddressInfo;
  await new Promise((resolve) => unused.close(resolve));
  const failed = new PassThrough();
  const silent = new PassThrough();
  await forward.portForward(namespace, "one", [closedPort], new PassThrough(), failed, silent);
  const [said] = (await once(failed, "data")) as [Buffer];
  t.match(said.toString(), /cannot connect/u, "nobody listens there");
});
