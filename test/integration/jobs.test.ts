import t from "tap";
import { CRON_JOBS, EVENTS, JOBS, PODS } from "../../api/client/resource-types.js";
import type { Job } from "../../api/schema/types/batch-v1.gen.js";
import type { Pod } from "../../api/schema/types/core-v1.gen.js";
import type { NewObject } from "../../api/schema/wire-types.js";
import { ControlPlane } from "./control-plane.js";

const plane = await ControlPlane.start();
t.teardown(() => plane.stop());
const jobs = plane.client.resource(JOBS);
const pods = plane.client.resource(PODS);
const merge = { namespace: "default", type: "merge" } as const;

/** A Job whose pods end as their label `ends` says. */
function job(name: string, spec: Partial<Job["spec"]>, ends = ""): NewObject<Job> {
  const labels = ends === "" ? {} : { ends };
  const containers = [{ name: "c", image: "i" }];
  const template = { metadata: { labels }, spec: { restartPolicy: "Never", containers } };
  return {
    apiVersion: "batch/v1",
    kind: "Job",
    metadata: { name, namespace: "default" },
    spec: { template, ...spec },
  };
}
plane.node.exitCode = ({ metadata: { labels = {} } }: Pod): number | null =>
  labels["ends"] === undefined ? null : Number(labels["ends"]);

const has = (of: Job | undefined, type: string): boolean =>
  of?.status?.conditions?.some((each) => each.type === type && each.status === "True") === true;
const named = (name: string) => (all: readonly Job[]) =>
  all.find(({ metadata }) => metadata.name === name);
async function until(name: string, holds: (of: Job) => boolean): Promise<Job> {
  const find = named(name);
  const all = await plane.until(JOBS, (seen) => {
    const found = find(seen);
    return found !== undefined && holds(found);
  });
  return find(all) as Job;
}
const podsOf = async (name: string): Promise<readonly Pod[]> => {
  const labelSelector = `batch.kubernetes.io/job-name=${name}`;
  return (await pods.list({ namespace: "default", labelSelector })).items;
};
const remove = (name: string): Promise<void> =>
  jobs.delete(name, { namespace: "default", propagationPolicy: "Foreground" });

await t.test("a Job runs its pods to completion, and counts each once", async (t) => {
  await jobs.create(job("five", { completions: 5, parallelism: 2 }, "0"));
  const done = await until("five", (of) => has(of, "Complete"));
  t.match(done.status, { succeeded: 5, terminating: 0, ready: 0 });
  t.strictSame(done.status?.failed ?? 0, 0);
  t.strictSame(done.status?.uncountedTerminatedPods ?? {}, {});
  t.match(done.status?.conditions, [
    { type: "SuccessCriteriaMet", reason: "CompletionsReached" },
    { type: "Complete", message: "Reached expected number of succeeded pods" },
  ]);
  const made = await podsOf("five");
  t.equal(made.length, 5);
  t.strictSame(
    made.flatMap(({ metadata }) => metadata.finalizers ?? []),
    [],
    "none is held back",
  );
  await plane.until(EVENTS, (events) => {
    const about = events.filter(({ involvedObject }) => involvedObject.name === "five");
    return about.some(
      ({ reason, message }) => reason === "Completed" && message === "Job completed",
    );
  });
});

await t.test("an Indexed Job has a pod for each index", async (t) => {
  await jobs.create(
    job("each", { completions: 4, parallelism: 3, completionMode: "Indexed" }, "0"),
  );
  const done = await until("each", (of) => has(of, "Complete"));
  t.equal(done.status?.completedIndexes, "0-3");
  const hosts = (await podsOf("each")).map(({ spec }) => spec.hostname ?? "");
  hosts.sort((a, b) => (a < b ? -1 : 1));
  t.strictSame(hosts, ["each-0", "each-1", "each-2", "each-3"]);
});

await t.test("a Job fails by its policy, and its pods with it", async (t) => {
  const onExitCodes = { operator: "In", values: [42] };
  const podFailurePolicy = { rules: [{ action: "FailJob", onExitCodes }] };
  const of = job("broken", { completions: 9, parallelism: 3, podFailurePolicy }, "");
  await jobs.create(of);
  await until("broken", ({ status }) => status?.ready === 3);
  const [victim] = await podsOf("broken");
  await pods.patch(victim?.metadata.name ?? "", { metadata: { labels: { ends: "42" } } }, merge);
  const failed = await until("broken", (seen) => has(seen, "Failed"));
  t.match(failed.status?.conditions, [
    { type: "FailureTarget", reason: "PodFailurePolicy" },
    { type: "Failed", reason: "PodFailurePolicy", message: /exit code 42 matching FailJob rule/ },
  ]);
  t.match(failed.status, { failed: 3, terminating: 0 });
});

await t.test("a Job is suspended and resumed", async (t) => {
  await jobs.create(job("held", { suspend: true, parallelism: 2, completions: 2 }));
  const held = await until("held", (of) => has(of, "Suspended"));
  t.equal(held.status?.startTime, undefined);
  await jobs.patch("held", { spec: { suspend: false } }, merge);
  await until("held", ({ status }) => status?.ready === 2 && status.active === 2);
  await jobs.patch("held", { spec: { suspend: true } }, merge);
  await until("held", ({ status }) => (status?.active ?? 0) === 0 && status?.terminating === 0);
  await plane.until(PODS, (all) =>
    all.every((pod) => pod.metadata.labels?.["job-name"] !== "held"),
  );
  await jobs.patch("held", { spec: { suspend: false } }, merge);
  const resumed = await until("held", ({ status }) => status?.ready === 2);
  t.strictSame(resumed.status?.failed ?? 0, 0, "a pod that was taken away has not failed");
  await remove("held");
});

await t.test("pods are released and adopted by their labels", async (t) => {
  await jobs.create(job("lost", { parallelism: 1 }));
  await until("lost", ({ status }) => status?.ready === 1);
  const [pod] = await podsOf("lost");
  const { name = "", labels = {} } = pod?.metadata ?? {};
  const none = Object.fromEntries(Object.keys(labels).map((key) => [key, null]));
  await pods.patch(name, { metadata: { labels: none } }, merge);
  const find = (all: readonly Pod[]) => all.find(({ metadata }) => metadata.name === name);
  await plane.until(PODS, (all) => (find(all)?.metadata.ownerReferences ?? []).length === 0);
  const free = await plane.until(
    PODS,
    (all) => (find(all)?.metadata.finalizers ?? []).length === 0,
  );
  t.ok(find(free));
  await pods.patch(name, { metadata: { labels } }, merge);
  const adopted = await plane.until(
    PODS,
    (all) => find(all) === undefined || find(all)?.metadata.ownerReferences?.length === 1,
  );
  t.ok(find(adopted) === undefined || find(adopted)?.metadata.finalizers?.length === 1);
  await until("lost", ({ status }) => status?.active === 1);
  await remove("lost");
});

await t.test("a Job that is deleted leaves no pod behind", async (t) => {
  for (const propagationPolicy of ["Foreground", "Background"] as const) {
    await jobs.create(job("gone", { parallelism: 2, completions: 2 }));
    await until("gone", ({ status }) => status?.ready === 2);
    await jobs.delete("gone", { namespace: "default", propagationPolicy });
    await plane.until(JOBS, (all) => named("gone")(all) === undefined);
    await plane.until(PODS, (all) =>
      all.every((pod) => pod.metadata.labels?.["job-name"] !== "gone"),
    );
    t.pass(propagationPolicy);
  }
});

await t.test("a finished Job goes when its time is over", async () => {
  await jobs.create(job("short", { ttlSecondsAfterFinished: 1 }, "0"));
  await plane.until(JOBS, (all) => named("short")(all) !== undefined);
  await plane.until(JOBS, (all) => named("short")(all) === undefined);
});

await t.test("a CronJob starts a Job when one is due", async (t) => {
  const template = job("x", {}, "0").spec.template;
  await plane.client.resource(CRON_JOBS).create({
    apiVersion: "batch/v1",
    kind: "CronJob",
    metadata: { name: "tick", namespace: "default" },
    spec: { schedule: "@every 1s", jobTemplate: { spec: { template } } },
  });
  const [tick] = await plane.until(
    CRON_JOBS,
    ([seen]) => seen?.status?.lastSuccessfulTime !== undefined,
    { limitMs: 20_000 },
  );
  t.ok(tick?.status?.lastScheduleTime);
  const made = (await jobs.list({ namespace: "default" })).items.filter(({ metadata }) =>
    metadata.name.startsWith("tick-"),
  );
  t.match(made[0]?.metadata.ownerReferences, [{ kind: "CronJob", name: "tick", controller: true }]);
});
