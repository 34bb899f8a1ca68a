import type { Test } from "tap";
import type { Deployment } from "../../../api/schema/types/apps-v1.gen.js";
import { during } from "../kubectl-steps/long-running.js";
import { newestAndOldest, type Typist } from "../kubectl-steps/typists.js";
import type { TestCluster } from "../test-cluster.js";
import { until } from "../until.js";
import { type ContainerSession, configMap, talkers } from "./kubectl-manifests.js";
import { kubectlStreams } from "./kubectl-streams.js";

/** How many kubectls work at a time: each mostly waits for containers. */
const AT_A_TIME = 3;

/**
 * What people type all day into a cluster with containers, with the newest and the oldest kubectl
 * on this computer: what streams with each, everything with those that are thorough. What needs no
 * container is in kubectl-steps.
 */
export async function kubectlMatrix(
  t: Test,
  cluster: TestCluster,
  typists: readonly Typist[] = newestAndOldest(),
): Promise<void> {
  t.jobs = AT_A_TIME;
  const only = process.env["KUBECTL_ONLY"] ?? "";
  const wanted = typists.filter(({ version }) => version.includes(only));
  await Promise.all(
    wanted.map((installed) =>
      t.test(`kubectl ${installed.version}`, { buffered: true }, (t) =>
        containerLines(t, cluster, installed),
      ),
    ),
  );
}

async function containerLines(t: Test, cluster: TestCluster, installed: Typist): Promise<void> {
  const kubectl = cluster.kubectl(installed.path);
  const name = `m${installed.version.replace(".", "-")}`;
  await kubectl.ok(["create", "namespace", name]);
  t.teardown(() => kubectl.run(["delete", "namespace", name, "--wait=false"]));
  const { home } = cluster;
  const session = { ...installed, t, kubectl, ns: ["-n", name], name, home };
  await creating(session);
  if (installed.thorough) await reading(session);
  await kubectlStreams(session);
  if (!installed.thorough) return;
  await changing(session);
  await deleting(session);
}

async function creating({ t, kubectl, ns, name }: ContainerSession): Promise<void> {
  await kubectl.ok(["create", ...ns, "-f", "-"], { stdin: configMap("made") });
  const manifest = talkers(name);
  t.match(await kubectl.ok(["apply", ...ns, "-f", "-"], { stdin: manifest }), /created/);
  t.match(await kubectl.ok(["apply", ...ns, "-f", "-"], { stdin: manifest }), /unchanged/);
  const edited = manifest.replace("tier: front}}", "tier: back}}");
  t.match(await kubectl.ok(["apply", ...ns, "-f", "-"], { stdin: edited }), /configured/);
  await kubectl.ok(["rollout", "status", ...ns, `deployment/${name}`, "--timeout=120s"]);
}

async function reading({ t, kubectl, ns, name }: ContainerSession): Promise<void> {
  t.match(await kubectl.ok(["get", "nodes"]), /node-1 +Ready/);
  const table = await kubectl.ok(["get", ...ns, "pods"]);
  t.match(table, /^NAME +READY +STATUS +RESTARTS +AGE$/m);
  t.match(table, new RegExp(`^${name}-[a-z0-9]+-[a-z0-9]{5} +2/2 +Running +0 `, "m"));
  t.match(await kubectl.ok(["get", "pods", "-A"]), new RegExp(`^${name} +${name}-`, "m"));
  const described = await until("the events of a pod", async () => {
    const text = await kubectl.ok(["describe", ...ns, "pods", "-l", `app=${name}`]);
    return /Successfully assigned/.test(text) && /Started container/.test(text) ? text : null;
  });
  t.match(described, /^Name: +/m);
  t.match(await kubectl.ok(["describe", ...ns, "deploy", name]), /ScalingReplicaSet/);
  t.match(
    await kubectl.ok(["describe", "node", "node-1"]),
    /RenewTime: +\w{3}, [^]*Non-terminated Pods:[^]*Normal +NodeReady /,
  );
  t.match(
    await kubectl.ok(["cluster-info", "dump", "--namespaces", name]),
    /==== START logs for container side of pod [^]*^side is here$/m,
  );
}

async function changing(session: ContainerSession): Promise<void> {
  const { t, kubectl, ns, name } = session;
  await during(session, ["get", ...ns, "pods", "-w", "-l", `app=${name}`], async (watch) => {
    await watch.says(/ 2\/2 +Running /);
    t.match(await kubectl.ok(["scale", ...ns, `deployment/${name}`, "--replicas=1"]), /scaled/);
    await watch.says(/ 2\/2 +Terminating /);
  });
  await until("one pod", async () => {
    const { status } = await kubectl.json<Deployment>(["get", ...ns, "deployment", name]);
    return status?.replicas === 1 && status.readyReplicas === 1;
  });
  t.match(
    await kubectl.ok(["rollout", "status", ...ns, `deployment/${name}`, "--timeout=60s"]),
    /successfully rolled out/,
  );
}

async function deleting({ t, kubectl, ns, name }: ContainerSession): Promise<void> {
  const left = async (kind: string): Promise<number> =>
    (await kubectl.json<{ items: unknown[] }>(["get", ...ns, kind, "-l", `app=${name}`])).items
      .length;
  t.match(await kubectl.ok(["delete", ...ns, "pod", "web", "--now"]), /"web" deleted/);
  await kubectl.ok(["delete", ...ns, "deployment", name, "--cascade=orphan"]);
  t.equal(await left("replicasets"), 1, "orphan: the ReplicaSet stays");
  await kubectl.ok(["delete", ...ns, "replicasets", "-l", `app=${name}`, "--cascade=foreground"]);
  t.equal(await left("pods"), 0, "foreground: when the owner is gone its pods are");
}
