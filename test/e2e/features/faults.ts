import { once } from "node:events";
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { connect, type Socket } from "node:net";
import type { Test } from "tap";
import type { Pod } from "../../../api/schema/types/core-v1.gen.js";
import type { KubernetesObject } from "../../../api/schema/wire-types.js";
import type { Kubectl } from "../kubectl.js";
import type { TestCluster } from "../test-cluster.js";
import { until } from "../until.js";

const ECHO = `
apiVersion: v1
kind: PersistentVolumeClaim
metadata: {name: kept}
spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Mi}}}
---
apiVersion: v1
kind: Pod
metadata: {name: echo, labels: {app: echo}}
spec:
  terminationGracePeriodSeconds: 1
  containers:
  - name: main
    image: localhost/raftsman/busybox:1
    command: ["nc", "-ll", "-p", "7000", "-e", "cat"]
    readinessProbe: {tcpSocket: {port: 7000}, periodSeconds: 1}
    volumeMounts: [{name: kept, mountPath: /kept}]
  volumes: [{name: kept, persistentVolumeClaim: {claimName: kept}}]
`;

/**
 * Kills one process at a time, brings the cluster back, and compares: no object was replaced, no
 * container restarted, and a connection opened before still echoes.
 */
export async function faults(t: Test, cluster: TestCluster): Promise<void> {
  const kubectl = cluster.kubectl();
  t.teardown(() => kubectl.run(["delete", "pod/echo", "pvc/kept", "--now"]));
  await kubectl.ok(["apply", "-f", "-"], { stdin: ECHO });
  await kubectl.ok(["wait", "--for=condition=Ready", "pod/echo", "--timeout=60s"]);
  await kubectl.ok(["exec", "echo", "--", "sh", "-c", "echo word > /kept/file"]);
  await until("what earlier tests deleted to be gone", async () => {
    const { items } = await kubectl.json<{ items: KubernetesObject[] }>(["get", "ns,pods", "-A"]);
    return items.every(({ metadata }) => metadata.deletionTimestamp === undefined);
  });
  await t.test("killed processes of raftsman harm no pod", async (t) => {
    const pod = await kubectl.json<Pod>(["get", "pod", "echo"]);
    const socket = await echoConnection(pod.status?.podIP ?? "");
    t.teardown(() => socket.destroy());
    const before = await world(cluster, kubectl);
    t.ok(before.containers.length > 0, "there are containers to compare");
    for (const [host, name] of [
      ["server-1", "api"],
      ["server-1", "consensus"],
      ["node-1", "agent"],
      ["node-1", "containerd"],
    ] as const) {
      process.kill(await cluster.pidOf(host, name), "SIGKILL");
      await cluster.ok(["up", "--empty"]);
      await until("the API to answer", () => kubectl.ok(["get", "nodes"]));
      await until(`the same world after the death of ${name}`, async () => {
        const now = await world(cluster, kubectl);
        return JSON.stringify(now) === JSON.stringify(before);
      }).catch(async () => t.same(await world(cluster, kubectl), before));
      t.equal(
        await echo(socket, `after ${name}`),
        `after ${name}`,
        `${name}: the connection lives`,
      );
    }
  });
  await t.test("a killed container is restarted with back-off", (t) =>
    killedContainer(t, kubectl, cluster),
  );
  await t.test("a killed sandbox restarts its containers with a new address", (t) =>
    killedSandbox(t, kubectl, cluster),
  );
  const kept = await kubectl.ok(["exec", "echo", "--", "cat", "/kept/file"]);
  t.equal(kept, "word\n", "what a claim holds outlives them all");
}

async function killedContainer(t: Test, kubectl: Kubectl, cluster: TestCluster): Promise<void> {
  const restartsOf = (pod: Pod): number => pod.status?.containerStatuses?.[0]?.restartCount ?? 0;
  for (const expected of [1, 2]) {
    const pod = await running(kubectl);
    const id = containerId(pod);
    process.kill(await containerPid(cluster, id), "SIGKILL");
    const after = await until(`restart ${expected}`, async () => {
      const now = await kubectl.json<Pod>(["get", "pod", "echo"]);
      return restartsOf(now) === expected && now.status?.containerStatuses?.[0]?.ready === true
        ? now
        : null;
    });
    const status = after.status?.containerStatuses?.[0];
    t.not(containerId(after), id, "it is another container");
    t.match(status?.lastState?.terminated, { exitCode: 137, containerID: `containerd://${id}` });
    t.equal(after.status?.podIP, pod.status?.podIP, "the sandbox stayed");
  }
  await until("a word of the back-off", async () =>
    /Back-off restarting failed container/.test(
      await kubectl.ok(["get", "events", "--field-selector", "involvedObject.name=echo"]),
    ),
  );
}

async function killedSandbox(t: Test, kubectl: Kubectl, cluster: TestCluster): Promise<void> {
  const before = await running(kubectl);
  const pid = await sandboxPid(cluster, before.metadata.uid);
  process.kill(pid, "SIGKILL");
  const after = await until("the pod to run in a new sandbox", async () => {
    const pod = await kubectl.json<Pod>(["get", "pod", "echo"]);
    const status = pod.status?.containerStatuses?.[0];
    return status?.ready === true && containerId(pod) !== containerId(before) ? pod : null;
  });
  t.equal(after.metadata.uid, before.metadata.uid);
  t.not(after.status?.podIP, before.status?.podIP, "the address is new");
  const socket = await echoConnection(after.status?.podIP ?? "");
  t.equal(await echo(socket, "new"), "new");
  socket.destroy();
}

async function running(kubectl: Kubectl): Promise<Pod> {
  return until("the pod to be ready", async () => {
    const pod = await kubectl.json<Pod>(["get", "pod", "echo"]);
    return pod.status?.containerStatuses?.[0]?.ready === true ? pod : null;
  });
}

function containerId(pod: Pod): string {
  return (pod.status?.containerStatuses?.[0]?.containerID ?? "").replace("containerd://", "");
}

interface World {
  /** kind/namespace/name uid, of everything but Events and Leases. */
  readonly objects: readonly string[];
  /** containerID and when its process started, in ticks since boot; or that it has ended. */
  readonly containers: readonly string[];
}

async function world(cluster: TestCluster, kubectl: Kubectl): Promise<World> {
  const kinds =
    "nodes,namespaces,pods,services,endpoints,endpointslices,configmaps,serviceaccounts,deployments,replicasets";
  const { items } = await kubectl.json<{ items: KubernetesObject[] }>(["get", kinds, "-A"]);
  const pods = items.filter((item): item is Pod => item.kind === "Pod");
  const containers: string[] = [];
  for (const pod of pods)
    for (const { containerID, restartCount, state } of pod.status?.containerStatuses ?? []) {
      const id = (containerID ?? "").replace("containerd://", "");
      const runs = state?.running !== undefined;
      const started = runs ? startTicks(await containerPid(cluster, id)) : "ended";
      containers.push(`${pod.metadata.name} ${id} ${started} restarts=${restartCount}`);
    }
  return {
    objects: items
      .map(({ kind, metadata }) => `${kind}/${metadata.namespace}/${metadata.name} ${metadata.uid}`)
      .sort(),
    containers: containers.sort(),
  };
}

async function containerPid(cluster: TestCluster, id: string): Promise<number> {
  const tasks = await listTasks(cluster);
  const pid = tasks.get(id);
  if (pid === undefined) throw new Error(`container ${id} has no process`);
  return pid;
}

async function listTasks(cluster: TestCluster): Promise<Map<string, number>> {
  const { runtimeSocket } = await cluster.host("node-1");
  const text = execFileSync("ctr", ["-a", runtimeSocket ?? "", "-n", "k8s.io", "tasks", "ls"]);
  const rows = text.toString().trim().split("\n").slice(1);
  return new Map(
    rows.map((row) => {
      const [id = "", pid = ""] = row.split(/\s+/);
      return [id, Number(pid)];
    }),
  );
}

/**
 * The process that holds the pod's namespaces: the task of the container that containerd labels as
 * its sandbox.
 */
async function sandboxPid(cluster: TestCluster, podUid: string): Promise<number> {
  const { runtimeSocket } = await cluster.host("node-1");
  const filter = `labels."io.kubernetes.pod.uid"==${podUid},labels."io.cri-containerd.kind"==sandbox`;
  const args = ["-a", runtimeSocket ?? "", "-n", "k8s.io", "containers", "ls", "-q", filter];
  const ids = execFileSync("ctr", args).toString().trim().split("\n");
  const tasks = await listTasks(cluster);
  const pid = ids.map((id) => tasks.get(id)).find((found) => found !== undefined);
  if (pid === undefined) throw new Error(`pod ${podUid} has no sandbox process`);
  return pid;
}

function startTicks(pid: number): string {
  const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
  return stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19] ?? "";
}

async function echoConnection(address: string): Promise<Socket> {
  const socket = connect(7000, address);
  await once(socket, "connect");
  return socket;
}

async function echo(socket: Socket, text: string): Promise<string> {
  let back = "";
  const received = new Promise<void>((resolve, reject) => {
    const take = (chunk: Buffer): void => {
      back += chunk.toString();
      if (back.length < text.length) return;
      socket.off("data", take);
      resolve();
    };
    socket.on("data", take);
    socket.once("close", () => reject(new Error("the connection was closed")));
  });
  socket.write(text);
  await received;
  return back;
}
