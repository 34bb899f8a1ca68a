import t from "tap";
import { testVolume } from "../../api/schema/storage/test-volumes.js";
import type { Pod } from "../../api/schema/types/core-v1.gen.js";
import { ClusterAuthorizer } from "./cluster-authorizer.js";
import { identityOfCertificate } from "./identity.js";
import { NodeAuthorizer } from "./node-authorizer.js";
import { RbacPolicy } from "./rbac.js";
import { asked } from "./test-attributes.js";

const POD = {
  metadata: { name: "p", namespace: "ns", uid: "u", resourceVersion: "1", creationTimestamp: "" },
  spec: {
    nodeName: "n1",
    serviceAccountName: "bot",
    imagePullSecrets: [{ name: "pull" }],
    containers: [
      {
        name: "c",
        envFrom: [{ secretRef: { name: "all" } }, { configMapRef: { name: "settings" } }],
        env: [{ name: "X", valueFrom: { secretKeyRef: { name: "one", key: "k" } } }],
      },
    ],
    volumes: [
      { name: "a", secret: { secretName: "vol" } },
      { name: "c", persistentVolumeClaim: { claimName: "data" } },
      { name: "d", ephemeral: { volumeClaimTemplate: { spec: {} } } },
      { name: "b", projected: { sources: [{ configMap: { name: "kube-root-ca.crt" } }] } },
    ],
  },
} as unknown as Pod;

/** Of node n1: what it may (+) and may not (-). */
const CASES: readonly string[] = [
  "+get secrets ns pull",
  "+get secrets ns all",
  "+watch secrets ns one",
  "+list secrets ns vol",
  "+get configmaps ns kube-root-ca.crt",
  "+watch configmaps ns settings",
  "-get secrets ns other",
  "-get secrets other vol",
  "-list secrets ns",
  "-list secrets",
  "-update secrets ns vol",
  "-delete configmaps ns settings",
  "+get persistentvolumeclaims ns data",
  "+get persistentvolumeclaims ns p-d",
  "-get persistentvolumeclaims ns other",
  "-watch persistentvolumeclaims ns data",
  "-update persistentvolumeclaims ns data",
  "-update persistentvolumeclaims/status ns data",
  "+get persistentvolumes - v1",
  "-get persistentvolumes - v2",
  "-get persistentvolumes - v3",
  "-list persistentvolumes",
  "-update persistentvolumes - v1",
  "+create serviceaccounts/token ns bot",
  "+get serviceaccounts ns bot",
  "-create serviceaccounts/token ns other",
  "-create serviceaccounts ns",
  "+get pods ns p",
  "-get pods ns other",
  "-list pods",
  "+delete pods ns p",
  "+patch pods/status ns p",
  "-create pods/binding ns p",
  "-create pods/exec ns p",
  "+list nodes",
  "+get nodes - n2",
  "+patch nodes/status - n1",
  "+update nodes - n1",
  "-update nodes/status - n2",
  "-delete nodes - n1",
  "+create leases@coordination.k8s.io kube-node-lease",
  "+update leases@coordination.k8s.io kube-node-lease n1",
  "-update leases@coordination.k8s.io kube-node-lease n2",
  "-update leases@coordination.k8s.io kube-system n1",
  "-create deployments@apps ns",
  "+create events ns",
  "+list endpointslices@discovery.k8s.io",
  "+get /raftsman/v1/agent",
  "-get /metrics",
];

const LIST_PODS = {
  type: "resource",
  verb: "list",
  group: "",
  resource: "pods",
  subresource: "",
  namespace: "",
  name: "",
} as const;

function authorizerWith(pod: Pod | null): ClusterAuthorizer {
  const nodes = new NodeAuthorizer();
  nodes.setPod("ns", "p", POD);
  const volumeOf = (name: string) =>
    testVolume("v", { spec: { claimRef: { namespace: "ns", name } } });
  nodes.setVolume("v1", volumeOf("data"));
  nodes.setVolume("v2", volumeOf("other"));
  nodes.setVolume("v3", volumeOf("data"));
  nodes.setVolume("v3", null);
  if (pod !== POD) nodes.setPod("ns", "p", pod);
  return new ClusterAuthorizer({ nodes, rbac: new RbacPolicy() });
}
const identityOf = (CN: string, O: string) => {
  const found = identityOfCertificate({ subject: { CN, O } as never });
  if (found === null) throw new Error(CN);
  return found;
};
const N1 = identityOf("system:node:n1", "system:nodes");

void t.test("a node does what its pods need and no more", (t) => {
  const authorizer = authorizerWith(POD);
  for (const line of CASES) {
    t.equal(authorizer.authorize(N1, asked(line.slice(1))).allowed, line.startsWith("+"), line);
  }
  const own = { ...LIST_PODS, fieldSelector: "spec.nodeName=n1" };
  t.ok(authorizer.authorize(N1, own).allowed, "the pods that run on it");
  t.notOk(authorizer.authorize(N1, { ...own, fieldSelector: "spec.nodeName=n2" }).allowed);
  t.match(authorizer.authorize(N1, asked("get secrets ns x")), {
    reason: "no relationship found between node 'n1' and this object",
  });
  t.end();
});

void t.test("what counts is where the pod is now", (t) => {
  const moved = { ...POD, spec: { ...POD.spec, nodeName: "n2" } };
  const question = asked("get secrets ns vol");
  t.notOk(authorizerWith(moved).authorize(N1, question).allowed, "on another node");
  t.notOk(authorizerWith(null).authorize(N1, question).allowed, "gone");
  const other = identityOf("system:node:n2", "system:nodes");
  t.ok(authorizerWith(moved).authorize(other, question).allowed);
  const noNode = identityOf("system:node:n1", "people");
  t.notOk(authorizerWith(POD).authorize(noNode, question).allowed, "a name alone is no node");
  const master = identityOf("a", "system:masters");
  t.ok(authorizerWith(null).authorize(master, question).allowed, "system:masters may everything");
  t.end();
});
