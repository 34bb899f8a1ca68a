import type { Test } from "tap";
import type { Pod } from "../../../api/schema/types/core-v1.gen.js";
import type { TestCluster } from "../test-cluster.js";

/** The first example everybody meets, unmodified. */
const NGINX_DEPLOYMENT = `apiVersion: apps/v1
kind: Deployment
metadata:
  name: nginx-deployment
  labels:
    app: nginx
spec:
  replicas: 2
  selector:
    matchLabels:
      app: nginx
  template:
    metadata:
      labels:
        app: nginx
    spec:
      containers:
      - name: nginx
        image: nginx:1.7.9
        ports:
        - containerPort: 80
`;

/** The image is pulled from a registry; its own command runs; both pods serve. */
export async function nginxExample(t: Test, cluster: TestCluster): Promise<void> {
  const kubectl = cluster.kubectl();
  t.teardown(() => kubectl.run(["delete", "deployment", "nginx-deployment", "--wait=false"]));
  await kubectl.ok(["apply", "-f", "-"], { stdin: NGINX_DEPLOYMENT });
  await kubectl.ok(["rollout", "status", "deployment/nginx-deployment", "--timeout=90s"]);
  const { items } = await kubectl.json<{ items: Pod[] }>(["get", "pods", "-l", "app=nginx"]);
  t.equal(items.length, 2);
  for (const pod of items) {
    t.match(pod.status?.containerStatuses?.[0], {
      ready: true,
      image: /nginx:1\.7\.9$/,
      imageID: /sha256:/,
    });
    const answer = await fetch(`http://${pod.status?.podIP}:80/`);
    t.equal(await answer.text(), `welcome to nginx on ${pod.metadata.name}\n`);
  }
}
