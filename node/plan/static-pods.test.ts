import t from "tap";
import type { Node, Pod } from "../../api/schema/types/core-v1.gen.js";
import { mirrorOf, parseStaticPod, planMirror } from "./static-pods.js";

const context = {
  nodeName: "node-1",
  now: "2026-01-01T00:00:00Z",
  hash: (text: string) => `hash-of-${text.length}`,
};
const path = "/manifests/web.yaml";
const YAML = `
apiVersion: v1
kind: Pod
metadata: {name: web, labels: {app: web}}
spec:
  containers: [{name: main, image: nginx, ports: [{containerPort: 80}]}]
`;
const parsed = (text: string): Pod => {
  const result = parseStaticPod({ path, text }, context);
  if (!result.ok) throw new Error(result.reason);
  return result.pod;
};
const reasonOf = (text: string): string => {
  const result = parseStaticPod({ path, text }, context);
  return result.ok ? "none" : result.reason;
};
const spec = (more: string): string =>
  `{apiVersion: v1, kind: Pod, metadata: {name: a}, spec: {containers: [{name: c, image: i}], ${more}}}`;

void t.test("the pod of a manifest", (t) => {
  const pod = parsed(YAML);
  t.match(pod, {
    metadata: {
      name: "web-node-1",
      namespace: "default",
      labels: { app: "web" },
      annotations: {
        "kubernetes.io/config.hash": pod.metadata.uid,
        "kubernetes.io/config.seen": context.now,
        "kubernetes.io/config.source": "file",
      },
    },
    spec: {
      nodeName: "node-1",
      restartPolicy: "Always",
      tolerations: [{ operator: "Exists", effect: "NoExecute" }],
    },
  });
  t.equal(parsed(YAML).metadata.uid, pod.metadata.uid, "the same text, the same pod");
  t.not(parsed(`${YAML}\n`).metadata.uid, pod.metadata.uid, "another text, another pod");
  t.equal(parsed(spec("hostNetwork: yes")).spec.hostNetwork, true, "YAML 1.1");
  const json = JSON.stringify({
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name: "j" },
    spec: { containers: [{ name: "c", image: "i" }] },
  });
  t.equal(parsed(json).metadata.name, "j-node-1");
  t.end();
});

void t.test("manifests that are none", (t) => {
  const CASES: readonly (readonly [string, RegExp])[] = [
    ["", /no object/],
    ["a: [", /^Flow sequence/],
    ["apiVersion: apps/v1\nkind: Deployment", /it is apps\/v1 Deployment, and not v1 Pod/],
    ["{apiVersion: v1, kind: Pod, spec: {containers: [{name: c}]}}", /metadata.name is missing/],
    [
      "{apiVersion: v1, kind: Pod, metadata: {name: A_b}, spec: {containers: [{name: c}]}}",
      /metadata.name "A_b": a lowercase/,
    ],
    ["{apiVersion: v1, kind: Pod, metadata: {name: a}}", /spec.containers is missing/],
    [spec("hostNetwork: 3"), /hostNetwork/],
    [spec("hostNetwerk: true"), /unknown field "spec.hostNetwerk"/],
    [spec("serviceAccountName: bot"), /cannot name a service account/],
    [spec("volumes: [{name: v, secret: {secretName: s}}]"), /cannot name secrets/],
    [spec("volumes: [{name: v, configMap: {name: s}}]"), /cannot name configmaps/],
    [
      spec("volumes: [{name: v, persistentVolumeClaim: {claimName: s}}]"),
      /cannot name persistentvolumeclaims/,
    ],
  ];
  for (const [text, reason] of CASES) t.match(reasonOf(text), reason, text);
  t.end();
});

void t.test("what the API shows of it", (t) => {
  const node = { metadata: { name: "node-1", uid: "n" } } as Node;
  const pod = parsed(YAML);
  const mirror = mirrorOf(pod, node);
  t.match(mirror.metadata, {
    annotations: { "kubernetes.io/config.mirror": pod.metadata.uid },
    ownerReferences: [
      { apiVersion: "v1", kind: "Node", name: "node-1", uid: "n", controller: true },
    ],
  });
  const shown = { ...pod, metadata: { ...pod.metadata, ...mirror.metadata, uid: "m" } } as Pod;
  const ending = { ...shown, metadata: { ...shown.metadata, deletionTimestamp: context.now } };
  const changed = parsed(`${YAML}\n`);
  const other = { ...shown, metadata: { ...shown.metadata, annotations: {} } };
  t.equal(planMirror(pod, null), "create");
  t.equal(planMirror(pod, shown), "none");
  t.equal(planMirror(null, shown), "delete", "the manifest is gone");
  t.equal(planMirror(changed, shown), "delete", "the manifest has changed");
  t.equal(planMirror(pod, ending), "delete", "somebody deletes it");
  t.equal(planMirror(pod, other), "none", "it is not ours");
  t.equal(planMirror(null, null), "none");
  t.end();
});
