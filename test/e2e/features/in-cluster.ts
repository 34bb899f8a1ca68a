import { join } from "node:path";
import type { Test } from "tap";
import type { ConfigMap, Pod } from "../../../api/schema/types/core-v1.gen.js";
import { writeImageArchive } from "../../../node/containerd/image-archive.js";
import { importImageArchive } from "../../../node/containerd/image-import.js";
import { KUBECTL_IMAGE as IMAGE, kubectlImage } from "../kubectl-image.js";
import type { TestCluster } from "../test-cluster.js";
import { until } from "../until.js";

const MANIFEST = `
apiVersion: v1
kind: Namespace
metadata: {name: in-cluster}
---
apiVersion: v1
kind: ServiceAccount
metadata: {name: reader, namespace: in-cluster}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata: {name: pod-reader, namespace: in-cluster}
rules:
- {apiGroups: [""], resources: [pods], verbs: [get, list, watch]}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: {name: pod-reader, namespace: in-cluster}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: pod-reader}
subjects:
- {kind: ServiceAccount, name: reader, namespace: in-cluster}
---
${podOf("lists-pods", ["get", "pods", "-o", "name"])}
---
${podOf("lists-secrets", ["get", "secrets"])}
---
${podOf("by-name", ["get", "pods", "-o", "name"])}
    env: [{name: KUBERNETES_SERVICE_HOST, value: kubernetes.default}]
`;

function podOf(name: string, args: readonly string[]): string {
  return `apiVersion: v1
kind: Pod
metadata: {name: ${name}, namespace: in-cluster}
spec:
  serviceAccountName: reader
  restartPolicy: Never
  containers:
  - name: main
    image: ${IMAGE}
    args: ${JSON.stringify(args)}`;
}

/**
 * A client without any configuration, as every operator has it: kubectl in a pod finds the server,
 * the CA and its token by itself, and may what its account may.
 */
export async function inCluster(t: Test, cluster: TestCluster): Promise<void> {
  const kubectl = cluster.kubectl();
  t.teardown(() => kubectl.run(["delete", "namespace", "in-cluster", "--wait=false"]));
  const archive = join(cluster.home, "kubectl-image.tar");
  await writeImageArchive(archive, kubectlImage());
  const { runtimeSocket } = await cluster.host("node-1");
  await importImageArchive(runtimeSocket ?? "", archive, new AbortController().signal);
  await kubectl.ok(["apply", "-f", "-"], { stdin: MANIFEST });
  const ended = (name: string): Promise<{ code: number; said: string }> =>
    until(`pod ${name} to end`, async () => {
      const pod = await kubectl.json<Pod>(["get", "pod", name, "-n", "in-cluster"]);
      const code = pod.status?.containerStatuses?.[0]?.state?.terminated?.exitCode;
      if (code === undefined) return null;
      return { code, said: await kubectl.ok(["logs", name, "-n", "in-cluster"]) };
    });
  const lists = await ended("lists-pods");
  t.equal(lists.code, 0, lists.said);
  t.match(lists.said, "pod/lists-pods\n", "it sees itself");
  const refused = await ended("lists-secrets");
  t.equal(refused.code, 1);
  t.match(
    refused.said,
    /User "system:serviceaccount:in-cluster:reader" cannot list resource "secrets"/u,
  );
  const byName = await ended("by-name");
  t.equal(byName.code, 0, byName.said);
  t.match(byName.said, "pod/by-name\n", "by its name in DNS too");
  await t.test("the CA comes back", async (t) => {
    const args = ["configmap", "kube-root-ca.crt", "-n", "in-cluster"];
    const pem = async (): Promise<string | null> => {
      const { code, stdout } = await kubectl.run(["get", ...args, "-o", "json"]);
      if (code !== 0) return null;
      return (JSON.parse(stdout) as ConfigMap).data?.["ca.crt"] ?? null;
    };
    const before = await pem();
    t.match(before, "BEGIN CERTIFICATE");
    await kubectl.ok(["delete", ...args]);
    t.equal(await until("the CA to be there again", pem), before);
    await kubectl.ok(["patch", ...args, "-p", '{"data":{"ca.crt":"other"}}']);
    await until("the CA to be right again", async () => ((await pem()) === before ? true : null));
    await kubectl.ok(["delete", "serviceaccount", "default", "-n", "in-cluster"]);
    await until("the default account to be there again", async () => {
      const found = await kubectl.run(["get", "serviceaccount", "default", "-n", "in-cluster"]);
      return found.code === 0 ? true : null;
    });
  });
}
