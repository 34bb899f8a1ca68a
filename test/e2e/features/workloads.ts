import { join } from "node:path";
import type { Test } from "tap";
import type { Job } from "../../../api/schema/types/batch-v1.gen.js";
import type { PersistentVolumeClaim, Pod, Service } from "../../../api/schema/types/core-v1.gen.js";
import type { Kubectl, KubectlResult } from "../kubectl.js";
import type { TestCluster } from "../test-cluster.js";
import { until } from "../until.js";
import { FLUENTD, GUESTBOOK, WEB, ZK, gatedPod, thirdTime } from "./workload-manifests.js";

const NAMESPACE = "workloads";
const WAIT = "--timeout=120s";

/** Those of a group mostly wait: they go side by side. */
type Part = readonly [name: string, show: (t: Test) => Promise<void>];

/** kubectl in the namespace of this feature. */
interface Shell {
  run(...args: string[]): Promise<KubectlResult>;
  ok(...args: string[]): Promise<string>;
  apply(manifest: string): Promise<string>;
  json<T>(...args: string[]): Promise<T>;
  pods(selector: string): Promise<Pod[]>;
}

function shellOf(kubectl: Kubectl): Shell {
  const inNamespace = ["-n", NAMESPACE];
  const json = <T>(...args: string[]): Promise<T> => kubectl.json<T>([...inNamespace, ...args]);
  return {
    run: (...args) => kubectl.run([...inNamespace, ...args]),
    ok: (...args) => kubectl.ok([...inNamespace, ...args]),
    apply: (stdin) => kubectl.ok([...inNamespace, "apply", "-f", "-"], { stdin }),
    json,
    pods: async (selector) => (await json<{ items: Pod[] }>("get", "pods", "-l", selector)).items,
  };
}

/** The examples of Kubernetes' tutorials on a cluster of two nodes, node-1 and node-2. */
export async function workloads(t: Test, cluster: TestCluster): Promise<void> {
  const kubectl = cluster.kubectl();
  const shell = shellOf(kubectl);
  await kubectl.ok(["create", "namespace", NAMESPACE]);
  t.teardown(() => kubectl.run(["delete", "namespace", NAMESPACE, "--wait=false"]));
  await shell.apply(thirdTime(join(cluster.home, "tries")));
  for (const manifest of [GUESTBOOK, WEB, FLUENTD, ZK]) await shell.apply(manifest);
  const rollouts = ["deployment/frontend", "daemonset/fluentd", "statefulset/web"].map(
    (workload): Part => [`kubectl rollout: ${workload}`, (t) => rollout(t, shell, workload)],
  );
  const groups: readonly (readonly Part[])[] = [
    [
      ["Guestbook", (t) => guestbook(t, shell)],
      ["StatefulSet web keeps its names and its data", (t) => statefulSet(t, shell)],
      ["a DaemonSet is on every node", (t) => daemonSet(t, shell)],
      ["a quota is refused with its numbers", (t) => quota(t, kubectl, shell)],
    ],
    [...rollouts, ["a budget blocks a drain", (t) => budget(t, shell)]],
    [
      ["a Job that fails twice and succeeds", (t) => job(t, shell)],
      ["Guestbook: the clean-up of the tutorial", (t) => guestbookGone(t, shell)],
    ],
  ];
  for (const group of groups) {
    t.jobs = group.length;
    await Promise.all(group.map(([name, show]) => t.test(name, show)));
  }
  t.jobs = 1;
}

async function guestbook(t: Test, shell: Shell): Promise<void> {
  for (const name of ["redis-leader", "redis-follower", "frontend"])
    await shell.ok("rollout", "status", `deployment/${name}`, WAIT);
  const { spec } = await shell.json<Service>("get", "service", "frontend");
  const url = `http://${spec.clusterIP}/cgi-bin/guestbook`;
  const sign = await until("the guestbook to be signed", async () => {
    const answer = await fetch(url, { method: "POST", body: "Hello from the test" });
    const text = await answer.text();
    return answer.ok && text.includes("Hello") ? text : null;
  });
  t.match(sign, /^Hello from the test$/m, "the leader has it");
  await until("every follower to have it", async () => {
    for (const { metadata } of await shell.pods("app=redis,role=follower")) {
      const name = metadata.name ?? "";
      if (!(await shell.ok("exec", name, "--", "cat", "/tmp/messages")).includes("Hello"))
        return false;
    }
    return true;
  });
  t.match(await (await fetch(url)).text(), /^Hello from the test$/m, "read through the frontend");
  for (const replicas of [5, 2]) {
    await shell.ok("scale", "deployment", "frontend", `--replicas=${replicas}`);
    await shell.ok("rollout", "status", "deployment/frontend", WAIT);
    await until(`${replicas} frontends`, async () => {
      return (await shell.pods("app=guestbook,tier=frontend")).length === replicas;
    });
  }
}

async function guestbookGone(t: Test, shell: Shell): Promise<void> {
  await shell.ok("delete", "deployment,service", "-l", "app=redis");
  await shell.ok("delete", "deployment", "frontend");
  await shell.ok("delete", "service", "frontend");
  await until("no pod of it to be left", async () => {
    return (await shell.pods("app in (redis, guestbook)")).length === 0;
  });
  t.match(await shell.run("get", "pods", "-l", "app=redis"), { stderr: /^No resources found/ });
}

async function statefulSet(t: Test, shell: Shell): Promise<void> {
  const ready = () => shell.ok("rollout", "status", "statefulset/web", WAIT);
  const page = "/usr/share/nginx/html/index.html";
  await ready();
  const before = await shell.pods("app=nginx");
  t.same(namesOf(before), ["web-0", "web-1"]);
  for (const name of namesOf(before))
    await shell.ok("exec", name, "--", "sh", "-c", `hostname > ${page}`);
  const read = async (name: string): Promise<string> => {
    const fetch = `busybox wget -q -O - "http://$(getent hosts ${name}.nginx | busybox cut -d" " -f1)"`;
    return (await shell.ok("exec", "web-1", "--", "sh", "-c", fetch)).trim();
  };
  for (const name of ["web-0", "web-1"])
    await until(`${name}.nginx to answer`, async () => (await read(name)) === name);
  await shell.ok("delete", "pod", "-l", "app=nginx");
  await ready();
  const after = await shell.pods("app=nginx");
  t.same(namesOf(after), namesOf(before), "the same names");
  for (const { metadata } of before)
    t.notOk(
      after.some((pod) => pod.metadata.uid === metadata.uid),
      `${metadata.name} is new`,
    );
  for (const name of ["web-0", "web-1"])
    await until(`${name}.nginx to have its data`, async () => (await read(name)) === name);
  await shell.ok("scale", "statefulset", "web", "--replicas=3");
  await ready();
  t.same(namesOf(await shell.pods("app=nginx")), ["web-0", "web-1", "web-2"]);
  await shell.ok("patch", "statefulset", "web", "-p", '{"spec":{"replicas":2}}');
  await until("the highest to go", async () => {
    return namesOf(await shell.pods("app=nginx")).join() === "web-0,web-1";
  });
  const { items } = await shell.json<{ items: PersistentVolumeClaim[] }>("get", "pvc");
  t.same(
    items.map(({ metadata, status }) => [metadata.name, status?.phase]),
    ["www-web-0", "www-web-1", "www-web-2"].map((name) => [name, "Bound"]),
    "claims outlive their pods",
  );
}

async function daemonSet(t: Test, shell: Shell): Promise<void> {
  await shell.ok("rollout", "status", "daemonset/fluentd", WAIT);
  const nodes = (await shell.pods("name=fluentd")).map(({ spec }) => spec.nodeName);
  t.equal(nodes.length, 2);
  t.same(new Set(nodes), new Set(["node-1", "node-2"]));
  t.match(await shell.ok("get", "daemonset", "fluentd", "--no-headers"), /^fluentd( +2){5} /);
}

/** Changes while it is paused do nothing, and all of them count at once when it is resumed. */
async function pauseAndResume(t: Test, shell: Shell, workload: string): Promise<void> {
  // Those of the last roll-out may still be ending.
  const podsOf = async (): Promise<readonly string[]> =>
    (await shell.pods("app=guestbook,tier=frontend"))
      .filter(({ metadata }) => metadata.deletionTimestamp === undefined)
      .map(({ metadata }) => metadata.uid)
      .sort();
  const observed = async (): Promise<boolean> => {
    const path = "jsonpath={.metadata.generation} {.status.observedGeneration}";
    const [wanted, seen] = (await shell.ok("get", workload, "-o", path)).split(" ");
    return wanted === seen;
  };
  const progressing = () =>
    shell.ok(
      "get",
      workload,
      "-o",
      'jsonpath={.status.conditions[?(@.type=="Progressing")].reason}',
    );
  const revisions = async () => (await shell.ok("rollout", "history", workload)).trim().split("\n");
  const [pods, before] = [await podsOf(), await revisions()];
  t.match(await shell.ok("rollout", "pause", workload), /paused/);
  await shell.ok("set", "env", workload, "FIRST=1");
  await shell.ok("set", "env", workload, "SECOND=2");
  await until("the pause to be seen", async () => {
    return (await observed()) && (await progressing()) === "DeploymentPaused";
  });
  t.same(await podsOf(), pods, "the pods stay");
  t.same(await revisions(), before, "no revision is made");
  const refused = await shell.run("rollout", "undo", workload);
  t.match(refused.stderr, /cannot rollback a paused deployment/);
  t.match(await shell.run("rollout", "pause", workload), { stderr: /is already paused/ });
  t.match(await shell.ok("rollout", "resume", workload), /resumed/);
  t.match(await shell.ok("rollout", "status", workload, WAIT), /successfully rolled out/);
  t.equal((await revisions()).length, before.length + 1, "one revision for both changes");
  t.match(await shell.run("rollout", "resume", workload), { stderr: /is not paused/ });
}

/** A change, a look at the history, back again, and a restart. */
async function rollout(t: Test, shell: Shell, workload: string): Promise<void> {
  const status = () => shell.ok("rollout", "status", workload, WAIT);
  const template = () => shell.ok("get", workload, "-o", "jsonpath={.spec.template}");
  const original = await template();
  await shell.ok("set", "env", workload, "VERSION=2");
  t.match(await status(), /successfully rolled out|partitioned roll out complete/);
  t.not(await template(), original);
  const history = await shell.ok("rollout", "history", workload);
  t.match(history, /^1 [^]*^2 /m, "two revisions");
  t.match(await shell.ok("rollout", "history", workload, "--revision=2"), /VERSION:\s+2/);
  t.match(await shell.ok("rollout", "undo", workload), /rolled back/);
  await status();
  t.equal(await template(), original, "the first template again");
  t.match(await shell.ok("rollout", "restart", workload), /restarted/);
  await status();
  t.match(await template(), /kubectl\.kubernetes\.io\/restartedAt/);
  if (workload.startsWith("deployment/")) await pauseAndResume(t, shell, workload);
}

async function budget(t: Test, shell: Shell): Promise<void> {
  await shell.ok("rollout", "status", "deployment/zk", WAIT);
  await until("the budget to know its pods", async () => {
    return (await shell.ok("get", "pdb", "zk-pdb", "-o", HEALTHY_OF_BUDGET)) === "2/2 0";
  });
  const before = await shell.pods("app=zk");
  const node = before[0]?.spec.nodeName ?? "";
  const drain = (timeout: string) =>
    shell.run(
      "drain",
      node,
      "--pod-selector=app=zk",
      "--ignore-daemonsets",
      `--timeout=${timeout}`,
    );
  t.teardown(() => shell.run("uncordon", node));
  const blocked = await drain("3s");
  t.equal(blocked.code, 1);
  t.match(blocked.stderr, /Cannot evict pod as it would violate the pod's disruption budget/);
  t.same(namesOf(await shell.pods("app=zk")), namesOf(before), "nobody was evicted");
  await shell.ok("patch", "pdb", "zk-pdb", "-p", '{"spec":{"minAvailable":1}}');
  await until("the budget to allow one", async () => {
    return (await shell.ok("get", "pdb", "zk-pdb", "-o", HEALTHY_OF_BUDGET)) === "2/1 1";
  });
  const { code, stderr, stdout } = await drain("100s");
  t.equal(code, 0, stderr);
  t.match(stdout, new RegExp(`node/${node} drained`));
  await shell.ok("rollout", "status", "deployment/zk", WAIT);
  const nodes = (await shell.pods("app=zk")).map(({ spec }) => spec.nodeName);
  t.notOk(nodes.includes(node), "they run elsewhere");
  await shell.ok("uncordon", node);
}

const HEALTHY_OF_BUDGET =
  "jsonpath={.status.currentHealthy}/{.status.desiredHealthy} {.status.disruptionsAllowed}";

async function quota(t: Test, kubectl: Kubectl, shell: Shell): Promise<void> {
  const namespace = `${NAMESPACE}-quota`;
  await kubectl.ok(["create", "namespace", namespace]);
  t.teardown(() => kubectl.run(["delete", "namespace", namespace, "--wait=false"]));
  const hard = "--hard=pods=2,requests.cpu=300m";
  await kubectl.ok(["-n", namespace, "create", "quota", "compute", hard]);
  const create = (name: string, requests: string) =>
    kubectl.run(["-n", namespace, "create", "-f", "-"], { stdin: gatedPod(name, requests) });
  await until("the quota to be counted", async () => (await create("a", "cpu: 100m")).code === 0);
  t.match(await create("b", "cpu: 250m"), {
    code: 1,
    stderr:
      /pods "b" is forbidden: exceeded quota: compute, requested: requests.cpu=250m, used: requests.cpu=100m, limited: requests.cpu=300m/,
  });
  t.match(await create("b", ""), {
    code: 1,
    stderr: /failed quota: compute: must specify requests.cpu for: main/,
  });
  t.match(await create("b", "cpu: 100m"), { code: 0 });
  t.match(await create("c", "cpu: 100m"), {
    code: 1,
    stderr: /exceeded quota: compute, requested: pods=1, used: pods=2, limited: pods=2/,
  });
  t.match(
    await kubectl.ok(["-n", namespace, "describe", "quota", "compute"]),
    /pods +2 +2\s+requests\.cpu +200m +300m/,
  );
  t.equal((await shell.run("get", "quota")).stdout, "", "another namespace has none");
}

async function job(t: Test, shell: Shell): Promise<void> {
  await shell.ok("wait", "--for=condition=complete", "job/third-time", WAIT);
  const { status } = await shell.json<Job>("get", "job", "third-time");
  t.match(status, { failed: 2, succeeded: 1 });
  const pods = await shell.pods("job-name=third-time");
  const inPhase = (phase: string) => pods.filter(({ status }) => status?.phase === phase).length;
  t.same([pods.length, inPhase("Failed"), inPhase("Succeeded")], [3, 2, 1]);
  t.match(await shell.ok("get", "job", "third-time", "--no-headers"), / Complete +1\/1 /);
}

function namesOf(pods: readonly Pod[]): string[] {
  return pods.map(({ metadata }) => metadata.name ?? "").sort();
}
