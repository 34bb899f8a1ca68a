import t from "tap";
import {
  CUSTOM_RESOURCE_DEFINITIONS,
  EVENTS,
  POD_DISRUPTION_BUDGETS,
  PODS,
} from "../../api/client/resource-types.js";
import type { KubernetesObject, NewObject } from "../../api/schema/wire-types.js";
import { oldestAndNewestKubectl } from "../../api/streaming/test-kubectls.js";
import { isPodReady } from "../../controllers/common/pod-state.js";
import { ControlPlane } from "./control-plane.js";
import { FLEET_DEFINITION, FLEETS } from "./fleets.js";

t.setTimeout(120_000);

const VERSIONS = oldestAndNewestKubectl().map(({ version }) => version);

void t.test("budgets, evictions and roll-outs", async (t) => {
  const plane = await ControlPlane.start();
  t.teardown(() => plane.stop());
  const newest = VERSIONS.at(-1) ?? "";
  const { server } = plane;
  const kubectl = async (version: string, run: string, prints: RegExp, code = 0) => {
    const { stdout, stderr, code: ended } = await server.kubectl(version, run.split(" "));
    t.match(stdout + stderr, prints, `${version} ${run}`);
    t.equal(ended, code, `${version} ${run}`);
  };
  const evict = (name: string, query = "") =>
    server.send("POST", `/api/v1/namespaces/default/pods/${name}/eviction${query}`, {
      body: { apiVersion: "policy/v1", kind: "Eviction", metadata: { name } },
    });

  await kubectl(newest, "create deployment web --image=nginx --replicas=3", /created/u);
  await plane.until(PODS, (pods) => pods.filter(isPodReady).length === 3);
  // Not by kubectl: before 1.21 it creates one in a version that is gone.
  const budget = await server.send(
    "POST",
    "/apis/policy/v1/namespaces/default/poddisruptionbudgets",
    {
      body: {
        apiVersion: "policy/v1",
        kind: "PodDisruptionBudget",
        metadata: { name: "web" },
        spec: { selector: { matchLabels: { app: "web" } }, maxUnavailable: 1 },
      },
    },
  );
  t.equal(budget.status, 201);
  await plane.until(POD_DISRUPTION_BUDGETS, ([budget]) => budget?.status?.disruptionsAllowed === 1);

  await t.test("a budget refuses in Kubernetes' words", async (t) => {
    await kubectl(newest, 'patch pdb web -p {"spec":{"maxUnavailable":0}}', /patched/u);
    await plane.until(POD_DISRUPTION_BUDGETS, ([budget]) => {
      const { observedGeneration = 0, disruptionsAllowed = -1 } = budget?.status ?? {};
      return observedGeneration === budget?.metadata.generation && disruptionsAllowed === 0;
    });
    const [pod] = await plane.until(PODS, (pods) => pods.length > 0);
    const refused = await evict(pod?.metadata.name ?? "");
    t.equal(refused.status, 429);
    t.match(refused.body, {
      reason: "TooManyRequests",
      message: "Cannot evict pod as it would violate the pod's disruption budget.",
      details: {
        causes: [
          {
            reason: "DisruptionBudget",
            message: "The disruption budget web needs 3 healthy pods and has 3 currently",
          },
        ],
      },
    });
    const node = pod?.spec.nodeName ?? "";
    const text = /Cannot evict pod as it would violate the pod's disruption budget/u;
    await kubectl(newest, `drain ${node} --timeout=2s --ignore-daemonsets`, text, 1);
    await kubectl(newest, `uncordon ${node}`, /uncordoned/u);
  });

  await t.test("a budget of one lets one go", async (t) => {
    await kubectl(newest, 'patch pdb web -p {"spec":{"maxUnavailable":1}}', /patched/u);
    await plane.until(POD_DISRUPTION_BUDGETS, ([budget]) => {
      const { observedGeneration = 0, disruptionsAllowed = 0 } = budget?.status ?? {};
      return observedGeneration === budget?.metadata.generation && disruptionsAllowed === 1;
    });
    const [pod] = await plane.until(PODS, (pods) => pods.filter(isPodReady).length === 3);
    const name = pod?.metadata.name ?? "";
    t.equal((await evict(name, "?dryRun=All")).status, 201, "a dry run spends nothing");
    t.equal((await evict(name)).status, 201);
    await plane.until(PODS, (pods) => {
      const ready = pods.filter(isPodReady);
      return ready.length === 3 && ready.every(({ metadata }) => metadata.name !== name);
    });
  });

  await t.test("a custom resource is asked through its scale", async () => {
    await plane.client.resource(CUSTOM_RESOURCE_DEFINITIONS).create(FLEET_DEFINITION);
    const fleet = await plane.client.resource(FLEETS).create({
      apiVersion: "example.com/v1",
      kind: "Fleet",
      metadata: { name: "blue", namespace: "default" },
      spec: { replicas: 2 },
    } as NewObject<KubernetesObject>);
    const { uid } = fleet.metadata;
    const owner = {
      apiVersion: "example.com/v1",
      kind: "Fleet",
      name: "blue",
      uid,
      controller: true,
    };
    const budgets = plane.client.resource(POD_DISRUPTION_BUDGETS);
    await budgets.create({
      apiVersion: "policy/v1",
      kind: "PodDisruptionBudget",
      metadata: { name: "blue", namespace: "default" },
      spec: { selector: { matchLabels: { fleet: "blue" } }, maxUnavailable: 1 },
    });
    for (const name of ["blue-0", "blue-1"])
      await plane.client.resource(PODS).create({
        apiVersion: "v1",
        kind: "Pod",
        metadata: {
          name,
          namespace: "default",
          labels: { fleet: "blue" },
          ownerReferences: [owner],
        },
        spec: { containers: [{ name: "c", image: "v1" }] },
      });
    await plane.until(POD_DISRUPTION_BUDGETS, (all) => {
      const { status } = all.find(({ metadata }) => metadata.name === "blue") ?? {};
      return status?.disruptionsAllowed === 1 && status.expectedPods === 2;
    });
    const naked = { app: "naked", fleet: "blue" };
    await plane.client.resource(PODS).create({
      apiVersion: "v1",
      kind: "Pod",
      metadata: { name: "naked", namespace: "default", labels: naked },
      spec: { containers: [{ name: "c", image: "v1" }] },
    });
    await plane.until(EVENTS, (events) => events.some(({ reason }) => reason === "UnmanagedPods"));
    await plane.client.resource(PODS).delete("naked", { namespace: "default" });
    for (const name of ["blue-0", "blue-1"])
      await plane.client.resource(PODS).delete(name, { namespace: "default" });
    await plane.until(PODS, (pods) => pods.length === 3);
  });

  for (const version of VERSIONS) {
    await t.test(`kubectl ${version} rolls out and drains`, async () => {
      await kubectl(version, `set image deployment/web nginx=nginx:${version}`, /updated/u);
      await kubectl(version, "rollout status deployment/web --timeout=20s", /successfully rolled/u);
      await kubectl(version, "rollout history deployment/web", /REVISION +CHANGE-CAUSE/u);
      await kubectl(version, "rollout undo deployment/web", /rolled back/u);
      await kubectl(version, "rollout pause deployment/web", /paused/u);
      await kubectl(version, "rollout resume deployment/web", /resumed/u);
      await kubectl(version, "rollout restart deployment/web", /restarted/u);
      await kubectl(version, "rollout status deployment/web --timeout=20s", /successfully rolled/u);
      await plane.until(PODS, (pods) => pods.filter(isPodReady).length === 3 && pods.length === 3);
      const [pod] = await plane.until(PODS, (pods) => pods.length > 0);
      const node = pod?.spec.nodeName ?? "";
      await kubectl(version, `taint node ${node} k=v:PreferNoSchedule`, /tainted/u);
      await kubectl(version, `taint node ${node} k-`, /untainted/u);
      await kubectl(version, `cordon ${node}`, /cordoned/u);
      await kubectl(
        version,
        `drain ${node} --dry-run=server`,
        /evicted \(server dry run\)|drained/u,
      );
      await kubectl(version, `uncordon ${node}`, /uncordoned/u);
    });
  }
});
