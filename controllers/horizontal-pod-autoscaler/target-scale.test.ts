import t from "tap";
import type { ScalePath } from "../common/scale-path.js";
import { builtInPath } from "./target-scale.js";

function pathOf(apiVersion: string, kind: string): ScalePath | null {
  return builtInPath({ apiVersion, kind, name: "web", namespace: "shop" });
}

t.test("where the scale of a target is", (t) => {
  const cases = [
    ["apps/v1", "Deployment", "/apis/apps/v1/namespaces/shop/deployments/web/scale"],
    ["apps/v1", "ReplicaSet", "/apis/apps/v1/namespaces/shop/replicasets/web/scale"],
    ["apps/v1", "StatefulSet", "/apis/apps/v1/namespaces/shop/statefulsets/web/scale"],
    ["v1", "ReplicationController", "/api/v1/namespaces/shop/replicationcontrollers/web/scale"],
  ] as const;
  for (const [apiVersion, kind, path] of cases)
    t.same(pathOf(apiVersion, kind), { ok: true, path });
  t.equal(pathOf("apps/v1", "Boat"), null, "the server may have it");
  t.match(pathOf("v1", "ConfigMap"), { ok: false, missing: "scale" });
  t.end();
});
