import t from "tap";
import { CONTROLLER_REVISIONS, PODS, STATEFUL_SETS } from "../../api/client/resource-types.js";
import type { Pod } from "../../api/schema/types/core-v1.gen.js";
import { oldestAndNewestKubectl } from "../../api/streaming/test-kubectls.js";
import { isPodReady } from "../../controllers/common/pod-state.js";
import { ControlPlane } from "./control-plane.js";

/** Revisions of StatefulSets and DaemonSets, walked through with kubectl; ways of rolling out. */

t.setTimeout(240_000);

const LIMIT_MS = 30_000;
const VERSIONS = oldestAndNewestKubectl().map(({ version }) => version);
const plane = await ControlPlane.start();
t.teardown(() => plane.stop());

const kubectl = async (version: string, run: string): Promise<string> => {
  const { stdout, stderr, code } = await plane.server.kubectl(version, run.split(" "));
  if (code !== 0) throw new Error(`kubectl ${run} ended with ${code}: ${stderr}`);
  return stdout;
};
const newest = (run: string): Promise<string> => kubectl(VERSIONS.at(-1) ?? "", run);

async function create(kind: "StatefulSet" | "DaemonSet", name: string, spec: object) {
  const labels = { app: name };
  const template = {
    metadata: { labels },
    spec: { terminationGracePeriodSeconds: 0, containers: [{ name: "c", image: "i:1" }] },
  };
  const service = kind === "StatefulSet" ? { serviceName: name } : {};
  const body = {
    apiVersion: "apps/v1",
    kind,
    metadata: { name, namespace: "default" },
    spec: { selector: { matchLabels: labels }, template, ...service, ...spec },
  };
  const path = `/apis/apps/v1/namespaces/default/${kind.toLowerCase()}s`;
  const { status, body: said } = await plane.server.send("POST", path, { body });
  if (status !== 201) throw new Error(JSON.stringify(said));
}

const of = (name: string, pods: readonly Pod[]): readonly Pod[] =>
  pods.filter(({ metadata }) => metadata.labels?.["app"] === name);
/** `web-0=i:1 web-1=i:2`; daemons by their node. */
const imagesOf = (name: string, pods: readonly Pod[]): string => {
  const words = of(name, pods).map(({ metadata, spec }) => {
    const who = metadata.ownerReferences?.[0]?.kind === "DaemonSet" ? spec.nodeName : metadata.name;
    return `${who}=${spec.containers[0]?.image}`;
  });
  words.sort((a, b) => (a < b ? -1 : 1));
  return words.join(" ");
};
async function untilImages(name: string, images: string): Promise<void> {
  await plane.until(
    PODS,
    (pods) => imagesOf(name, pods) === images && of(name, pods).every(isPodReady),
    { limitMs: LIMIT_MS },
  );
}
async function revisionsOf(name: string): Promise<readonly number[]> {
  const options = { namespace: "default", labelSelector: `app=${name}` };
  const { items } = await plane.client.resource(CONTROLLER_REVISIONS).list(options);
  return items.map(({ revision }) => revision).sort((a, b) => a - b);
}
const remove = (what: string): Promise<string> => newest(`delete ${what} --wait=false`);

for (const version of VERSIONS)
  for (const [kind, type] of [
    ["StatefulSet", "statefulset"],
    ["DaemonSet", "daemonset"],
  ] as const)
    await t.test(`kubectl ${version}: the history of a ${kind}, and back`, async (t) => {
      const name = `${type}-${version.replaceAll(".", "-")}`;
      const workload = `${type}/${name}`;
      const pod = kind === "StatefulSet" ? `${name}-0` : "n1";
      await create(kind, name, {
        revisionHistoryLimit: 2,
        ...(kind === "StatefulSet" ? { replicas: 1 } : {}),
      });
      for (const n of [2, 3, 4, 5]) {
        await untilImages(name, `${pod}=i:${n - 1}`);
        await kubectl(version, `set image ${workload} c=i:${n}`);
      }
      await untilImages(name, `${pod}=i:5`);
      await kubectl(version, `rollout status ${workload} --timeout=30s`);
      await plane.until(CONTROLLER_REVISIONS, (all) => {
        const own = all.filter(({ metadata }) => metadata.labels?.["app"] === name);
        return own.length === 3;
      });
      t.same(await revisionsOf(name), [3, 4, 5], "two beside the current one");
      const history = await kubectl(version, `rollout history ${workload}`);
      t.same(history.match(/^\d+/gm), ["3", "4", "5"]);
      t.match(await kubectl(version, `rollout history ${workload} --revision=3`), /Image:\s+i:3/);

      await kubectl(version, `rollout undo ${workload}`);
      await untilImages(name, `${pod}=i:4`);
      t.same(await revisionsOf(name), [3, 5, 6], "4 became the newest");
      await kubectl(version, `rollout undo ${workload} --to-revision=3`);
      await untilImages(name, `${pod}=i:3`);
      t.same(await revisionsOf(name), [5, 6, 7]);
      const back = await plane.server.kubectl(version, [
        "rollout",
        "undo",
        workload,
        "--to-revision=3",
      ]);
      t.not(back.code, 0);
      t.match(back.stderr, /unable to find specified revision/);
      await kubectl(version, `rollout restart ${workload}`);
      await kubectl(version, `rollout status ${workload} --timeout=30s`);
      t.same(await revisionsOf(name), [6, 7, 8]);
      await remove(workload);
    });

await t.test("partition: pods below it stay, also when they are made anew", async (t) => {
  const updateStrategy = { type: "RollingUpdate", rollingUpdate: { partition: 2 } };
  await create("StatefulSet", "parted", { replicas: 3, updateStrategy });
  await untilImages("parted", "parted-0=i:1 parted-1=i:1 parted-2=i:1");
  await newest("set image statefulset/parted c=i:2");
  await untilImages("parted", "parted-0=i:1 parted-1=i:1 parted-2=i:2");
  const status = await newest("rollout status statefulset/parted --timeout=20s");
  t.match(status, /partitioned roll out complete: 1 new pods/);
  await newest("delete pod parted-0");
  await untilImages("parted", "parted-0=i:1 parted-1=i:1 parted-2=i:2");
  await newest(
    'patch statefulset parted -p {"spec":{"updateStrategy":{"rollingUpdate":{"partition":0}}}}',
  );
  await untilImages("parted", "parted-0=i:2 parted-1=i:2 parted-2=i:2");
  await remove("statefulset/parted");
});

await t.test("OnDelete: pods stay until somebody deletes them", async (t) => {
  const updateStrategy = { type: "OnDelete" };
  await create("StatefulSet", "kept", { replicas: 2, updateStrategy });
  await create("DaemonSet", "keptd", { updateStrategy });
  await untilImages("kept", "kept-0=i:1 kept-1=i:1");
  await untilImages("keptd", "n1=i:1");
  for (const one of ["statefulset/kept", "daemonset/keptd"]) await newest(`set image ${one} c=i:2`);
  await plane.until(STATEFUL_SETS, (sets) => {
    const { status, metadata } = sets.find((set) => set.metadata.name === "kept") ?? {};
    return (
      status?.observedGeneration === metadata?.generation && (status?.updatedReplicas ?? 0) === 0
    );
  });
  await newest("delete pod -l app=keptd");
  await newest("delete pod kept-0");
  await untilImages("kept", "kept-0=i:2 kept-1=i:1");
  await untilImages("keptd", "n1=i:2");
  await remove("statefulset/kept");
  await remove("daemonset/keptd");
  t.pass();
});

await t.test("Parallel from ordinal 5: all at once, also when none is ready", async (t) => {
  plane.node.isHealthy = ({ metadata }) => metadata.labels?.["app"] !== "many";
  const spec = { replicas: 3, podManagementPolicy: "Parallel", ordinals: { start: 5 } };
  await create("StatefulSet", "many", spec);
  await plane.until(PODS, (pods) => imagesOf("many", pods) === "many-5=i:1 many-6=i:1 many-7=i:1");
  plane.node.isHealthy = () => true;
  plane.node.review();
  await untilImages("many", "many-5=i:1 many-6=i:1 many-7=i:1");
  t.match(await newest("get statefulset many --no-headers"), /3\/3/);
  await remove("statefulset/many");
});

await t.test(
  "maxSurge: an updated daemon beside the old one, which goes when it is ready",
  async (t) => {
    const rollingUpdate = { maxSurge: 1, maxUnavailable: 0 };
    await create("DaemonSet", "surge", {
      updateStrategy: { type: "RollingUpdate", rollingUpdate },
    });
    await untilImages("surge", "n1=i:1");
    plane.node.isHealthy = ({ spec }) => spec.containers[0]?.image !== "i:2";
    await newest("set image daemonset/surge c=i:2");
    await plane.until(PODS, (pods) => imagesOf("surge", pods) === "n1=i:1 n1=i:2");
    const { items } = await plane.client.resource(PODS).list({ namespace: "default" });
    t.equal(of("surge", items).filter(isPodReady).length, 1, "the old one serves");
    plane.node.isHealthy = () => true;
    plane.node.review();
    await untilImages("surge", "n1=i:2");
    await remove("daemonset/surge");
  },
);
