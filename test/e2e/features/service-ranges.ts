import type { Test } from "tap";
import type { TestCluster } from "../test-cluster.js";
import { until } from "../until.js";

const IMAGE = "localhost/raftsman/busybox:1";
const ADDRESS = "203.0.113.10";
const OBJECTS = `
apiVersion: networking.k8s.io/v1
kind: ServiceCIDR
metadata: {name: more, labels: {app: ranged}}
spec: {cidrs: [203.0.113.0/24]}
---
apiVersion: v1
kind: Service
metadata: {name: far, labels: {app: ranged}}
spec: {clusterIP: ${ADDRESS}, selector: {app: web}, ports: [{port: 80, targetPort: 8080}]}
---
apiVersion: v1
kind: Pod
metadata: {name: asking, labels: {app: ranged}}
spec:
  terminationGracePeriodSeconds: 0
  containers: [{name: main, image: "${IMAGE}", command: [sleep, "1000"]}]
`;

/** A Service with an address of a range that somebody added is reached like any other. */
export async function serviceRanges(t: Test, cluster: TestCluster): Promise<void> {
  const kubectl = cluster.kubectl();
  t.teardown(async () => {
    await kubectl.run(["delete", "--now", "pods,services", "-l", "app=ranged"]);
    await kubectl.run(["delete", "servicecidr", "more"]);
  });
  await kubectl.ok(["apply", "-f", "-"], { stdin: OBJECTS });
  await kubectl.ok(["wait", "--for=condition=Ready", "servicecidr/more", "pod/asking"]);
  const ask = (host: string) =>
    until(`${host} answers`, async () => {
      const args = ["exec", "asking", "--", "wget", "-q", "-T", "5", "-O", "-", `http://${host}/`];
      const { code, stdout } = await kubectl.run(args);
      return code === 0 ? stdout : null;
    });
  t.match(await ask(ADDRESS), "It floats.");
  t.match(await ask("far.default.svc.cluster.local"), "It floats.");
  const listed = await kubectl.ok(["get", "ipaddresses"]);
  t.match(listed, new RegExp(`${ADDRESS} +services/default/far`, "u"));
  const kept = await kubectl.run(["delete", "servicecidr", "more"]);
  t.match(kept, { code: 1, stderr: /in use and in no other ServiceCIDR: 203\.0\.113\.10/u });
  await kubectl.ok(["delete", "service", "far"]);
  await kubectl.ok(["delete", "servicecidr", "more"]);
}
