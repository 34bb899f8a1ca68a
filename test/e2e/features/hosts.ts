import { get } from "node:http";
import type { Test } from "tap";
import type { Pod, Service } from "../../../api/schema/types/core-v1.gen.js";
import type { Kubectl } from "../kubectl.js";
import type { TestCluster } from "../test-cluster.js";
import { TOOLS_IMAGE } from "../tools-image.js";
import { until } from "../until.js";

const PORT = 7000;
const NODES = ["node-1", "node-2"] as const;

const PODS = `${NODES.map(
  (node) => `
apiVersion: v1
kind: Pod
metadata: {name: on-${node}, labels: {app: pair}}
spec:
  nodeName: ${node}
  terminationGracePeriodSeconds: 1
  containers:
  - name: main
    image: ${TOOLS_IMAGE}
    command: ["sh", "-c", "mkdir -p /tmp/www; hostname > /tmp/www/index.html; exec busybox httpd -f -p ${PORT} -h /tmp/www"]
    readinessProbe: {httpGet: {path: /, port: ${PORT}}, periodSeconds: 1}
---`,
).join("")}
apiVersion: v1
kind: Service
metadata: {name: pair}
spec:
  selector: {app: pair}
  ports: [{port: 80, targetPort: ${PORT}}]
`;

/** Pods and Services across the hosts of a cluster, and what happens to hosts one by one. */
export async function hosts(t: Test, cluster: TestCluster): Promise<void> {
  const kubectl = cluster.kubectl();
  t.teardown(() =>
    kubectl.run(["delete", "--wait=false", "pod/on-node-1", "pod/on-node-2", "service/pair"]),
  );
  await kubectl.ok(["apply", "-f", "-"], { stdin: PODS });
  await kubectl.ok(["wait", "--for=condition=Ready", "pod", "-l", "app=pair", "--timeout=90s"]);
  await t.test("pods reach pods and Services of every host by address and by name", (t) =>
    acrossHosts(t, kubectl),
  );
  await t.test("the computer reaches pods and Services", (t) => fromOutside(t, kubectl));
  await t.test("kill, pause, stop one host; the others do not notice", (t) => oneByOne(t, cluster));
}

async function acrossHosts(t: Test, kubectl: Kubectl): Promise<void> {
  const { spec } = await kubectl.json<Service>(["get", "service", "pair"]);
  for (const from of NODES) {
    const inPod = async (...command: string[]): Promise<string> =>
      (await kubectl.run(["exec", `on-${from}`, "--", ...command])).stdout;
    const fetch = async (address: string, port: number): Promise<string> => {
      const ask = `printf 'GET / HTTP/1.0\\r\\n\\r\\n' | nc -w 5 ${address} ${port}`;
      return (await inPod("sh", "-c", ask)).trim().split("\n").at(-1) ?? "";
    };
    for (const to of NODES) {
      const { status } = await kubectl.json<Pod>(["get", "pod", `on-${to}`]);
      t.equal(await fetch(status?.podIP ?? "", PORT), `on-${to}`, `${from} to ${to}`);
    }
    const answered = new Set<string>();
    await until(`both pods to answer ${from} through the Service`, async () => {
      answered.add(await fetch(spec.clusterIP ?? "", 80));
      return NODES.every((node) => answered.has(`on-${node}`));
    });
    const name = "pair.default.svc.cluster.local";
    const answer = await inPod("nslookup", "-type=a", name);
    t.match(answer, new RegExp(`Name:\\s+${name}\\s+Address: ${spec.clusterIP}`), `DNS on ${from}`);
  }
}

async function fromOutside(t: Test, kubectl: Kubectl): Promise<void> {
  const { spec } = await kubectl.json<Service>(["get", "service", "pair"]);
  t.match(await page(`http://${spec.clusterIP}/`), /^on-node-/);
  for (const node of NODES) {
    const { status } = await kubectl.json<Pod>(["get", "pod", `on-${node}`]);
    t.equal((await page(`http://${status?.podIP}:${PORT}/`)).trim(), `on-${node}`);
  }
}

async function oneByOne(t: Test, cluster: TestCluster): Promise<void> {
  const kubectl = cluster.kubectl();
  const isReady = (node: string, ready: boolean) =>
    until(`${node} to be ${ready ? "" : "Not"}Ready`, async () =>
      new RegExp(`^${node} +${ready ? "" : "Not"}Ready`, "m").test(
        await kubectl.ok(["get", "nodes"]),
      ),
    );
  for (const [verb, back] of [
    ["kill", "start"],
    ["pause", "resume"],
    ["stop", "start"],
  ] as const) {
    await cluster.ok([verb, "node-2"]);
    t.equal((await cluster.host("node-2")).ready, false, verb);
    t.equal((await cluster.host("node-1")).ready, true, `${verb}: the other host`);
    if (verb !== "stop") await isReady("node-2", false);
    await cluster.ok([back, "node-2"]);
    await isReady("node-2", true);
  }
  t.equal((await cluster.raftsman(["kill", "node-9"])).code, 3, "no such host");
}

function page(url: string): Promise<string> {
  return new Promise((resolve, reject) => {
    get(url, { agent: false, timeout: 5_000 }, (answer) => {
      let text = "";
      answer.setEncoding("utf8").on("data", (chunk: string) => (text += chunk));
      answer.on("end", () => resolve(text));
      answer.on("error", reject);
    }).on("error", reject);
  });
}
