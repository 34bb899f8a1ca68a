import t from "tap";
import { isConflict, isNotFound } from "../../api/client/api-error.js";
import type { ApiClient, Fence } from "../../api/client/client-types.js";
import { CONFIG_MAPS } from "../../api/client/resource-types.js";
import type { Lease } from "../../api/schema/types/coordination-v1.gen.js";
import { ControlPlane } from "./control-plane.js";

const HOLD = "/apis/coordination.k8s.io/v1/namespaces/kube-system/leases/test-loop/hold";

async function hold(client: ApiClient, holderIdentity: string): Promise<Fence> {
  const body = { holderIdentity, leaseDurationSeconds: 6 };
  const lease = (await client.request("PUT", HOLD, { body })) as unknown as Lease;
  const { uid, name } = lease.metadata;
  const { leaseTransitions = 0 } = lease.spec;
  return { namespace: "kube-system", name, uid, leaseTransitions };
}

const configMap = (name: string) => ({
  apiVersion: "v1" as const,
  kind: "ConfigMap" as const,
  metadata: { name, namespace: "default" },
});

void t.test("a leader that was replaced can do no harm when it wakes", async (t) => {
  const plane = await ControlPlane.start();
  t.teardown(() => plane.stop());
  const { client } = plane;
  const first = await hold(client, "first");
  const asFirst = client.fencedBy(() => first).resource(CONFIG_MAPS);
  await asFirst.create(configMap("led"));
  t.ok(isConflict(await hold(client, "second").catch((error: unknown) => error)), "one at a time");
  await client.request("DELETE", HOLD, { body: { holderIdentity: "first" } });
  const second = await hold(client, "second");
  t.equal(second.leaseTransitions, first.leaseTransitions + 1);
  const writes: readonly (() => Promise<unknown>)[] = [
    () => asFirst.create(configMap("late")),
    () => asFirst.delete("led", { namespace: "default" }),
    () => asFirst.patch("led", { data: { a: "1" } }, { namespace: "default", type: "merge" }),
  ];
  for (const write of writes) t.ok(isConflict(await write().catch((error: unknown) => error)));
  const late = client.resource(CONFIG_MAPS).get("late", { namespace: "default" });
  t.ok(isNotFound(await late.catch((error: unknown) => error)), "nothing was written");
  const led = await client.resource(CONFIG_MAPS).get("led", { namespace: "default" });
  t.equal(led.data, undefined);
  await client
    .fencedBy(() => second)
    .resource(CONFIG_MAPS)
    .create(configMap("ours"));
});
