import t from "tap";
import type { Pod } from "../api/schema/types/core-v1.gen.js";
import { TestServer } from "./test-server.js";

/** PriorityClasses at the door, through HTTPS: what a pod gets of them, and what is refused. */

const CLASSES = "/apis/scheduling.k8s.io/v1/priorityclasses";
const PODS = "/api/v1/namespaces/default/pods";

void t.test("priorities", async (t) => {
  const server = await TestServer.start();
  t.teardown(() => server.close());
  const makeClass = (name: string, more: object) =>
    server.send("POST", CLASSES, {
      body: {
        apiVersion: "scheduling.k8s.io/v1",
        kind: "PriorityClass",
        metadata: { name },
        value: 10,
        ...more,
      },
    });
  const makePod = (name: string, spec: object) =>
    server.send("POST", PODS, {
      body: {
        apiVersion: "v1",
        kind: "Pod",
        metadata: { name },
        spec: { containers: [{ name: "c", image: "i" }], ...spec },
      },
    });
  const specOf = ({ body }: { readonly body: unknown }): Pod["spec"] => (body as Pod).spec;

  await t.test("without a class it is 0; the name of a class becomes its number", async (t) => {
    t.match(specOf(await makePod("plain", {})), {
      priority: 0,
      preemptionPolicy: "PreemptLowerPriority",
    });
    t.equal((await makeClass("high", { value: 1000, preemptionPolicy: "Never" })).status, 201);
    t.match(specOf(await makePod("high", { priorityClassName: "high" })), {
      priority: 1000,
      preemptionPolicy: "Never",
    });
    t.match(specOf(await makePod("sys", { priorityClassName: "system-node-critical" })), {
      priority: 2_000_001_000,
    });
  });

  await t.test("the default class is every pod's that names none", async (t) => {
    t.equal((await makeClass("usual", { value: 5, globalDefault: true })).status, 201);
    t.match(specOf(await makePod("default", {})), { priority: 5, priorityClassName: "usual" });
    const second = await makeClass("other", { value: 6, globalDefault: true });
    t.match(second, { status: 403, body: { message: /usual is already marked as default/ } });
  });

  await t.test("what is refused", async (t) => {
    const unknown = await makePod("unknown", { priorityClassName: "none" });
    t.match(unknown, {
      status: 403,
      body: { message: /no PriorityClass with name none was found/ },
    });
    const stated = await makePod("stated", { priorityClassName: "high", priority: 7 });
    t.match(stated, {
      status: 403,
      body: { message: /integer value of priority \(7\) must not be provided in pod spec/ },
    });
    t.match(await makeClass("system-mine", {}), { status: 422 });
    t.match(await makeClass("too-high", { value: 1_000_000_001 }), { status: 422 });
    const system = await server.send("DELETE", `${CLASSES}/system-cluster-critical`);
    t.match(system, { status: 403, body: { message: /cannot be deleted/ } });
    const patched = await server.send("PATCH", `${CLASSES}/high`, {
      body: { value: 2000 },
      headers: { "content-type": "application/merge-patch+json" },
    });
    t.match(patched, { status: 422, body: { message: /value: Forbidden: may not be changed/ } });
  });

  await t.test("a class that is gone leaves pods their number", async (t) => {
    t.equal((await server.send("DELETE", `${CLASSES}/high`)).status, 200);
    const { body } = await server.send("GET", `${PODS}/high`);
    t.equal((body as unknown as Pod).spec.priority, 1000);
  });
});
