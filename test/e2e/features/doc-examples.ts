import { join } from "node:path";
import type { Test } from "tap";
import { writeImageArchive } from "../../../node/containerd/image-archive.js";
import { importImageArchive } from "../../../node/containerd/image-import.js";
import { EXAMPLE_IMAGE, exampleImage } from "../example-image.js";
import type { Kubectl } from "../kubectl.js";
import type { TestCluster } from "../test-cluster.js";
import { until } from "../until.js";

const COMMIT = "git add -A && git -c user.name=me -c user.email=me@example.com commit -qm page";

/** A puller fetches sources, a generator makes pages of them, a server serves them. */
const WEB = `
apiVersion: v1
kind: Pod
metadata: {name: example-web}
spec:
  terminationGracePeriodSeconds: 0
  initContainers:
  - name: origin
    image: ${EXAMPLE_IMAGE}
    command: [sh, -c, "cd /origin && git init -q && echo '# first' > index.md && ${COMMIT}"]
    volumeMounts: [{name: origin, mountPath: /origin}]
  containers:
  - name: puller
    image: ${EXAMPLE_IMAGE}
    command: [sh, -c, "git clone -q /origin /site/source; while sleep 0.5; do git -C /site/source pull -q; done"]
    volumeMounts: [{name: site, mountPath: /site}, {name: origin, mountPath: /origin}]
  - name: generator
    image: ${EXAMPLE_IMAGE}
    command: [sh, -c, "while sleep 0.5; do sed 's,^# \\\\(.*\\\\),<h1>\\\\1</h1>,' /site/source/index.md > /pages/new && mv /pages/new /pages/index.html; done"]
    volumeMounts: [{name: site, mountPath: /site, readOnly: true}, {name: pages, mountPath: /pages}]
  - name: server
    image: ${EXAMPLE_IMAGE}
    command: [httpd, -f, -p, "80", -h, /pages]
    volumeMounts: [{name: pages, mountPath: /pages, readOnly: true}]
  volumes:
  - {name: origin, emptyDir: {}}
  - {name: site, emptyDir: {}}
  - {name: pages, emptyDir: {medium: Memory}}
`;

/** The WAR file comes in an image of its own, by an init container. */
const WAR = `
apiVersion: v1
kind: Pod
metadata: {name: example-war}
spec:
  terminationGracePeriodSeconds: 0
  initContainers:
  - name: war
    image: ${EXAMPLE_IMAGE}
    command: [cp, /sample.war, /app]
    volumeMounts: [{name: app-volume, mountPath: /app}]
  containers:
  - name: tomcat
    image: ${EXAMPLE_IMAGE}
    command: [sh, -c, "mkdir /srv && unzip -q /webapps/sample.war -d /srv && exec httpd -f -p 8080 -h /srv"]
    readinessProbe: {httpGet: {path: /index.html, port: 8080}, periodSeconds: 1}
    volumeMounts: [{name: app-volume, mountPath: /webapps}]
  volumes: [{name: app-volume, emptyDir: {}}]
`;

/** "Logging Architecture": a sidecar for each of the files that the program writes. */
const COUNTER = `
apiVersion: v1
kind: Pod
metadata: {name: example-counter}
spec:
  terminationGracePeriodSeconds: 0
  initContainers:
  - name: count-log-1
    image: ${EXAMPLE_IMAGE}
    restartPolicy: Always
    command: [sh, -c, "touch /var/log/1.log; exec busybox tail -n+1 -F /var/log/1.log"]
    volumeMounts: [{name: varlog, mountPath: /var/log}]
  - name: count-log-2
    image: ${EXAMPLE_IMAGE}
    restartPolicy: Always
    command: [sh, -c, "touch /var/log/2.log; exec busybox tail -n+1 -F /var/log/2.log"]
    volumeMounts: [{name: varlog, mountPath: /var/log}]
  containers:
  - name: count
    image: ${EXAMPLE_IMAGE}
    command: [sh, -c, "i=0; while true; do echo \\"$i: one\\" >> /var/log/1.log; echo \\"$i INFO two\\" >> /var/log/2.log; i=$((i+1)); sleep 1; done"]
    volumeMounts: [{name: varlog, mountPath: /var/log}]
  volumes: [{name: varlog, emptyDir: {}}]
`;

/** What one container says to a Unix socket, the other hears. */
const SOCKET = `
apiVersion: v1
kind: Pod
metadata: {name: example-socket}
spec:
  terminationGracePeriodSeconds: 0
  containers:
  - name: listener
    image: ${EXAMPLE_IMAGE}
    command: [sh, -c, "ln -s /shared/log /dev/log && exec syslogd -n -O /dev/stdout"]
    volumeMounts: [{name: shared, mountPath: /shared}]
  - name: speaker
    image: ${EXAMPLE_IMAGE}
    command: [sh, -c, "ln -s /shared/log /dev/log; while sleep 0.5; do logger -t speaker hello over a socket; done"]
    volumeMounts: [{name: shared, mountPath: /shared}]
  volumes: [{name: shared, emptyDir: {}}]
`;

/** "Projected Volumes", and a Secret that changes meanwhile. */
const PROJECTED = `
apiVersion: v1
kind: Secret
metadata: {name: example-user}
stringData: {username: admin}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: example-config}
data: {config: "level: 3"}
---
apiVersion: v1
kind: Pod
metadata: {name: example-projected, labels: {tier: front}}
spec:
  terminationGracePeriodSeconds: 0
  containers:
  - name: main
    image: ${EXAMPLE_IMAGE}
    command: [sleep, "100000"]
    resources: {limits: {cpu: 500m}}
    volumeMounts: [{name: all-in-one, mountPath: /projected-volume, readOnly: true}]
  volumes:
  - name: all-in-one
    projected:
      defaultMode: 0400
      sources:
      - secret:
          name: example-user
          items: [{key: username, path: my-group/my-username, mode: 0440}]
      - secret: {name: example-none, optional: true}
      - downwardAPI:
          items:
          - {path: labels, fieldRef: {fieldPath: metadata.labels}}
          - path: cpu_limit
            resourceFieldRef: {containerName: main, resource: limits.cpu, divisor: 1m}
      - configMap: {name: example-config, items: [{key: config, path: my-group/my-config}]}
      - serviceAccountToken: {path: token, audience: vault, expirationSeconds: 600}
`;

const ALL = [WEB, WAR, COUNTER, SOCKET, PROJECTED].join("---");

/** Pods of the documentation's examples, side by side: containers that share files and sockets. */
export async function docExamples(t: Test, cluster: TestCluster): Promise<void> {
  const kubectl = cluster.kubectl();
  const archive = join(cluster.home, "examples.tar");
  await writeImageArchive(archive, exampleImage());
  const { runtimeSocket } = await cluster.host("node-1");
  await importImageArchive(runtimeSocket ?? "", archive, new AbortController().signal);
  t.teardown(() =>
    kubectl.run(["delete", "--now", "--ignore-not-found", "-f", "-"], { stdin: ALL }),
  );
  await kubectl.ok(["apply", "-f", "-"], { stdin: ALL });
  t.jobs = 5;
  await Promise.all([
    t.test("puller, generator, web server", (t) => web(t, kubectl)),
    t.test("a WAR file by an init container", (t) => war(t, kubectl)),
    t.test("sidecars that collect logs", (t) => counter(t, kubectl)),
    t.test("a Unix socket that two containers share", (t) => socket(t, kubectl)),
    t.test("a projected Secret that is updated", (t) => projected(t, kubectl)),
  ]);
}

async function web(t: Test, kubectl: Kubectl): Promise<void> {
  const page = () =>
    kubectl.ok(["exec", "example-web", "-c", "server", "--", "wget", "-qO-", "http://127.0.0.1/"]);
  await until("the page", async () => (await page()) === "<h1>first</h1>\n");
  const change = `cd /origin && echo '# second' > index.md && ${COMMIT}`;
  await kubectl.ok(["exec", "example-web", "-c", "puller", "--", "sh", "-c", change]);
  await until("the new page", async () => (await page()) === "<h1>second</h1>\n");
  const args = ["exec", "example-web", "-c", "server", "--", "touch", "/pages/x"];
  t.match((await kubectl.run(args)).stderr, /Read-only file system/);
}

async function war(t: Test, kubectl: Kubectl): Promise<void> {
  await kubectl.ok(["wait", "--for=condition=Ready", "pod/example-war", "--timeout=60s"]);
  const proxied = "/api/v1/namespaces/default/pods/example-war:8080/proxy/index.html";
  t.equal(await kubectl.ok(["get", "--raw", proxied]), "sample:v2\n");
}

async function counter(t: Test, kubectl: Kubectl): Promise<void> {
  const logs = (container: string) =>
    until(`two lines of ${container}`, async () => {
      const lines = (await kubectl.ok(["logs", "example-counter", container])).trim().split("\n");
      return lines.length >= 2 && lines;
    });
  t.match(await logs("count-log-1"), ["0: one", "1: one"]);
  t.match(await logs("count-log-2"), ["0 INFO two", "1 INFO two"]);
}

async function socket(t: Test, kubectl: Kubectl): Promise<void> {
  const heard = await until("what was said", async () =>
    /speaker: .*/.exec(await kubectl.ok(["logs", "example-socket", "-c", "listener"])),
  );
  t.equal(heard[0], "speaker: hello over a socket");
}

async function projected(t: Test, kubectl: Kubectl): Promise<void> {
  await kubectl.ok(["wait", "--for=condition=Ready", "pod/example-projected", "--timeout=60s"]);
  const inPod = (script: string) =>
    kubectl.ok(["exec", "example-projected", "--", "sh", "-c", `cd /projected-volume; ${script}`]);
  t.equal(
    await inPod("cat my-group/my-username my-group/my-config labels cpu_limit"),
    'adminlevel: 3tier="front"500',
  );
  t.equal(
    await inPod("busybox stat -L -c %a my-group/my-username my-group/my-config token"),
    "440\n400\n400\n",
  );
  const changes = [
    ["secret/example-user", '{"stringData":{"username":"root"}}'],
    ["pod/example-projected", '{"metadata":{"labels":{"tier":"back"}}}'],
  ] as const;
  for (const [what, patch] of changes) await kubectl.ok(["patch", what, "-p", patch]);
  await until("the new files", async () => {
    return (await inPod("cat my-group/my-username labels")) === 'roottier="back"';
  });
  t.equal(await inPod("cat my-group/my-config"), "level: 3", "the others stay");
}
