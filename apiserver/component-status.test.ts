import t from "tap";
import { TestServer } from "./test-server.js";

const server = await TestServer.start();
t.teardown(() => server.close());
const COMPONENTS = "/api/v1/componentstatuses";

void t.test("parts of the control plane say whether they are healthy", async (t) => {
  const alone = await server.send("GET", `${COMPONENTS}/scheduler`);
  t.match(alone.body, {
    kind: "ComponentStatus",
    conditions: [{ type: "Healthy", status: "False", error: /nobody holds the lease/u }],
  });
  const hold = { holderIdentity: "me", leaseDurationSeconds: 15 };
  const lease = "/apis/coordination.k8s.io/v1/namespaces/kube-system/leases/kube-scheduler/hold";
  const held = await server.send("PUT", lease, { body: hold, as: "scheduler" });
  t.ok(held.status < 300, held.bytes.toString());
  const list = await server.send("GET", COMPONENTS);
  t.match(list.body, {
    kind: "ComponentStatusList",
    items: [
      { metadata: { name: "consensus" }, conditions: [{ status: "True", message: "ok" }] },
      { metadata: { name: "controller-manager" }, conditions: [{ status: "False" }] },
      { metadata: { name: "scheduler" }, conditions: [{ status: "True" }] },
    ],
  });
});

void t.test("they are read and nothing else", async (t) => {
  t.match(await server.send("GET", `${COMPONENTS}/nothing`), { status: 404 });
  t.match(await server.send("GET", `${COMPONENTS}?watch=1`), { status: 405 });
  t.match(await server.send("DELETE", `${COMPONENTS}/scheduler`), { status: 405 });
  t.same((await server.send("GET", `${COMPONENTS}?labelSelector=a`)).body["items"], []);
  const accept = "application/json;as=Table;v=v1;g=meta.k8s.io";
  const table = await server.send("GET", `${COMPONENTS}/consensus`, { headers: { accept } });
  t.match(table.body, { rows: [{ cells: ["consensus", "Healthy", "ok", ""] }] });
  const protobuf = { headers: { accept: "application/vnd.kubernetes.protobuf" } };
  t.equal((await server.send("GET", COMPONENTS, protobuf)).status, 200);
});
