import t from "tap";
import { type TestAnswer, TestServer } from "./test-server.js";

const server = await TestServer.start();
t.teardown(() => server.close());

const DEFAULT = "/api/v1/namespaces/default";
const CM = `${DEFAULT}/configmaps`;
const PODS = `${DEFAULT}/pods`;
const SERVICES = `${DEFAULT}/services`;
const HOLD = "/apis/coordination.k8s.io/v1/namespaces/kube-system/leases/kube-scheduler/hold";
const MERGE = { "content-type": "application/merge-patch+json" };

interface Meta {
  readonly name: string;
  readonly uid: string;
  readonly resourceVersion: string;
  readonly continue?: string;
  readonly remainingItemCount?: number;
  readonly deletionTimestamp?: string;
  readonly finalizers?: readonly string[];
}
function metaOf({ body }: Pick<TestAnswer, "body">): Meta {
  return body["metadata"] as Meta;
}
function configMap(name: string, more: object = {}): object {
  return { apiVersion: "v1", kind: "ConfigMap", metadata: { name, ...more } };
}
function pod(name: string, more: object = {}): object {
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name, ...more },
    spec: { containers: [{ name: "main", image: "busybox" }] },
  };
}
function service(name: string, spec: object): object {
  return {
    apiVersion: "v1",
    kind: "Service",
    metadata: { name },
    spec: { ports: [{ port: 80 }], ...spec },
  };
}
async function created(path: string, body: object): Promise<TestAnswer> {
  const answer = await server.send("POST", path, { body });
  if (answer.status !== 201) throw new Error(JSON.stringify(answer.body));
  return answer;
}
function namesOf({ body }: TestAnswer): string[] {
  return (body["items"] as { metadata: Meta }[]).map(({ metadata }) => metadata.name);
}

void t.test("a list in pieces shows one state", async (t) => {
  for (const name of ["a", "b", "c", "d", "e"]) await created(CM, configMap(name));
  const first = await server.send("GET", `${CM}?limit=2`);
  t.same(namesOf(first), ["a", "b"]);
  t.equal(metaOf(first).remainingItemCount, 3);
  await created(CM, configMap("bb"));
  await server.send("DELETE", `${CM}/e`);
  const second = await server.send("GET", `${CM}?limit=2&continue=${metaOf(first).continue ?? ""}`);
  t.same(namesOf(second), ["c", "d"], "what came later is not shown");
  t.equal(metaOf(second).resourceVersion, metaOf(first).resourceVersion);
  const third = await server.send("GET", `${CM}?continue=${metaOf(second).continue ?? ""}`);
  t.same(namesOf(third), ["e"], "what went later is shown");
  t.equal(metaOf(third).continue, undefined);
  const exact = `resourceVersionMatch=Exact&resourceVersion=${metaOf(first).resourceVersion}`;
  t.same(namesOf(await server.send("GET", `${CM}?${exact}`)), ["a", "b", "c", "d", "e"]);
  t.same(namesOf(await server.send("GET", CM)), ["a", "b", "bb", "c", "d"]);
  const future = await server.send("GET", `${CM}?resourceVersion=99999`);
  t.match(future, { status: 504, body: { message: /Too large resource version/u } });
});

void t.test("tokens and watches from before the history are told so", async (t) => {
  const first = await server.send("GET", `${CM}?limit=1`);
  await created(CM, configMap("later"));
  await server.store.compact((await server.store.status()).revision);
  const gone = await server.send("GET", `${CM}?continue=${metaOf(first).continue ?? ""}`);
  t.match(gone, { status: 410, body: { reason: "Expired" } });
  const onward = await server.send("GET", `${CM}?continue=${metaOf(gone).continue ?? ""}`);
  t.same(namesOf(onward), ["b", "bb", "c", "d", "later"], "the new token goes on");
});

void t.test(
  "a token from before the history expires though nothing of its kind changed",
  async (t) => {
    const secrets = "/api/v1/namespaces/default/secrets";
    for (const name of ["s1", "s2"]) {
      await created(secrets, { apiVersion: "v1", kind: "Secret", metadata: { name } });
    }
    const first = await server.send("GET", `${secrets}?limit=1`);
    await created(CM, configMap("other-kind"));
    const path = `${secrets}?limit=1&continue=${metaOf(first).continue ?? ""}`;
    t.match(await server.send("GET", path), { status: 200 }, "its state is still kept");
    await server.store.compact((await server.store.status()).revision);
    const gone = await server.send("GET", path);
    t.match(gone, { status: 410, body: { reason: "Expired" } });
    const onward = await server.send("GET", `${secrets}?continue=${metaOf(gone).continue ?? ""}`);
    t.same(namesOf(onward), ["s2"], "the new token goes on");
    await server.send("DELETE", `${CM}/other-kind`);
  },
);

void t.test("watches: initial events, bookmark, fields, timeout", async (t) => {
  const query =
    "watch=1&sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true";
  const list = await server.open(`${CM}?${query}&timeoutSeconds=1`);
  for (const name of ["a", "b", "bb", "c", "d", "later"]) {
    t.match(await list.next(), { type: "ADDED", object: { metadata: { name } } });
  }
  t.match(await list.next(), {
    type: "BOOKMARK",
    object: {
      kind: "ConfigMap",
      metadata: { annotations: { "k8s.io/initial-events-end": "true" } },
    },
  });
  t.match(await list.next(), { type: "BOOKMARK" }, "it says how far it came");
  t.equal(await list.next(), null, "timeoutSeconds ends it");
  const one = await server.open(`${CM}?watch=1&fieldSelector=metadata.name%3Dc&resourceVersion=0`);
  t.match(await one.next(), { type: "ADDED", object: { metadata: { name: "c" } } });
  await server.send("PATCH", `${CM}/d`, { headers: MERGE, body: { data: { x: "1" } } });
  await server.send("PATCH", `${CM}/c`, { headers: MERGE, body: { data: { x: "1" } } });
  t.match(await one.next(), { type: "MODIFIED", object: { data: { x: "1" } } });
  const deleted = await server.send("DELETE", `${CM}/c`);
  t.equal(deleted.status, 200);
  const last = (await one.next()) as unknown as { type: string; object: { metadata: Meta } };
  t.equal(last.type, "DELETED");
  const list2 = await server.send("GET", CM);
  t.equal(last.object.metadata.resourceVersion, metaOf(list2).resourceVersion);
  one.close();
});

void t.test("a watch goes on where the last one ended", async (t) => {
  const { resourceVersion } = metaOf(await server.send("GET", CM));
  await created(CM, configMap("w1"));
  await created(CM, configMap("w2"));
  const watch = await server.open(`${CM}?watch=1&resourceVersion=${resourceVersion}`);
  t.match(await watch.next(), { type: "ADDED", object: { metadata: { name: "w1" } } });
  t.match(await watch.next(), { type: "ADDED", object: { metadata: { name: "w2" } } });
  watch.close();
  const old = await server.send("GET", `${CM}?watch=1&resourceVersion=1&timeoutSeconds=1`);
  t.equal(old.status, 200, "the window reaches further back than the store");
});

void t.test("names are generated", async (t) => {
  const body = { apiVersion: "v1", kind: "ConfigMap", metadata: { generateName: "gen-" } };
  const answer = await created(CM, body);
  t.match(metaOf(answer).name, /^gen-[bcdfghjklmnpqrstvwxz2456789]{5}$/u);
});

void t.test("preconditions, finalizers and propagation", async (t) => {
  const { uid } = metaOf(
    await created(CM, configMap("held", { finalizers: ["example.com/hold"] })),
  );
  const preconditions = { preconditions: { uid: "other" } };
  t.match(await server.send("DELETE", `${CM}/held`, { body: preconditions }), {
    status: 409,
    body: {
      message:
        `Operation cannot be fulfilled on configmaps "held": ` +
        `Precondition failed: UID in precondition: other, UID in object meta: ${uid}`,
    },
  });
  const body = { propagationPolicy: "Foreground" };
  const marked = await server.send("DELETE", `${CM}/held`, { body });
  t.equal(marked.status, 200);
  t.same(metaOf(marked).finalizers, ["example.com/hold", "foregroundDeletion"]);
  t.ok(metaOf(marked).deletionTimestamp);
  const orphan = await server.send("DELETE", `${CM}/held?propagationPolicy=Orphan`);
  t.same(metaOf(orphan).finalizers, ["example.com/hold", "orphan"]);
  const bad = await server.send("DELETE", `${CM}/held?propagationPolicy=No`);
  t.match(bad, { status: 422 });
  const freed = await server.send("PATCH", `${CM}/held`, {
    headers: MERGE,
    body: { metadata: { finalizers: null } },
  });
  t.equal(freed.status, 200);
  t.equal(metaOf(freed).finalizers, undefined, "as it went, or kubectl says that nothing changed");
  t.equal((await server.send("GET", `${CM}/held`)).status, 404, "the last finalizer lets it go");
});

void t.test("pods: grace, binding, eviction", async (t) => {
  await created(PODS, pod("p1"));
  const bind = {
    apiVersion: "v1",
    kind: "Binding",
    metadata: { name: "p1" },
    target: { kind: "Node", name: "n1" },
  };
  t.equal((await server.send("POST", `${PODS}/p1/binding`, { body: bind })).status, 201);
  t.match((await server.send("GET", `${PODS}/p1`)).body, {
    spec: { nodeName: "n1" },
    status: { conditions: [{ type: "PodScheduled", status: "True" }] },
  });
  t.match(await server.send("POST", `${PODS}/p1/binding`, { body: bind }), {
    status: 409,
    body: {
      message:
        'Operation cannot be fulfilled on pods/binding "p1": ' +
        'pod p1 is already assigned to node "n1"',
    },
  });
  t.same(namesOf(await server.send("GET", "/api/v1/pods?fieldSelector=spec.nodeName%3Dn1")), [
    "p1",
  ]);
  const eviction = { apiVersion: "policy/v1", kind: "Eviction", metadata: { name: "p1" } };
  const evict = (apiVersion: string, query = "") =>
    server.send("POST", `${PODS}/p1/eviction${query}`, { body: { ...eviction, apiVersion } });
  t.equal((await evict("policy/v1beta1", "?dryRun=All")).status, 201, "an old client's");
  t.match(await evict("policy/v1alpha1"), {
    status: 400,
    body: { message: /the API version in the data \(policy\/v1alpha1\) does not match/u },
  });
  t.equal((await server.send("POST", `${PODS}/p1/eviction`, { body: eviction })).status, 201);
  t.match((await server.send("GET", `${PODS}/p1`)).body, {
    metadata: { deletionGracePeriodSeconds: 30, deletionTimestamp: String },
  });
  const shorter = await server.send("DELETE", `${PODS}/p1?gracePeriodSeconds=5`);
  t.match(shorter.body, { metadata: { deletionGracePeriodSeconds: 5 } });
  const longer = await server.send("DELETE", `${PODS}/p1?gracePeriodSeconds=50`);
  t.match(longer.body, { metadata: { deletionGracePeriodSeconds: 5 } }, "never longer");
  await server.send("DELETE", `${PODS}/p1?gracePeriodSeconds=0`);
  t.equal((await server.send("GET", `${PODS}/p1`)).status, 404);
  await created(PODS, pod("p2"));
  t.match((await server.send("DELETE", `${PODS}/p2`)).body, { kind: "Pod" });
  t.equal((await server.send("GET", `${PODS}/p2`)).status, 404, "no node runs it: it goes at once");
});

void t.test("deletecollection takes what the selector finds", async (t) => {
  for (const name of ["x1", "x2"]) await created(PODS, pod(name, { labels: { app: "x" } }));
  await created(PODS, pod("y1"));
  const answer = await server.send("DELETE", `${PODS}?labelSelector=app%3Dx`);
  t.same(namesOf(answer), ["x1", "x2"]);
  t.same(namesOf(await server.send("GET", PODS)), ["y1"]);
});

void t.test("services hold their addresses and ports", async (t) => {
  await created(SERVICES, service("s1", { clusterIP: "10.96.7.7" }));
  const taken =
    'Service "s2" is invalid: spec.clusterIPs: Invalid value: ["10.96.7.7"]: ' +
    "failed to allocate IP 10.96.7.7: provided IP is already allocated";
  const second = service("s2", { clusterIP: "10.96.7.7" });
  t.match(await server.send("POST", SERVICES, { body: second }), {
    status: 422,
    body: { message: taken },
  });
  const outside = service("s2", { clusterIP: "10.97.0.1" });
  t.match(await server.send("POST", SERVICES, { body: outside }), {
    status: 422,
    body: { message: /is not in the valid range. The range of valid IPs is 10.96.0.0\/16/u },
  });
  const ports = { type: "NodePort", ports: [{ port: 80, nodePort: 30080 }] };
  await created(SERVICES, service("s2", ports));
  t.match(await server.send("POST", SERVICES, { body: service("s3", ports) }), {
    status: 422,
    body: {
      message:
        /spec.ports\[0\].nodePort: Invalid value: 30080: provided port is already allocated/u,
    },
  });
  t.match((await created(SERVICES, service("s4", { clusterIP: "None" }))).body, {
    spec: { clusterIP: "None", clusterIPs: ["None"], ipFamilies: ["IPv4"] },
  });
  await server.send("PATCH", `${SERVICES}/s2`, {
    headers: MERGE,
    body: { spec: { type: "ClusterIP", ports: [{ port: 80 }] } },
  });
  await created(SERVICES, service("s3", ports));
  await server.send("DELETE", `${SERVICES}/s1`);
  await created(SERVICES, service("s5", { clusterIP: "10.96.7.7" }));
  t.match((await server.send("GET", `${SERVICES}/s5`)).body, { spec: { clusterIP: "10.96.7.7" } });
});

void t.test("scale", async (t) => {
  const deployments = "/apis/apps/v1/namespaces/default/deployments";
  const labels = { app: "web" };
  await created(deployments, {
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: { name: "web" },
    spec: {
      selector: { matchLabels: labels },
      template: { metadata: { labels }, spec: { containers: [{ name: "c", image: "i" }] } },
    },
  });
  t.match((await server.send("GET", `${deployments}/web/scale`)).body, {
    kind: "Scale",
    spec: { replicas: 1 },
    status: { replicas: 0, selector: "app=web" },
  });
  const accept = "application/json;as=Table;v=v1;g=meta.k8s.io,application/json";
  const table = await server.send("GET", `${deployments}/web/scale`, { headers: { accept } });
  const columnDefinitions = ["Name", "Desired", "Available", "Age"].map((name) => ({ name }));
  const rows = [{ cells: ["web", 1, 0, /s$/u], object: { metadata: { name: "web" } } }];
  t.match(table.body, { kind: "Table", columnDefinitions, rows });
  const patch = { headers: MERGE, body: { spec: { replicas: 4 } } };
  t.match(await server.send("PATCH", `${deployments}/web/scale`, patch), {
    status: 200,
    body: { spec: { replicas: 4 } },
  });
  t.match((await server.send("GET", `${deployments}/web`)).body, {
    metadata: { generation: 2 },
    spec: { replicas: 4 },
  });
});

void t.test("events are one kind in two groups", async (t) => {
  const reference = { kind: "Pod", namespace: "default", name: "p" };
  await created(`${DEFAULT}/events`, {
    apiVersion: "v1",
    kind: "Event",
    metadata: { name: "e1" },
    involvedObject: reference,
    reason: "Tested",
    message: "hello",
    type: "Normal",
  });
  const v1 = "/apis/events.k8s.io/v1/namespaces/default/events";
  t.match((await server.send("GET", `${v1}/e1`)).body, {
    apiVersion: "events.k8s.io/v1",
    note: "hello",
    regarding: reference,
  });
  t.same(
    namesOf(await server.send("GET", `${DEFAULT}/events?fieldSelector=involvedObject.name%3Dp`)),
    ["e1"],
  );
  t.same(namesOf(await server.send("GET", `${v1}?fieldSelector=regarding.name%3Dp`)), ["e1"]);
  t.match((await server.send("GET", v1)).body, {
    kind: "EventList",
    apiVersion: "events.k8s.io/v1",
  });
});

void t.test("leadership: one holder, fenced writes", async (t) => {
  const hold = (holderIdentity: string) =>
    server.send("PUT", HOLD, {
      as: "scheduler",
      body: { holderIdentity, leaseDurationSeconds: 60 },
    });
  const first = await hold("one");
  t.match(first, {
    status: 200,
    body: { kind: "Lease", spec: { holderIdentity: "one", leaseTransitions: 0 } },
  });
  const revision = (await server.store.status()).revision;
  t.equal((await hold("one")).status, 200);
  t.equal((await server.store.status()).revision, revision, "keeping it writes nothing");
  t.match(await hold("two"), {
    status: 409,
    body: { reason: "Conflict", message: /is held by "one"/u },
  });
  const fence = `kube-system/kube-scheduler;uid=${metaOf(first).uid};transitions=0`;
  const fenced = (value: string, name: string) =>
    server.send("POST", CM, { body: configMap(name), headers: { "raftsman-fence": value } });
  t.equal((await fenced(fence, "f1")).status, 201);
  t.equal((await fenced("rubbish", "f2")).status, 400);
  const release = { as: "scheduler", body: { holderIdentity: "one" } } as const;
  t.equal((await server.send("DELETE", HOLD, release)).status, 200);
  t.match(await fenced(fence, "f2"), { status: 409, body: { reason: "Conflict" } });
  t.match(await hold("two"), {
    status: 200,
    body: { spec: { holderIdentity: "two", leaseTransitions: 1 } },
  });
  t.match(await fenced(fence, "f2"), { status: 409 });
  t.equal((await server.send("GET", `${CM}/f2`)).status, 404, "nothing was written");
  const invalid = {
    as: "scheduler",
    body: { holderIdentity: "", leaseDurationSeconds: 0 },
  } as const;
  t.equal((await server.send("PUT", HOLD, invalid)).status, 422);
});

void t.test("agents speak for their own node and pods alone", async (t) => {
  const node = (name: string): object => ({ apiVersion: "v1", kind: "Node", metadata: { name } });
  const as = "node-1";
  t.equal((await server.send("POST", "/api/v1/nodes", { as, body: node("node-1") })).status, 201);
  t.match(await server.send("POST", "/api/v1/nodes", { as, body: node("node-2") }), {
    status: 403,
  });
  await created("/api/v1/nodes", node("node-2"));
  const patch = { as, headers: MERGE, body: { status: { phase: "Running" } } } as const;
  t.equal((await server.send("PATCH", "/api/v1/nodes/node-2/status", patch)).status, 403);
  await created(PODS, pod("theirs"));
  t.equal((await server.send("PATCH", `${PODS}/theirs/status`, patch)).status, 403);
  const bind = {
    apiVersion: "v1",
    kind: "Binding",
    metadata: { name: "theirs" },
    target: { name: "node-1" },
  };
  await server.send("POST", `${PODS}/theirs/binding`, { body: bind });
  t.equal((await server.send("PATCH", `${PODS}/theirs/status`, patch)).status, 200);
});

void t.test("concurrent patches all count", async (t) => {
  await created(CM, configMap("busy"));
  const names = Array.from({ length: 20 }, (_, i) => `k${i}`);
  const answers = await Promise.all(
    names.map((name) =>
      server.send("PATCH", `${CM}/busy`, { headers: MERGE, body: { data: { [name]: "1" } } }),
    ),
  );
  t.ok(answers.every(({ status }) => status === 200));
  const { body } = await server.send("GET", `${CM}/busy`);
  t.equal(Object.keys(body["data"] as object).length, 20);
});
