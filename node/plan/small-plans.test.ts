import type { Container, PodSpec, Secret } from "../../api/schema/types/core-v1.gen.js";
import t from "tap";
import {
  backoffRemainingMs,
  type BackoffEntry,
  CRASH_BACKOFF,
  formatDelay,
  nextBackoff,
} from "./backoff.js";
import type { RuntimeImage } from "../cri/cri-types.js";
import { parseResolvConf, podDnsConfig } from "./dns-config.js";
import { planPodGarbage } from "./garbage.js";
import { fullImageName, parseImageName } from "./image-name.js";
import { aContainer, aPod, aRecord, ended, running } from "./plan-fixtures.js";
import { nodeImages } from "./node-images.js";
import { type NodeDescription, nodeResources } from "./node-object.js";
import { podHostname, renderHostNetworkHostsFile, renderHostsFile } from "./pod-identity.js";
import { initialProbeState, nextProbeState, type ProbeKind, probeTiming } from "./probe-state.js";
import { afterPull, mayUse, secretUse, type SecretUse } from "./pull-access.js";
import { pullCredentials } from "./pull-secrets.js";
import { qosClassOf } from "./qos.js";
import { containerResources, podCgroupPlan, resourceFieldValue } from "./resources.js";
import { statusPatch, withOwnStatus } from "./status-patch.js";

void t.test("crash back-off: 10 s doubling to 5 min, forgotten after 10 min", async (t) => {
  let entry: BackoffEntry | undefined;
  const delays: number[] = [];
  let nowMs = 0;
  for (let crash = 0; crash < 8; crash += 1) {
    const waitMs = backoffRemainingMs(entry, CRASH_BACKOFF, { endedMs: nowMs, nowMs });
    delays.push(waitMs / 1000);
    nowMs += waitMs;
    entry = nextBackoff(entry, CRASH_BACKOFF, nowMs);
  }
  t.same(delays, [0, 10, 20, 40, 80, 160, 300, 300]);
  const quietMs = nowMs + 600_001;
  t.equal(backoffRemainingMs(entry, CRASH_BACKOFF, { endedMs: quietMs, nowMs: quietMs }), 0);
  t.equal(nextBackoff(entry, CRASH_BACKOFF, quietMs).delayMs, 10_000);
  t.same([10_000, 80_000, 300_000].map(formatDelay), ["10s", "1m20s", "5m0s"]);
});

void t.test("probe thresholds", async (t) => {
  const timing = probeTiming({ failureThreshold: 2, successThreshold: 2, periodSeconds: 0 });
  t.equal(timing.periodMs, 10_000);
  t.equal(timing.timeoutMs, 1000);
  const cases: readonly (readonly [ProbeKind, string, string])[] = [
    ["readiness", "", "failure"],
    ["readiness", "+", "failure"],
    ["readiness", "++", "success"],
    ["readiness", "++-", "success"],
    ["readiness", "++--", "failure"],
    ["readiness", "++-+-", "success"],
    ["liveness", "-", "success"],
    ["liveness", "--", "failure"],
    ["startup", "-", "unknown"],
    ["startup", "-++", "success"],
    ["startup", "--", "failure"],
  ];
  for (const [kind, tries, verdict] of cases) {
    let state = initialProbeState(kind);
    for (const one of tries) state = nextProbeState(state, one === "+", timing);
    t.equal(state.verdict, verdict, `${kind} ${tries}`);
  }
});

void t.test("image names", async (t) => {
  const digest = `sha256:${"0".repeat(64)}`;
  const good = [
    ["nginx", "docker.io", "latest"],
    ["nginx:1.7.9", "docker.io", "1.7.9"],
    ["library/nginx", "docker.io", "latest"],
    ["localhost/a:1", "localhost", "1"],
    ["reg.example.org:5000/a/b__c-d:x", "reg.example.org:5000", "x"],
    [`a@${digest}`, "docker.io", ""],
    [`a:1@${digest}`, "docker.io", "1"],
  ] as const;
  for (const [name, registry, tag] of good)
    t.match(parseImageName(name), { ok: true, registry, tag }, name);
  const full = [
    ["web", "docker.io/library/web:latest"],
    ["web:1", "docker.io/library/web:1"],
    ["me/web:1", "docker.io/me/web:1"],
    ["docker.io/web:1", "docker.io/library/web:1"],
    ["localhost/a/b:1", "localhost/a/b:1"],
    ["r.io:5000/web", "r.io:5000/web:latest"],
    [`web@${digest}`, `docker.io/library/web@${digest}`],
    ["Web", null],
  ] as const;
  for (const [name, wanted] of full) t.equal(fullImageName(name), wanted, name);
  for (const name of [
    "",
    "Nginx",
    "a//b",
    "a:",
    "a:-x",
    "a@sha256:12",
    " a",
    "a b",
    "-a",
    "http://a/b",
  ])
    t.equal(parseImageName(name).ok, false, JSON.stringify(name));
  t.match(parseImageName("Nginx"), { message: /repository name must be lowercase$/ });
});

void t.test("images of a node: the largest first, at most 50, five names of each", async (t) => {
  const image = (name: string, size: number): RuntimeImage => {
    const repoTags = name === "" ? [] : Array.from({ length: 6 }, (_, i) => `${name}:${i}`);
    return { id: name, repoTags, repoDigests: [], size, uid: null, username: "", pinned: false };
  };
  const many = Array.from({ length: 60 }, (_, i) => image(`r.io/i${i}`, i));
  const told = nodeImages([image("", 99), ...many]);
  t.equal(told.length, 50);
  t.same(told[0], { names: [0, 1, 2, 3, 4].map((i) => `r.io/i59:${i}`), sizeBytes: 59 });
});

const secretOf = (name: string, data: Readonly<Record<string, unknown>>): Secret => ({
  apiVersion: "v1",
  kind: "Secret",
  metadata: {
    name,
    namespace: "default",
    uid: `uid-of-${name}`,
    resourceVersion: "1",
    creationTimestamp: "2026-01-01T00:00:00Z",
  },
  data: Object.fromEntries(
    Object.entries(data).map(([key, value]) => [
      key,
      Buffer.from(typeof value === "string" ? value : JSON.stringify(value)).toString("base64"),
    ]),
  ),
});
const userOf = (username: string): object => ({ username, password: "p" });

void t.test("pull secrets", async (t) => {
  const auth = Buffer.from("me:pass:word").toString("base64");
  const auths = {
    "https://index.docker.io/v1/": { auth },
    "r.io": userOf("u"),
    "r.io/team": userOf("team"),
    "*.parts.io": userOf("parts"),
  };
  const broken = secretOf("broken", { ".dockerconfigjson": "{" });
  const secret = secretOf("many", { ".dockerconfigjson": { auths } });
  const old = secretOf("old", { ".dockercfg": { "r.io": userOf("old") } });
  const users = (image: string): unknown[] =>
    pullCredentials(image, [broken, secret, old]).map((found) => found.auth.username);
  t.match(pullCredentials("nginx", [broken, secret]), [
    { auth: { username: "me", password: "pass:word" }, secret },
  ]);
  t.same(users("r.io/x:1"), ["u", "old"]);
  t.same(users("r.io/team/x:1"), ["team", "u", "old"], "the longest path first");
  t.same(users("r.io/teams/x:1"), ["u", "old"], "another team");
  t.same(users("a.parts.io/x"), ["parts"]);
  t.same(users("a.b.parts.io/x"), [], "a star is one part of a name");
  t.same(users("other.io/x"), []);
});

void t.test("who may use an image that is there", async (t) => {
  const usesOf = (name: string, username: string): SecretUse[] => {
    const config = { auths: { "r.io": userOf(username) } };
    const secret = secretOf(name, { ".dockerconfigjson": config });
    return pullCredentials("r.io/app", [secret]).map((it) => secretUse(it, (text) => `#${text}`));
  };
  const [first = null] = usesOf("first", "u");
  const [second = null] = usesOf("second", "other");
  const of = { imageId: "sha256:1", repository: "r.io/app" };
  const pulled = afterPull(null, of, first);
  const { repository } = of;
  const asked = { repository, isNamed: true };
  const may = (name: string, username: string): boolean =>
    mayUse(pulled, asked, usesOf(name, username));
  t.ok(mayUse(null, asked, []), "it was brought here, not pulled");
  t.notOk(mayUse(pulled, asked, []), "without credentials");
  t.notOk(may("second", "other"), "with others");
  t.ok(may("second", "u"), "the same in another Secret");
  t.ok(may("first", "rotated"), "new ones in the same Secret");
  const copy = { repository: "r.io/copy", isNamed: false };
  t.notOk(mayUse(pulled, copy, usesOf("first", "u")), "by a name that it does not have");
  t.ok(mayUse(pulled, { ...copy, isNamed: true }, []), "it was brought under another name");
  const both = afterPull(pulled, of, second);
  t.ok(mayUse(both, asked, usesOf("second", "other")));
  t.ok(mayUse(both, asked, usesOf("first", "u")), "the first still may");
  const open = afterPull(both, of, null);
  t.ok(mayUse(open, asked, []), "whoever asked for it without any got it");
});

void t.test("QoS, shares, quotas and OOM scores", async (t) => {
  const capacity = { cpuMilli: 2000, memoryBytes: 2 ** 30, ephemeralStorageBytes: 0 };
  const of = (limits: Record<string, string>, requests: Record<string, string> = limits) =>
    aContainer("main", { resources: { limits, requests } });
  const cases = [
    [of({}), "BestEffort", 1000, 2, undefined],
    [of({ cpu: "1", memory: "512Mi" }), "Guaranteed", -997, 1024, 100_000],
    [
      of({ cpu: "1", memory: "512Mi" }, { cpu: "1000m", memory: "0.5Gi" }),
      "Guaranteed",
      -997,
      1024,
      100_000,
    ],
    [of({ memory: "512Mi" }), "Burstable", 500, 2, undefined],
    [of({ cpu: "1m" }), "Burstable", 999, 2, 1000],
    [of({}, { memory: "2Gi", cpu: "250m" }), "Burstable", 3, 256, undefined],
  ] as const;
  for (const [container, qos, oomScoreAdj, cpuShares, cpuQuota] of cases) {
    const spec = { containers: [container] };
    t.equal(qosClassOf(spec), qos);
    const { cpuQuota: quota, ...rest } = containerResources(spec, container, capacity);
    t.match(rest, { oomScoreAdj, cpuShares });
    t.equal(quota, cpuQuota);
  }
  const plan = podCgroupPlan("/r/c/h", "u", {
    containers: [of({ cpu: "1", memory: "1Mi" }), of({ cpu: "500m", memory: "1Mi" })],
  });
  t.same(plan, {
    path: "/r/c/h/podu",
    cpuShares: 1536,
    cpuQuotaUs: 150_000,
    cpuPeriodUs: 100_000,
    memoryBytes: 2 ** 21,
  });
  t.equal(podCgroupPlan("/r", "u", { containers: [of({})] }).path, "/r/besteffort/podu");
  const fieldOf = (
    container: Container,
    asked: { resource: string; divisor?: string | undefined },
  ) => resourceFieldValue({ spec: { containers: [container] }, container }, asked, capacity);
  const field = (resource: string, divisor?: string) =>
    fieldOf(of({ cpu: "1500m", memory: "64Mi" }), { resource, divisor });
  t.same(
    [field("limits.cpu"), field("limits.cpu", "1m"), field("limits.memory", "1Mi"), field("x")],
    ["2", "1500", "64", null],
  );
  t.equal(fieldOf(of({}), { resource: "limits.memory" }), `${2 ** 30}`);
});

void t.test("OOM scores of sidecars and critical pods", async (t) => {
  const capacity = { cpuMilli: 2000, memoryBytes: 2 ** 30, ephemeralStorageBytes: 0 };
  const asking = (name: string, memory: string): Container =>
    aContainer(name, { resources: { requests: { memory } } });
  const score = (spec: PodSpec, container: Container): number | undefined =>
    containerResources(spec, container, capacity).oomScoreAdj;
  const side = { ...asking("side", "64Mi"), restartPolicy: "Always" };
  const spec = { containers: [asking("a", "512Mi"), asking("b", "256Mi")], initContainers: [side] };
  t.same(
    [...spec.containers, side].map((it) => score(spec, it)),
    [500, 750, 750],
  );
  const large = { ...asking("side", "768Mi"), restartPolicy: "Always" };
  t.equal(score({ ...spec, initContainers: [large] }, large), 250);
  const critical = { ...spec, priorityClassName: "system-node-critical" };
  t.equal(score(critical, side), -997);
});

void t.test("resources of a whole pod", async (t) => {
  const capacity = { cpuMilli: 2000, memoryBytes: 2 ** 30, ephemeralStorageBytes: 0 };
  const limits = { cpu: "200m", memory: "64Mi" };
  const bare = aContainer("main");
  const own = aContainer("own", { resources: { limits: { memory: "16Mi" } } });
  const spec = { containers: [bare, own], resources: { limits, requests: limits } };
  t.equal(qosClassOf(spec), "Guaranteed");
  t.same(podCgroupPlan("/r", "u", spec), {
    path: "/r/podu",
    cpuShares: 204,
    cpuQuotaUs: 20_000,
    cpuPeriodUs: 100_000,
    memoryBytes: 2 ** 26,
  });
  t.match(containerResources(spec, bare, capacity), {
    cpuQuota: 20_000,
    memoryLimitInBytes: 2 ** 26,
    oomScoreAdj: -997,
  });
  t.match(containerResources(spec, own, capacity), { memoryLimitInBytes: 2 ** 24 });
  const value = (container: Container): string | null =>
    resourceFieldValue({ spec, container }, { resource: "limits.memory" }, capacity);
  t.same([value(bare), value(own)], [`${2 ** 26}`, `${2 ** 24}`]);
  const burstable = { containers: [bare, own], resources: { requests: { memory: "512Mi" } } };
  t.equal(qosClassOf(burstable), "Burstable");
  t.equal(podCgroupPlan("/r", "u", burstable).memoryBytes, null);
  const scores = [bare, own].map((it) => containerResources(burstable, it, capacity).oomScoreAdj);
  t.same(scores, [758, 743], "what is left of the pod's request is shared");
});

void t.test("resolv.conf by policy", async (t) => {
  const host = parseResolvConf(
    "# x\nnameserver 192.0.2.1 # y\nsearch a.org b.org\noptions rotate\n",
  );
  t.same(host, { servers: ["192.0.2.1"], searches: ["a.org", "b.org"], options: ["rotate"] });
  const cluster = { address: "169.254.20.10", domain: "cluster.local" };
  const of = (spec: object) => podDnsConfig(aPod(spec), cluster, host);
  t.same(of({}), {
    servers: ["169.254.20.10"],
    searches: ["ns.svc.cluster.local", "svc.cluster.local", "cluster.local", "a.org", "b.org"],
    options: ["ndots:5"],
  });
  t.same(of({ dnsPolicy: "Default" }), host);
  t.same(of({ hostNetwork: true }), host);
  t.equal(
    of({ hostNetwork: true, dnsPolicy: "ClusterFirstWithHostNet" }).servers[0],
    cluster.address,
  );
  const dnsConfig = {
    nameservers: ["192.0.2.9"],
    searches: ["x"],
    options: [{ name: "ndots", value: "2" }],
  };
  t.same(of({ dnsPolicy: "None", dnsConfig }), {
    servers: ["192.0.2.9"],
    searches: ["x"],
    options: ["ndots:2"],
  });
  t.same(of({ dnsConfig }).options, ["ndots:2"]);
  t.equal(
    podHostname({ ...aPod(), metadata: { ...aPod().metadata, name: `${"a".repeat(62)}-b` } }),
    "a".repeat(62),
  );
});

void t.test("what a status patch says", async (t) => {
  const condition = { type: "Ready", status: "True", reason: "x" };
  t.same(statusPatch({ phase: "A" }, { phase: "A" }), {});
  t.same(statusPatch({ phase: "A", podIP: "1" }, { phase: "B" }), { phase: "B", podIP: null });
  t.same(statusPatch({ podIPs: [{ ip: "1" }] }, { podIPs: [{ ip: "2" }] }), {
    podIPs: [{ $patch: "replace" }, { ip: "2" }],
  });
  const ready = { type: "Ready", status: "True" };
  t.same(statusPatch({ conditions: [condition] }, { conditions: [ready] }), {
    conditions: [{ ...ready, reason: null }],
  });
  const foreign = { type: "theirs", status: "True" };
  t.same(statusPatch({}, { conditions: [foreign] }), {}, "conditions of others are left alone");
});

void t.test("our newest word in what the server shows", async (t) => {
  const [old, ours] = ["False", "True"].map((status) => ({ type: "Ready", status }));
  const [before, after] = ["False", "True"].map((status) => ({ type: "theirs", status }));
  const shown = {
    phase: "Pending",
    message: "m",
    conditions: [old, after].flatMap((it) => it ?? []),
  };
  const own = { phase: "Running", conditions: [ours, before].flatMap((it) => it ?? []) };
  t.same(withOwnStatus(shown, own), { ...shown, phase: "Running", conditions: [after, ours] });
});

void t.test("garbage: the newest two attempts of each container stay", async (t) => {
  const old = { ...running().sandboxes[0], id: "s0", ready: false } as never;
  const state = {
    sandboxes: [...running().sandboxes, old],
    containers: [
      aRecord("main"),
      ended("main", 1, { id: "m2" }),
      ended("main", 1, { id: "m3", sandboxId: "s0" }),
    ],
  };
  t.same(planPodGarbage(state), { containerIds: ["m3"], sandboxIds: ["s0"] });
});

void t.test("extended resources are somebody else's word, and stay", async (t) => {
  const description = {
    facts: { cpuMilli: 2000, memoryBytes: 2 ** 30, ephemeralStorageBytes: 2 ** 30 },
    podsMax: 250,
    reserved: { cpuMilli: 250, memoryBytes: 2 ** 29, ephemeralStorageBytes: 2 ** 31 },
  } as unknown as NodeDescription;
  const before = { capacity: { cpu: "9", "example.com/dongle": "4", "x.kubernetes.io/y": "1" } };
  const { capacity, allocatable } = nodeResources(description, before);
  const own = { cpu: "2", "ephemeral-storage": "1Gi", pods: "250" };
  t.same(capacity, { ...own, memory: "1Gi", "example.com/dongle": "4" });
  const left = { cpu: "1750m", memory: "512Mi", "ephemeral-storage": "0" };
  t.same(allocatable, { ...own, ...left, "example.com/dongle": "4" });
});

void t.test("hosts files begin with the words by which programs know them", async (t) => {
  const options = { ips: ["10.0.0.2"], domain: "cluster.local" };
  t.match(renderHostsFile(aPod(), options), /^# Kubernetes-managed hosts file\.\n127\.0\.0\.1\t/u);
  t.equal(
    renderHostNetworkHostsFile(aPod(), "127.0.0.1 localhost\n"),
    "# Kubernetes-managed hosts file (host network).\n127.0.0.1 localhost\n",
  );
});

void t.test("hostnameOverride stands in place of all other names", async (t) => {
  const names = { hostname: "host", subdomain: "sub", hostnameOverride: "own.example.com" };
  const pod = aPod(names);
  t.equal(podHostname(pod), "own.example.com");
  const file = renderHostsFile(pod, { ips: ["10.0.0.2"], domain: "cluster.local" });
  t.match(file, /^10\.0\.0\.2\town\.example\.com$/mu);
});
