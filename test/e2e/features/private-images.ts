import { createServer, type IncomingMessage, request, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as delay } from "node:timers/promises";
import type { Test } from "tap";
import type { Pod } from "../../../api/schema/types/core-v1.gen.js";
import type { ImageSource } from "../../../node/containerd/image-archive.js";
import type { Kubectl } from "../kubectl.js";
import { LocalRegistry } from "../local-registry.js";
import type { TestCluster } from "../test-cluster.js";
import { TOOLS_IMAGE, toolsImage } from "../tools-image.js";
import { until } from "../until.js";

const USER = {
  name: "puller",
  password: "pull-me",
  hash: "$2b$05$abcdefghijklmnopqrstuuBp.n58v886n7kD7.z9i0nzqxtQ8I2P.",
} as const;
const NS = "private-images";
/** What an agent pulls at a time, and more than that. */
const AT_A_TIME = 4;
const PULLS = 6;
const NO_PULL_MS = 3_000;

/** A registry that wants to know who asks, on this computer, which is the node's too. */
export async function privateImages(t: Test, cluster: TestCluster): Promise<void> {
  const kubectl = cluster.kubectl();
  const registry = await LocalRegistry.start(USER);
  t.teardown(async () => {
    await kubectl.run(["delete", "namespace", NS]);
    await registry.stop();
  });
  await kubectl.ok(["create", "namespace", NS]);
  const host = new URL(registry.url).host;
  const shows = { kubectl, host };
  await registry.push("team/app", "1", toolsImage());
  await t.test("who may pull, and who may use what others pulled", (t) => secrets(t, shows));
  await t.test("as many pulls at a time as may be", (t) => parallel(t, { kubectl, registry }));
}

interface Shows {
  readonly kubectl: Kubectl;
  readonly host: string;
}

interface PodParts {
  readonly image: string;
  readonly policy?: "Always" | "IfNotPresent" | "Never";
  readonly secret?: string;
  readonly account?: string;
}

async function create(kubectl: Kubectl, name: string, parts: PodParts): Promise<void> {
  const { image, policy = "IfNotPresent", secret, account } = parts;
  const container = { name: "main", image, imagePullPolicy: policy, command: ["sleep", "100000"] };
  const spec = {
    terminationGracePeriodSeconds: 0,
    containers: [container],
    ...(secret === undefined ? {} : { imagePullSecrets: [{ name: secret }] }),
    ...(account === undefined ? {} : { serviceAccountName: account }),
  };
  const pod = { apiVersion: "v1", kind: "Pod", metadata: { name }, spec };
  await kubectl.ok(["create", "-n", NS, "-f", "-"], { stdin: JSON.stringify(pod) });
}

async function createSecret(
  kubectl: Kubectl,
  name: string,
  { host, password }: { readonly host: string; readonly password: string },
): Promise<void> {
  const user = [`--docker-username=${USER.name}`, `--docker-password=${password}`];
  const args = ["create", "secret", "docker-registry", name, "-n", NS, `--docker-server=${host}`];
  await kubectl.ok([...args, ...user]);
}

const ready = (kubectl: Kubectl, name: string): Promise<string> =>
  kubectl.ok(["wait", "-n", NS, "--for=condition=Ready", `pod/${name}`, "--timeout=60s"]);

/** Why its container waits, once it does for such a reason. */
function waits(kubectl: Kubectl, name: string, reason: RegExp): Promise<string> {
  return until(`${name} waits: ${reason}`, async () => {
    const { status } = await kubectl.json<Pod>(["get", "pod", "-n", NS, name]);
    const waiting = status?.containerStatuses?.[0]?.state?.waiting;
    return reason.test(waiting?.reason ?? "") ? (waiting?.message ?? "") : null;
  });
}

async function secrets(t: Test, { kubectl, host }: Shows): Promise<void> {
  const image = `${host}/team/app:1`;
  const login = (name: string, password: string): Promise<void> =>
    createSecret(kubectl, name, { host, password });
  await login("right", USER.password);
  await login("wrong", "guessed");
  await create(kubectl, "nobody", { image });
  await create(kubectl, "guesser", { image, secret: "wrong" });
  t.match(await waits(kubectl, "nobody", /^ErrImagePull|ImagePullBackOff$/), /auth/i);
  t.match(await waits(kubectl, "guesser", /^ErrImagePull|ImagePullBackOff$/), /auth/i);
  await create(kubectl, "member", { image, secret: "right" });
  await ready(kubectl, "member");
  const accounts = JSON.stringify({ imagePullSecrets: [{ name: "right" }] });
  await kubectl.ok(["create", "serviceaccount", "trusted", "-n", NS]);
  await kubectl.ok(["patch", "serviceaccount", "trusted", "-n", NS, "-p", accounts]);
  await create(kubectl, "trusted", { image, account: "trusted", policy: "Always" });
  await ready(kubectl, "trusted");
  // The image is on the node by now: that is not for everybody who can name it (KEP-2535).
  await create(kubectl, "freeloader", { image });
  await create(kubectl, "never", { image, policy: "Never" });
  await waits(kubectl, "freeloader", /^ErrImagePull|ImagePullBackOff$/);
  await waits(kubectl, "never", /^ErrImageNeverPull$/);
  // The same image, which was imported under this name.
  await create(kubectl, "imported", { image: TOOLS_IMAGE });
  await ready(kubectl, "imported");
  await create(kubectl, "colleague", { image, secret: "right", policy: "Never" });
  await ready(kubectl, "colleague");
}

/** Holds what is asked for until it is let go. */
class Gate {
  /** The most that were held at one time. */
  most = 0;
  private readonly held: (() => void)[] = [];
  private isOpen = false;

  get waiting(): number {
    return this.held.length;
  }

  pass(): Promise<void> {
    if (this.isOpen) return Promise.resolve();
    return new Promise((resolve) => {
      this.held.push(resolve);
      this.most = Math.max(this.most, this.held.length);
    });
  }

  open(): void {
    this.isOpen = true;
    for (const release of this.held.splice(0)) release();
  }
}

async function parallel(
  t: Test,
  { kubectl, registry }: { readonly kubectl: Kubectl; readonly registry: LocalRegistry },
): Promise<void> {
  const names = Array.from({ length: PULLS }, (_, i) => `slow-${i}`);
  for (const [i, name] of names.entries()) await registry.push(name, "1", imageOf(i));
  const gate = new Gate();
  const front = createServer((ask, answer) => {
    const isFirst = ask.url?.endsWith("/manifests/1") === true;
    void (isFirst ? gate.pass() : Promise.resolve()).then(() => forward(ask, answer, registry));
  });
  await new Promise<void>((resolve) => front.listen(0, "127.0.0.1", resolve));
  t.teardown(() => front.close());
  const { port } = front.address() as AddressInfo;
  const host = `127.0.0.1:${port}`;
  await createSecret(kubectl, "front", { host, password: USER.password });
  const parts = (name: string): PodParts => ({ image: `${host}/${name}:1`, secret: "front" });
  await Promise.all(names.map((name) => create(kubectl, name, parts(name))));
  await until("as many pulls as may be", async () => gate.waiting >= AT_A_TIME);
  await delay(NO_PULL_MS);
  t.equal(gate.most, AT_A_TIME, "the others wait for their turn");
  gate.open();
  for (const name of names) await ready(kubectl, name);
}

/** One that differs from the others. */
function imageOf(number: number): ImageSource {
  const image = toolsImage();
  return { ...image, config: { ...image.config, Env: [`NUMBER=${number}`] } };
}

function forward(ask: IncomingMessage, answer: ServerResponse, registry: LocalRegistry): void {
  const { method, headers, url = "/" } = ask;
  const passed = request(new URL(url, registry.url), { method, headers }, (response) => {
    answer.writeHead(response.statusCode ?? 502, response.headers);
    response.pipe(answer);
  });
  passed.on("error", () => answer.destroy());
  ask.pipe(passed);
}
