import t from "tap";
import type { CronJob, Job } from "../../api/schema/types/batch-v1.gen.js";
import { TestCluster } from "./test-cluster.js";
import { until } from "./until.js";

/** The CronJob of Kubernetes' tutorial, over two of its minutes. */

const MINUTE_MS = 60_000;
t.setTimeout(20 * MINUTE_MS);

const HELLO = `
apiVersion: batch/v1
kind: CronJob
metadata: {name: hello}
spec:
  schedule: "* * * * *"
  jobTemplate:
    spec:
      template:
        spec:
          restartPolicy: OnFailure
          containers:
          - name: hello
            image: localhost/raftsman/busybox:1
            command: [/bin/sh, -c, "date; echo Hello from the Kubernetes cluster"]
`;

const cluster = new TestCluster("cron");
t.teardown(() => cluster.destroy());

await t.test("a CronJob runs every minute, once", async (t) => {
  const { code, stderr } = await cluster.raftsman(["up", "--servers", "1", "--nodes", "2"]);
  t.equal(code, 0, stderr);
  const kubectl = cluster.kubectl();
  await kubectl.ok(["apply", "-f", "-"], { stdin: HELLO });
  const done = await until(
    "two Jobs to be complete",
    async () => {
      const { items } = await kubectl.json<{ items: Job[] }>(["get", "jobs"]);
      const complete = items.filter(({ status }) => status?.succeeded === 1);
      return complete.length >= 2 ? complete : null;
    },
    { timeoutMs: 4 * MINUTE_MS, everyMs: 1_000 },
  );
  // A Job is named after its minute, in minutes since 1970.
  const minutes = done.map(({ metadata }) =>
    Number(/^hello-(\d+)$/.exec(metadata.name ?? "")?.[1]),
  );
  minutes.sort((a, b) => a - b);
  t.equal((minutes[1] ?? 0) - (minutes[0] ?? 0), 1, "one minute after the other");
  for (const { metadata } of done) {
    const logs = await kubectl.ok(["logs", `job/${metadata.name}`]);
    t.match(logs, /^.+\nHello from the Kubernetes cluster\n$/, "each ran once");
    t.match(metadata.ownerReferences, [{ kind: "CronJob", name: "hello", controller: true }]);
  }
  const { status } = await kubectl.json<CronJob>(["get", "cronjob", "hello"]);
  const lastMs = Date.parse(status?.lastScheduleTime ?? "");
  t.ok(lastMs / MINUTE_MS >= (minutes[1] ?? Infinity), "the last one is known");
  t.match(await kubectl.ok(["get", "cronjob", "hello", "--no-headers"]), /^hello +\* \* \* \* \* /);
  await kubectl.ok(["patch", "cronjob", "hello", "-p", '{"spec":{"suspend":true}}']);
  await kubectl.ok(["delete", "cronjob", "hello"]);
  await until("its Jobs and pods to go with it", async () => {
    const { items } = await kubectl.json<{ items: unknown[] }>([
      "get",
      "jobs,pods",
      "-l",
      "job-name",
    ]);
    return items.length === 0;
  });
});
