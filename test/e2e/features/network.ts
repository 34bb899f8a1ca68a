import { get } from "node:http";
import type { Test } from "tap";
import type { Pod, Service } from "../../../api/schema/types/core-v1.gen.js";
import type { EndpointSlice } from "../../../api/schema/types/discovery-v1.gen.js";
import type { Kubectl } from "../kubectl.js";
import type { TestCluster } from "../test-cluster.js";
import { TOOLS_IMAGE } from "../tools-image.js";
import { until } from "../until.js";

const IMAGE = "localhost/raftsman/busybox:1";
const ENDPOINTS = 3;
const CONNECTIONS = 1000;
const NO_TRAFFIC_MS = 2_000;

const NAMES = `
apiVersion: apps/v1
kind: Deployment
metadata: {name: names}
spec:
  replicas: ${ENDPOINTS}
  selector: {matchLabels: {app: names}}
  template:
    metadata: {labels: {app: names}}
    spec:
      terminationGracePeriodSeconds: 1
      containers:
      - name: main
        image: ${IMAGE}
        command: ["sh", "-c", "touch /tmp/ready; hostname > /www/index.html; exec httpd -f -p 7000 -h /www"]
        readinessProbe: {exec: {command: ["cat", "/tmp/ready"]}, periodSeconds: 1, failureThreshold: 1}
---
apiVersion: v1
kind: Service
metadata: {name: names}
spec:
  selector: {app: names}
  ports: [{port: 80, targetPort: 7000}]
`;

/** A range of its own, and a Service with an address of it. */
const RANGE = `
apiVersion: networking.k8s.io/v1
kind: ServiceCIDR
metadata: {name: added}
spec: {cidrs: [10.99.7.0/28]}
`;
const RANGED_ADDRESS = "10.99.7.5";
const RANGED = `
apiVersion: v1
kind: Service
metadata: {name: ranged}
spec:
  selector: {app: names}
  clusterIP: ${RANGED_ADDRESS}
  ports: [{port: 80, targetPort: 7000}]
`;

const CLIENT = `
apiVersion: v1
kind: Pod
metadata: {name: client}
spec:
  terminationGracePeriodSeconds: 1
  containers:
  - {name: main, image: ${TOOLS_IMAGE}, command: ["sleep", "100000"]}
`;

/** Services, their names, and pods that leave them. */
export async function network(t: Test, cluster: TestCluster): Promise<void> {
  const kubectl = cluster.kubectl();
  t.teardown(async () => {
    await kubectl.run([
      "delete",
      "deployment/names",
      "service/names",
      "service/late",
      "service/ranged",
      "pod/client",
    ]);
    await kubectl.run(["delete", "servicecidr/added"]);
  });
  await kubectl.ok(["apply", "-f", "-"], { stdin: `${NAMES}---${CLIENT}` });
  await kubectl.ok(["rollout", "status", "deployment/names", "--timeout=60s"]);
  await kubectl.ok(["wait", "--for=condition=Ready", "pod/client", "--timeout=60s"]);
  await t.test("a Service that is younger than the pod that asks for it", (t) =>
    namesOfServices(t, kubectl),
  );
  await t.test("a Service in a range that was added", (t) => addedRange(t, kubectl));
  await t.test(`${CONNECTIONS} connections spread over ${ENDPOINTS} endpoints`, (t) =>
    spread(t, kubectl),
  );
  await t.test("a pod that is not ready gets no traffic", (t) => readiness(t, kubectl));
}

async function namesOfServices(t: Test, kubectl: Kubectl): Promise<void> {
  const inPod = (...command: string[]) => kubectl.run(["exec", "client", "--", ...command]);
  await kubectl.ok(["create", "service", "clusterip", "late", "--tcp=80:80"]);
  const { spec } = await kubectl.json<Service>(["get", "service", "late"]);
  await until("getent hosts late", async () =>
    (await inPod("getent", "hosts", "late")).stdout.startsWith(spec.clusterIP ?? "-"),
  );
  const server = (await inPod("sh", "-c", "sed -n 's/^nameserver //p' /etc/resolv.conf")).stdout;
  const fullName = "late.default.svc.cluster.local";
  const udp = await inPod("nslookup", "-type=a", fullName, server.trim());
  t.match(udp.stdout, spec.clusterIP ?? "-", "over UDP");
  const answer = await inPod("sh", "-c", dnsOverTcp(fullName, server.trim()));
  t.match(answer.stdout, hexOf(spec.clusterIP ?? ""), "over TCP");
  await kubectl.ok(["delete", "service", "late"]);
  const gone = performance.now();
  await until("NXDOMAIN", async () => {
    return /NXDOMAIN/.test((await inPod("nslookup", "-type=a", fullName, server.trim())).stdout);
  });
  t.ok(performance.now() - gone < 5_000, "NXDOMAIN within 5 s");
}

async function addedRange(t: Test, kubectl: Kubectl): Promise<void> {
  const apply = (manifest: string) => kubectl.run(["apply", "-f", "-"], { stdin: manifest });
  t.match((await apply(RANGED)).stderr, /is not in the valid range/, "there is none");
  await kubectl.ok(["apply", "-f", "-"], { stdin: RANGE });
  await kubectl.ok(["apply", "-f", "-"], { stdin: RANGED });
  // Not wget, which asks for names in ways that a static program cannot.
  const ask = `printf 'GET / HTTP/1.0\\r\\n\\r\\n' | nc -w 3 ${RANGED_ADDRESS} 80`;
  await until("an answer", async () => {
    const { stdout } = await kubectl.run(["exec", "client", "--", "sh", "-c", ask]);
    return /^names-/m.test(stdout);
  });
  const removed = await kubectl.run(["delete", "servicecidr/added"]);
  t.not(removed.code, 0, "its address is held");
  await kubectl.ok(["delete", "service/ranged"]);
  await kubectl.ok(["delete", "servicecidr/added"]);
}

/** A DNS query for an A record over TCP, in shell: printf the message, print the answer in hex. */
function dnsOverTcp(name: string, server: string): string {
  const labels = name.split(".").flatMap((label) => [label.length, ...Buffer.from(label)]);
  const message = [0x12, 0x34, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0, ...labels, 0, 0, 1, 0, 1];
  const bytes = [message.length >> 8, message.length & 255, ...message];
  const text = bytes.map((byte) => `\\${byte.toString(8).padStart(3, "0")}`).join("");
  return `(printf '${text}'; sleep 1) | nc -w 3 ${server} 53 | hexdump -v -e '1/1 "%02x"'`;
}

function hexOf(address: string): string {
  return Buffer.from(address.split(".").map(Number)).toString("hex");
}

async function spread(t: Test, kubectl: Kubectl): Promise<void> {
  const { spec } = await kubectl.json<Service>(["get", "service", "names"]);
  await until(
    "every endpoint to be ready",
    async () => (await readyEndpoints(kubectl)) === ENDPOINTS,
  );
  const counts = new Map<string, number>();
  for (let done = 0; done < CONNECTIONS; done += 20) {
    const names = await Promise.all(Array.from({ length: 20 }, () => ask(spec.clusterIP ?? "")));
    for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  t.equal(counts.size, ENDPOINTS, [...counts].join(" "));
  for (const [name, count] of counts)
    t.ok(
      Math.abs(count - CONNECTIONS / ENDPOINTS) <= (0.2 * CONNECTIONS) / ENDPOINTS,
      `${name} got ${count}`,
    );
}

/** In one of three attempts in time: what else the computer does is not what is promised. */
async function readiness(t: Test, kubectl: Kubectl): Promise<void> {
  const tookMs: number[] = [];
  do tookMs.push(await unreadyAndBack(t, kubectl));
  while (Math.min(...tookMs) >= NO_TRAFFIC_MS && tookMs.length < 3);
  t.ok(Math.min(...tookMs) < NO_TRAFFIC_MS, `no traffic after ${tookMs.join(", ")} ms`);
}

/** How long a pod that was shown as unready still got traffic, in milliseconds. */
async function unreadyAndBack(t: Test, kubectl: Kubectl): Promise<number> {
  const { spec } = await kubectl.json<Service>(["get", "service", "names"]);
  const { items } = await kubectl.json<{ items: Pod[] }>(["get", "pods", "-l", "app=names"]);
  const victim = items[0]?.metadata.name ?? "";
  await kubectl.ok(["exec", victim, "--", "rm", "/tmp/ready"]);
  await until("the pod to be unready", async () => {
    const pod = await kubectl.json<Pod>(["get", "pod", victim]);
    return pod.status?.containerStatuses?.[0]?.ready === false;
  });
  const unready = performance.now();
  await until("it to leave the EndpointSlice", async () => {
    return (await readyEndpoints(kubectl)) === ENDPOINTS - 1;
  });
  await until("it to get no traffic", async () => {
    const names = await Promise.all(Array.from({ length: 60 }, () => ask(spec.clusterIP ?? "")));
    return !names.includes(victim);
  });
  const tookMs = Math.round(performance.now() - unready);
  const pod = await kubectl.json<Pod>(["get", "pod", victim]);
  t.equal(pod.status?.containerStatuses?.[0]?.restartCount, 0, "it is not restarted");
  await kubectl.ok(["exec", victim, "--", "touch", "/tmp/ready"]);
  await until("it to come back", async () => (await readyEndpoints(kubectl)) === ENDPOINTS);
  await until("traffic to come back", async () => {
    const names = await Promise.all(Array.from({ length: 60 }, () => ask(spec.clusterIP ?? "")));
    return names.includes(victim);
  });
  return tookMs;
}

async function readyEndpoints(kubectl: Kubectl): Promise<number> {
  const selector = "kubernetes.io/service-name=names";
  const { items } = await kubectl.json<{ items: EndpointSlice[] }>([
    "get",
    "endpointslices",
    "-l",
    selector,
  ]);
  return items
    .flatMap((slice) => slice.endpoints ?? [])
    .filter((endpoint) => endpoint.conditions?.ready === true).length;
}

/** Opens a connection to the Service and returns the name of the pod that answered. */
function ask(address: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const request = get({ host: address, port: 80, agent: false, timeout: 5_000 }, (answer) => {
      let text = "";
      answer.on("data", (chunk: Buffer) => (text += chunk.toString()));
      answer.on("end", () => resolve(text.trim()));
    });
    request.on("timeout", () => request.destroy(new Error("no answer")));
    request.on("error", reject);
  });
}
