import t from "tap";
import type { ResourceQuota } from "../../api/schema/types/core-v1.gen.js";
import { meta, NOW_MS, pod } from "../common/test-objects.js";
import { inputOf, planQuota, resyncMs } from "./plan.js";

const quota = (spec: ResourceQuota["spec"], status?: ResourceQuota["status"]): ResourceQuota => ({
  apiVersion: "v1",
  kind: "ResourceQuota",
  metadata: meta("q"),
  spec,
  ...(status === undefined ? {} : { status }),
});
const asking = (name: string, cpu: string, phase = "Running") =>
  pod(name, { phase, spec: { containers: [{ name: "c", resources: { requests: { cpu } } }] } });

void t.test("what has to be looked at", (t) => {
  const hard = { pods: "1", "limits.cpu": "1", secrets: "1", "count/jobs.batch": "1" };
  t.strictSame(inputOf(quota({ hard })), {
    objects: [{ group: "", resource: "pods" }],
    counts: [
      { group: "", resource: "secrets" },
      { group: "batch", resource: "jobs" },
    ],
  });
  t.strictSame(inputOf(quota({ hard, scopes: ["Terminating"] })).counts, []);
  t.end();
});

void t.test("the usage is summed up, and what has ended is given back", (t) => {
  const of = quota({ hard: { pods: "5", "requests.cpu": "2", secrets: "3", "count/pods": "9" } });
  const pods = [asking("a", "100m"), asking("b", "1"), asking("c", "1", "Succeeded")];
  const world = {
    objects: new Map([["pods", pods]]),
    counts: new Map([["secrets", 2]]),
    nowMs: NOW_MS,
  };
  const status = planQuota({ quota: of, ...world });
  t.strictSame(status, {
    hard: of.spec.hard,
    used: { pods: "2", "requests.cpu": "1100m", secrets: "2", "count/pods": "3" },
  });
  const same = quota(of.spec, status ?? undefined);
  t.equal(planQuota({ quota: same, ...world }), null, "an unchanged world");
  const counts = new Map([["secrets", 1]]);
  t.strictSame(
    planQuota({ quota: same, ...world, objects: null, counts })?.used,
    { ...status?.used, secrets: "1" },
    "objects that nobody looked at take what they took",
  );
  t.end();
});

void t.test("what nobody watches is counted again soon", (t) => {
  const of = (...names: readonly string[]) =>
    inputOf(quota({ hard: Object.fromEntries(names.map((name) => [name, "1"])) }));
  const watched = new Set(["pods", "configmaps", "deployments.apps"]);
  t.equal(resyncMs(of("pods", "configmaps", "count/deployments.apps"), watched), 300_000);
  t.equal(resyncMs(of("pods", "count/things.example.com"), watched), 10_000);
  t.end();
});
