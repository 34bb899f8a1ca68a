import { on, once } from "node:events";
import { readFile } from "node:fs/promises";
import t from "tap";
import { WebSocket } from "ws";
import type { JsonObject } from "../api/schema/wire-types.js";
import { TestServer } from "./test-server.js";

const server = await TestServer.start();
t.teardown(() => server.close());
const MAPS = "/api/v1/namespaces/default/configmaps";
const ca = await readFile(server.authority.caFile);
const admin = await server.authority.issue("sockets", "CN=sockets, O=system:masters");
const credentials = { cert: await readFile(admin.certFile), key: await readFile(admin.keyFile) };

function open(path: string, protocols: readonly string[] = [], options: object = credentials) {
  const url = `${server.url.replace("https", "wss")}${path}`;
  return new WebSocket(url, [...protocols], { ca, ...options });
}

const make = (name: string, data: JsonObject = {}) =>
  server.send("POST", MAPS, {
    body: { apiVersion: "v1", kind: "ConfigMap", metadata: { name, labels: { a: "b" } }, data },
  });

/** The events of a watch, from the first on. */
function eventsOf(socket: WebSocket): () => Promise<JsonObject> {
  const messages = on(socket, "message")[Symbol.asyncIterator]();
  return async () => {
    const { value } = (await messages.next()) as { value: [Buffer, boolean] };
    const [data, isBinary] = value;
    t.equal(isBinary, false, "JSON is text");
    return JSON.parse(data.toString()) as JsonObject;
  };
}

void t.test("a watch over a WebSocket: one message for each event", async (t) => {
  await make("one", { text: "a\nb ä" });
  const socket = open(`${MAPS}?watch=1&labelSelector=a%3Db&timeoutSeconds=60`);
  const next = eventsOf(socket);
  t.match(await next(), {
    type: "ADDED",
    object: { metadata: { name: "one" }, data: { text: "a\nb ä" } },
  });
  await make("two");
  t.match(await next(), { type: "ADDED", object: { metadata: { name: "two" } } });
  await server.send("DELETE", `${MAPS}/two`);
  t.match(await next(), { type: "DELETED", object: { metadata: { name: "two" } } });
  socket.close();
  await once(socket, "close");
});

void t.test("it ends when its time is over", async (t) => {
  const socket = open(`${MAPS}?watch=1&timeoutSeconds=1`);
  const [code] = (await once(socket, "close")) as [number];
  t.equal(code, 1000);
});

void t.test("a refusal is the answer to the upgrade", async (t) => {
  const cases: readonly (readonly [path: string, options: object, status: number])[] = [
    [`${MAPS}?watch=1&labelSelector=a%3D%3D%3D`, credentials, 400],
    [`/api/v1/nothing?watch=1`, credentials, 404],
    [`${MAPS}?watch=1`, {}, 403],
    [`${MAPS}?watch=1`, { ...credentials, headers: { accept: "application/yaml" } }, 406],
  ];
  for (const [path, options, status] of cases) {
    const socket = open(path, [], options);
    socket.on("error", () => {});
    const [, response] = (await once(socket, "unexpected-response")) as [
      unknown,
      { statusCode: number; headers: JsonObject },
    ];
    t.equal(response.statusCode, status, path);
    t.equal(response.headers["content-type"], "application/json");
    socket.terminate();
  }
});

void t.test("a token may be the name of a subprotocol", async (t) => {
  const accounts = "/api/v1/namespaces/default/serviceaccounts";
  const account = { apiVersion: "v1", kind: "ServiceAccount", metadata: { name: "sockets" } };
  await server.send("POST", accounts, { body: account });
  const path = `${accounts}/sockets/token`;
  const body = { apiVersion: "authentication.k8s.io/v1", kind: "TokenRequest", spec: {} };
  const { token } = (await server.send("POST", path, { body })).body["status"] as { token: string };
  await server.send("POST", "/apis/rbac.authorization.k8s.io/v1/clusterrolebindings", {
    body: {
      apiVersion: "rbac.authorization.k8s.io/v1",
      kind: "ClusterRoleBinding",
      metadata: { name: "sockets" },
      roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name: "view" },
      subjects: [{ kind: "ServiceAccount", name: "sockets", namespace: "default" }],
    },
  });
  await server.send("GET", "/apis/rbac.authorization.k8s.io/v1/clusterrolebindings");
  const secret = `base64url.bearer.authorization.k8s.io.${Buffer.from(token).toString("base64url")}`;
  const socket = open(`${MAPS}?watch=1&labelSelector=a%3Db`, [secret, "events.k8s.io"], {});
  const next = eventsOf(socket);
  t.match(await next(), { object: { metadata: { name: "one" } } });
  t.equal(socket.protocol, "events.k8s.io", "the token is not sent back");
  socket.terminate();
  const nonsense = `base64url.bearer.authorization.k8s.io.${Buffer.from("x.y.z").toString("base64url")}`;
  const bad = open(`${MAPS}?watch=1`, [nonsense, "events.k8s.io"], {});
  bad.on("error", () => {});
  const [, response] = (await once(bad, "unexpected-response")) as [
    unknown,
    { statusCode: number },
  ];
  t.equal(response.statusCode, 401);
  bad.terminate();
});
