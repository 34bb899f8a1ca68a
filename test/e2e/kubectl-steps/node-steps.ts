import { type Step, nuance, refused, step } from "./step.js";

const NODES: readonly Step[] = [
  step("create -f FILES/node.yaml", /node\/n2 created/u),
  step("cordon n2", /node\/n2 cordoned/u),
  nuance(step("cordon n2", /node\/n2 already cordoned/u)),
  nuance(step("get node n2", /n2 +.*SchedulingDisabled/u)),
  step("taint node n2 k=v:NoSchedule", /node\/n2 tainted/u),
  nuance(refused("taint node n2 k=w:NoSchedule", /already has k taint/u)),
  nuance(step("taint node n2 k=w:NoSchedule --overwrite", /node\/n2 modified/u)),
  nuance(step("taint node n2 k-", /node\/n2 untainted/u)),
  nuance(refused("taint node n2 k-", /taint "k" not found/u)),
  step("uncordon n2", /node\/n2 uncordoned/u),
  nuance(step("label node n2 disk=ssd", /node\/n2 labeled/u)),
  nuance(step("cordon --selector disk=ssd --dry-run=client", /node\/n2 cordoned \(dry run\)/u)),
  step("debug node/n2 --image=busybox", /Creating debugging pod node-debugger-n2-/u),
  step("delete node n2", /"n2" deleted/u),
];

const DRAINING: readonly Step[] = [
  step("run bare --image=x", /pod\/bare created/u),
  step("apply -f FILES/scratch.yaml", /pod\/scratch created/u),
  step("wait --for=condition=Ready pod/bare pod/scratch --timeout=60s", /scratch condition met/u),
  nuance(refused("drain n1", /declare no controller[^]*|local storage/u)),
  nuance(refused("drain n1 --force", /cannot delete Pods with local storage/u)),
  nuance(
    step("drain n1 --force --delete-emptydir-data --dry-run=server", /drained \(server dry run\)/u),
  ),
  step("drain n1 --force --pod-selector=run=bare", /evicting pod default\/bare[^]*n1 drained/u),
  nuance(step("get pods", /^scratch /mu)),
  step(
    "drain n1 --force --delete-emptydir-data --grace-period=0 --timeout=60s",
    /evicting pod default\/scratch[^]*n1 drained/u,
  ),
  step("uncordon n1", /uncordoned/u),
];

const WAITING: readonly Step[] = [
  step("create deployment w --image=x", /created/u),
  step("wait --for=condition=Available deployment/w --timeout=60s", /w condition met/u),
  nuance(
    step("wait --for=condition=Available=true deploy -l app=w --timeout=60s", /w condition met/u),
  ),
  step("wait --for=jsonpath={.metadata.name}=w deployment/w --timeout=5s", /condition met/u),
  nuance(step("wait --for=jsonpath={.status.readyReplicas}=1 deploy/w --timeout=60s", /met/u)),
  nuance(step("wait --for=jsonpath={.spec.replicas} deploy/w --timeout=5s", /met/u, { since: 31 })),
  nuance(refused("wait --for=condition=Never deployment/w --timeout=1s", /timed out waiting/u)),
  nuance(refused("wait --for=condition=Ready pod/none --timeout=1s", /pods "none" not found/u)),
  nuance(step("wait --for=delete pod/none --timeout=1s", /^$/u)),
  nuance(refused("wait --for=delete deployment/w --timeout=1s", /timed out waiting/u)),
  nuance(step("wait --for=create deployment/w --timeout=5s", /w condition met/u, { since: 31 })),
  nuance(
    refused("wait --for=create deployment/none --timeout=1s", /timed out|not found/u, {
      since: 31,
    }),
  ),
  step("events --for deployment/w", /ScalingReplicaSet +Deployment\/w/u, { soon: true }),
  nuance(step("events --types=Normal", /ScalingReplicaSet/u)),
  nuance(
    step("events --types=Warning --for deployment/w", /No events found in default namespace/u),
  ),
  nuance(step("events -A", /^NAMESPACE +LAST SEEN[^]*^default .*ScalingReplicaSet/mu)),
  nuance(step("events -o json", /"kind": "EventList"|"kind": "List"/u)),
  nuance(refused("events --types=Bad", /valid --types are Normal or Warning/u)),
  nuance(step("get events", /ScalingReplicaSet/u)),
];

const owned = "-l app=w -o name";
const DELETING: readonly Step[] = [
  nuance(step("delete deploy w --dry-run=server", /"w" deleted \(server dry run\)/u)),
  step("delete deploy w --cascade=orphan", /"w" deleted/u),
  nuance(step(`get rs ${owned}`, /^replicaset\.apps\/w-/u)),
  step("delete rs -l app=w --cascade=foreground", /"w-\w+" deleted/u),
  nuance(step(`get pods ${owned}`, /^$/u)),
  step("create deployment w --image=x --replicas=2", /created/u),
  nuance(step("wait --for=condition=Available deployment/w --timeout=60s", /met/u)),
  step("delete deploy w --cascade=background", /"w" deleted/u),
  nuance(step(`get rs,pods ${owned}`, /^$/u, { soon: true })),
  nuance(step("create cm one", /created/u)),
  nuance(step("create cm two", /created/u)),
  nuance(step("create cm three", /created/u)),
  nuance(step("delete cm/one cm/none --ignore-not-found", /"one" deleted/u)),
  nuance(refused("delete cm none", /configmaps "none" not found/u)),
  nuance(step("delete cm --field-selector metadata.name=two", /^configmap "two" deleted/mu)),
  nuance(step("delete --raw /api/v1/namespaces/default/configmaps/three", /"status":"Success"/u)),
  nuance(step("create -f FILES/many-kinds.yaml", /configmap\/m created\nsecret\/m created/u)),
  nuance(
    step("delete -f FILES/many-kinds.yaml --wait=false", /configmap "m" deleted.*\nsecret "m"/u),
  ),
  nuance(step("run now --image=x", /created/u)),
  nuance(step("run never --image=x", /created/u)),
  nuance(step("run held --image=x", /created/u)),
  nuance(step(`patch pod held -p '{"metadata":{"finalizers":["a.example.com/b"]}}'`, /patched/u)),
  nuance(step("delete pod now --now", /"now" deleted/u)),
  nuance(
    step(
      "delete pod never --force --grace-period=0",
      /"never" force deleted[^]*may continue to run/u,
    ),
  ),
  nuance(
    refused("delete pod held --timeout=1s", /timed out waiting for the condition on pods\/held/u),
  ),
  nuance(step(`patch pod held -p '{"metadata":{"finalizers":null}}'`, /patched/u)),
  nuance(step("get pod held --ignore-not-found", /^$/u, { soon: true })),
  nuance(step("run asked --image=x", /created/u)),
  nuance(
    step("delete pod asked --interactive", /deletion is cancelled/u, { stdin: "n\n", since: 29 }),
  ),
  nuance(step("delete pod asked --interactive", /"asked" deleted/u, { stdin: "y\n", since: 29 })),
  step("delete pods --all --now", /"node-debugger-n2-\w+" deleted/u),
  nuance(refused("delete pods", /resource\(s\) were provided, but no name was specified/u)),
];

const DEBUGGING: readonly Step[] = [
  step("run patient --image=x", /created/u),
  step("debug patient --image=busybox --target=patient -c dbg", /patient/u),
  nuance(
    step(
      "get pod patient -o jsonpath={.spec.ephemeralContainers[0].name}:{.metadata.generation}",
      /^dbg:2$/u,
    ),
  ),
  step("debug patient --image=busybox --copy-to=copy -c dbg --profile=general", /^/u),
  nuance(step("get pod copy -o jsonpath={.spec.containers[*].name}", /^patient dbg$/u)),
  nuance(step("debug patient --copy-to=copy-2 --set-image=*=y --profile=general", /^/u)),
  nuance(step("get pod copy-2 -o jsonpath={.spec.containers[*].image}", /^y$/u)),
  nuance(step("delete pod patient copy copy-2", /"copy-2" deleted/u)),
];

/** Nodes, waiting, events, debugging, and every form of delete. */
export const NODE_STEPS: readonly Step[] = [
  ...NODES,
  ...DRAINING,
  ...WAITING,
  ...DELETING,
  ...DEBUGGING,
];

export const NODE_FILES: Readonly<Record<string, string>> = {
  "node.yaml": "apiVersion: v1\nkind: Node\nmetadata:\n  name: n2\n",
  "scratch.yaml":
    "apiVersion: v1\nkind: Pod\nmetadata: {name: scratch}\nspec:\n" +
    "  containers: [{name: c, image: x}]\n  volumes: [{name: v, emptyDir: {}}]\n",
  "many-kinds.yaml":
    "apiVersion: v1\nkind: List\nitems:\n- {apiVersion: v1, kind: ConfigMap, metadata: {name: m}}\n" +
    "- {apiVersion: v1, kind: Secret, metadata: {name: m}}\n",
};
