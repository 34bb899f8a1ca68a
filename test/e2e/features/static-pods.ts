import { existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Test } from "tap";
import type { Pod } from "../../../api/schema/types/core-v1.gen.js";
import type { TestCluster } from "../test-cluster.js";
import { until } from "../until.js";

const IMAGE = "localhost/raftsman/busybox:1";
const NAME = "own-node-1";

/** Leaves a file behind whose name says which text the pod was made from. */
const manifest = (version: string, dir: string): string => `
apiVersion: v1
kind: Pod
metadata: {name: own, labels: {version: ${version}}}
spec:
  hostNetwork: true
  terminationGracePeriodSeconds: 0
  containers:
  - {name: main, image: "${IMAGE}", command: [sh, -c, "echo ${version}; touch /out/${version}; sleep 1000"],
     volumeMounts: [{name: out, mountPath: /out}]}
  volumes: [{name: out, hostPath: {path: "${dir}", type: Directory}}]
`;

/** Pods of a node's own: files are all they need, and the API shows them. */
export async function staticPods(t: Test, cluster: TestCluster): Promise<void> {
  const kubectl = cluster.kubectl();
  const out = join(cluster.home, "out");
  mkdirSync(out);
  const folder = join((await cluster.host("node-1")).dataDir, "manifests");
  const write = (text: string): void => {
    writeFileSync(join(folder, ".own.yaml"), text);
    renameSync(join(folder, ".own.yaml"), join(folder, "own.yaml"));
  };
  const remove = (): void => rmSync(join(folder, "own.yaml"), { force: true });
  const shown = (version: string): Promise<Pod> =>
    until(`${NAME} runs as ${version}`, async () => {
      const pod = await kubectl.json<Pod>(["get", "pod", NAME]);
      const running =
        pod.status?.phase === "Running" && pod.metadata.labels?.["version"] === version;
      return running ? pod : null;
    });
  const hidden = (): Promise<boolean> =>
    until(`${NAME} is gone`, async () => (await kubectl.run(["get", "pod", NAME])).code === 1);
  const ran = (version: string): Promise<boolean> =>
    until(`${version} ran`, () => Promise.resolve(existsSync(join(out, version))));
  t.teardown(remove);

  await t.test("appear, change and vanish with their file", async (t) => {
    writeFileSync(join(folder, "bad.yaml"), "kind: [");
    write(manifest("v1", out));
    const first = await shown("v1");
    const annotations = first.metadata.annotations ?? {};
    t.equal(annotations["kubernetes.io/config.source"], "file");
    t.equal(annotations["kubernetes.io/config.mirror"], annotations["kubernetes.io/config.hash"]);
    t.match(first.metadata.ownerReferences, [{ kind: "Node", name: "node-1", controller: true }]);
    t.match(await kubectl.ok(["logs", NAME]), /^v1\n$/);
    const described = await kubectl.ok(["describe", "pod", NAME]);
    t.match(described, /Controlled By: +Node\/node-1[^]*Started +/);
    let again = first;
    // More than once: kubectl misses one that goes and is back at once, as chance has it.
    for (let times = 0; times < 3; times += 1) {
      await kubectl.ok(["delete", "pod", NAME, "--now"], { timeoutMs: 20_000 });
      again = await shown("v1");
    }
    t.not(again.metadata.uid, first.metadata.uid, "a mirror that is deleted comes back");
    const restarts = again.status?.containerStatuses?.map(({ restartCount }) => restartCount);
    t.same(restarts, [0], "and its pod has not noticed");
    write(manifest("v2", out));
    await shown("v2");
    rmSync(join(folder, "bad.yaml"));
    remove();
    await hidden();
  });

  await t.test("run while no server does, also when the agent starts meanwhile", async () => {
    write(manifest("v3", out));
    await shown("v3");
    await cluster.ok(["kill", "server-1"]);
    write(manifest("v4", out));
    await ran("v4");
    process.kill(await cluster.pidOf("node-1", "agent"), "SIGKILL");
    write(manifest("v5", out));
    const starting = cluster.raftsman(["start", "node-1"]);
    await ran("v5");
    await cluster.ok(["start", "server-1"]);
    await starting;
    await shown("v5");
    remove();
    await hidden();
  });
}
