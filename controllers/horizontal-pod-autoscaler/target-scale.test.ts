import t from "tap";
import type { HorizontalPodAutoscaler } from "../../api/schema/types/autoscaling-v2.gen.js";
import { scalePath } from "./target-scale.js";

function pathOf(apiVersion: string, kind: string): ReturnType<typeof scalePath> {
  const scaleTargetRef = { apiVersion, kind, name: "web" };
  const metadata = { name: "x", namespace: "shop" };
  return scalePath({ metadata, spec: { scaleTargetRef } } as unknown as HorizontalPodAutoscaler);
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
  t.match(pathOf("apps/v1", "Boat"), { error: 'no matches for kind "Boat" in group "apps"' });
  t.match(pathOf("v1", "ConfigMap"), { ok: false, error: /could not find/ });
  t.end();
});
