import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import t from "tap";
import type { Node } from "../../api/schema/types/core-v1.gen.js";
import { TestCluster } from "./test-cluster.js";
import { until } from "./until.js";

/**
 * What scripts outside rely on: commands, exit codes, the shape of what is printed and where. A
 * cluster with simulated pods whose servers are Nodes too.
 */

t.setTimeout(600_000);

const COMMAND = join(import.meta.dirname, "../../../deploy/raftsman.js");
const ROLE = "node-role.kubernetes.io/control-plane";
const COMMANDS =
  ",up,down,status,stop,start,kill,pause,resume,kubeconfig,server,agent,init,join,version,token," +
  "token create,token list,token delete,member,member list,member add,member promote," +
  "member remove,member transfer-leader,snapshot,snapshot save,snapshot restore," +
  "snapshot status,image,image import,image list";

const cluster = new TestCluster("cli");
t.teardown(() => cluster.destroy());
const { home, name } = cluster;
const shape = ["--servers", "3", "--nodes", "1", "--server-nodes", "--runtime", "hollow"];

/** One document on stdout, and nothing on stderr that is no progress. */
async function json<T>(args: readonly string[]): Promise<T> {
  const { code, stdout, stderr } = await cluster.raftsman([...args, "-o", "json"]);
  if (code !== 0) throw new Error(`raftsman ${args.join(" ")} ended with ${code}:\n${stderr}`);
  return JSON.parse(stdout) as T;
}

/** Runs what must fail: as text and as JSON, with nothing on stdout. */
async function refused(t: Tap, text: string, [exit, errorCode, message]: Refusal): Promise<void> {
  const args = text.split(" ").filter((arg) => arg !== "");
  const [plain, asJson] = await Promise.all([
    cluster.raftsman(args),
    cluster.raftsman([...args, "-o", "json"]),
  ]);
  t.match(plain, { code: exit, stdout: "" }, `${text}: ${plain.stderr}`);
  t.match(plain.stderr, message, text);
  const { code, stdout, stderr } = asJson;
  t.match({ code, stdout }, { code: exit, stdout: "" }, `${text} -o json`);
  const lines = stderr.trim().split("\n");
  const told = JSON.parse(lines.at(-1) ?? "") as { error: Record<string, unknown> };
  t.same(Object.keys(told), ["error"], text);
  t.same(Object.keys(told.error), ["code", "message", "hint"], text);
  t.equal(told.error["code"], errorCode, text);
  t.match(told.error["message"], message, text);
}
type Tap = Pick<typeof t, "match" | "same" | "equal">;
type Refusal = readonly [exit: number, code: string, message: RegExp];

/** Two at a time: each is a process of its own. */
async function inTurns<T>(all: readonly T[], look: (one: T) => Promise<void>): Promise<void> {
  const left = [...all];
  const worker = async (): Promise<void> => {
    for (let next = left.shift(); next !== undefined; next = left.shift()) await look(next);
  };
  await Promise.all([worker(), worker()]);
}

await t.test("every command says what it does", async (t) => {
  const look = async (command: string): Promise<void> => {
    const args = command.split(" ").filter((arg) => arg !== "");
    const { code, stdout, stderr } = await cluster.raftsman([...args, "--help"]);
    t.match({ code, stderr }, { code: 0, stderr: "" }, command);
    t.match(stdout, new RegExp(`^Usage: raftsman ${command}`), command);
  };
  await inTurns(COMMANDS.split(","), look);
});

await t.test("what is not understood is 2; what there is not, 3", async (t) => {
  const data = `--data-dir ${home}/none`;
  const server = `agent ${data} --server https://127.0.0.1:1`;
  const refusals: Readonly<Record<string, Refusal>> = {
    nonsense: [2, "Usage", /unknown command 'nonsense'/],
    "status --nonsense": [2, "Usage", /unknown option '--nonsense'/],
    kill: [2, "Usage", /missing required argument 'host'/],
    "up --servers x": [2, "Usage", /--servers: "x" is not a whole number/],
    "up --servers 0": [2, "Usage", /--servers 0: 1 to 7/],
    "up --nodes -1": [2, "Usage", /--nodes/],
    "up --runtime docker": [2, "Usage", /'docker' is invalid/],
    "up --name Not_A_Name": [2, "Usage", /"Not_A_Name" cannot name a cluster/],
    "up --registry-mirror docker.io=nowhere": [2, "Usage", /"nowhere" is no URL/],
    "token create --ttl 0s --name none": [3, "NotRunning", /there is no cluster "none"/],
    status: [3, "NotRunning", /there is no cluster/],
    down: [3, "NotRunning", /there is no cluster/],
    kubeconfig: [3, "NotRunning", /there is no cluster/],
    "stop server-1": [3, "NotRunning", /there is no cluster/],
    "member list": [3, "NotRunning", /there is no cluster/],
    "snapshot status /none": [1, "Failed", /there is no \/none/],
    [`server ${data} --listen nowhere`]: [2, "Usage", /"nowhere" is not an address/],
    [`server ${data} --name Not_A_Name`]: [2, "Usage", /cannot name a server/],
    [`server ${data} --advertise no_address`]: [2, "Usage", /"no_address" is no address/],
    [`server ${data} --etcd-api 0.0.0.0:2379`]: [2, "Usage", /is not on loopback/],
    [`${server} --runtime docker`]: [2, "Usage", /"docker" is none of containerd/],
    [`${server} --name Not_A_Name`]: [2, "Usage", /cannot name a node/],
    [`${server} --labels -a=b`]: [2, "Usage", /"-a=b" is no label/],
    [`${server} --taints a`]: [2, "Usage", /"a" is not of the form/],
    [`${server} --registry-mirror a=b`]: [2, "Usage", /"b" is no URL/],
    "join nowhere --token a --ca-hash b": [2, "Usage", /"nowhere" is not a URL/],
  };
  await inTurns(Object.entries(refusals), ([text, refusal]) => refused(t, text, refusal));
  t.same(readdirSync(home), [], "nothing was made");
});

await t.test("a name of a cluster leads to no other folder", async (t) => {
  mkdirSync(join(home, "sub"));
  mkdirSync(join(home, "elsewhere"));
  writeFileSync(join(home, "elsewhere/cluster.json"), '{"formatVersion":1,"hosts":[]}');
  const env = { ...cluster.env, RAFTSMAN_HOME: join(home, "sub") };
  const child = spawn(process.execPath, [COMMAND, "down", "--name", "../elsewhere"], { env });
  const [code] = (await once(child, "exit")) as [number];
  t.equal(code, 3);
  t.ok(existsSync(join(home, "elsewhere/cluster.json")));
});
interface Status {
  readonly hosts: readonly {
    readonly name: string;
    readonly role: string;
    readonly pid: number | null;
    readonly alive: boolean;
    readonly ready: boolean;
    readonly log: string;
    readonly dataDir: string;
    readonly processes: readonly { readonly name: string; readonly pid: number }[];
    readonly ports: Readonly<Record<string, number | null>>;
  }[];
}
const STATUS_FIELDS = ["name", "version", "kubernetesVersion", "kubeconfig", "endpoint", "hosts"];
const HOST_FIELDS =
  "name role address netns pid processes alive ready dataDir log runtimeSocket ports";
const PORTS = ["api", "peer", "gossip", "metrics", "etcd", "agent"];

await t.test("up --server-nodes: servers are Nodes that keep ordinary pods off", async (t) => {
  const status = await json<Status>(["up", ...shape]);
  t.same(Object.keys(status), STATUS_FIELDS);
  t.same(status, await json(["status"]));
  for (const host of status.hosts) {
    t.equal(Object.keys(host).join(" "), HOST_FIELDS);
    t.same(Object.keys(host.ports), PORTS);
    t.match(host, { alive: true, ready: true, pid: host.processes[0]?.pid });
    t.ok(existsSync(host.dataDir) && existsSync(host.log));
  }
  t.same(
    status.hosts.map(({ name, role, processes }) => [name, role, processes.map((one) => one.name)]),
    [
      ...[1, 2, 3].map((n) => [`server-${n}`, "server", ["consensus", "api", "agent"]]),
      ["node-1", "agent", ["agent"]],
    ],
  );
  const kubectl = cluster.kubectl();
  const { items } = await kubectl.json<{ items: Node[] }>(["get", "nodes"]);
  t.same(items.map(({ metadata }) => metadata.name).sort(), [
    "node-1",
    "server-1",
    "server-2",
    "server-3",
  ]);
  for (const { metadata, spec } of items) {
    const isServer = metadata.name.startsWith("server-");
    t.equal(metadata.labels?.[ROLE], isServer ? "" : undefined);
    t.same(spec.taints ?? [], isServer ? [{ key: ROLE, effect: "NoSchedule" }] : []);
  }
  const places = await kubectl.ok(["get", "pods", "-o", "jsonpath={.items[*].spec.nodeName}"]);
  t.same(new Set(places.split(" ")), new Set(["node-1"]));
  const titles = status.hosts.map(({ pid }) => readFileSync(`/proc/${pid}/cmdline`, "utf8"));
  t.match(titles[0], `raftsman: server server-1 (${name})`);
  t.match(titles[3], `raftsman: agent node-1 (${name})`);
});

await t.test("the folder: one kubeconfig, and nothing that others may read", async (t) => {
  const files = readdirSync(join(home, name), { recursive: true, withFileTypes: true });
  const kubeconfigs = files.filter((file) => file.name === "kubeconfig");
  t.same(
    kubeconfigs.map((file) => join(file.parentPath, file.name)),
    [join(home, name, "kubeconfig")],
  );
  t.equal((await cluster.ok(["kubeconfig"])).trim(), join(home, name, "kubeconfig"));
  for (const file of files) {
    const path = join(file.parentPath, file.name);
    if (!/\.key$|kubeconfig$|\.json$/.test(file.name) || !file.isFile()) continue;
    t.equal(statSync(path).mode & 0o77, 0, path);
  }
  t.same(readdirSync(join(home, name, "hosts/node-1")).sort(), [
    "agent.json",
    "data",
    "log",
    "run",
  ]);
});

await t.test("up again changes nothing and starts what is dead; another shape is 4", async (t) => {
  const before = await json<Status>(["status"]);
  t.same(await json(["up", ...shape]), before);
  const other: Refusal = [4, "Unsafe", /--nodes 1, not 2/];
  await refused(t, "up --servers 3 --nodes 2 --server-nodes --runtime hollow", other);
  const unset: Refusal = [4, "Unsafe", /--server-nodes set, not unset/];
  await refused(t, "up --servers 3 --nodes 1 --runtime hollow", unset);
  await cluster.ok(["kill", "server-2"]);
  process.kill(await cluster.pidOf("server-3", "agent"), "SIGKILL");
  await until("server-3 to be without its agent", async () => {
    const { hosts } = await cluster.status();
    return hosts.some((host) => host.name === "server-3" && host.alive && !host.ready);
  });
  const { hosts } = await json<Status>(["up", ...shape]);
  t.ok(hosts.every(({ alive, ready }) => alive && ready));
  t.equal(hosts[0]?.pid, before.hosts[0]?.pid, "what ran goes on");
});

await t.test("what is added to a configuration stays; what up decides is said anew", async (t) => {
  const file = join(home, name, "hosts/node-1/agent.json");
  const config = JSON.parse(readFileSync(file, "utf8")) as Record<string, unknown>;
  const evictionHard = { "memory.available": "50Mi" };
  const changed = { ...config, labels: { disk: "ssd" }, evictionHard, nodeAddress: "10.9.9.9" };
  writeFileSync(file, JSON.stringify(changed));
  await cluster.ok(["stop", "node-1"]);
  await cluster.ok(["up", ...shape]);
  t.same(JSON.parse(readFileSync(file, "utf8")), {
    ...changed,
    nodeAddress: config["nodeAddress"],
  });
  const kubectl = cluster.kubectl();
  t.match(await kubectl.ok(["get", "node", "node-1", "--show-labels"]), /disk=ssd/);
  writeFileSync(file, "{");
  await cluster.ok(["stop", "node-1"]);
  await refused(t, "start node-1", [2, "Usage", /cannot read the configuration .*agent\.json/]);
  writeFileSync(file, JSON.stringify(config));
  await cluster.ok(["start", "node-1"]);
});

await t.test("metrics and etcd's API have ports where server.json names them", async (t) => {
  const file = join(home, name, "hosts/server-3/server.json");
  const config = JSON.parse(readFileSync(file, "utf8")) as Record<string, unknown>;
  const { ports } = (await cluster.host("server-3")) as { ports: { api: number | null } };
  const [metrics, etcd] = [Number(ports.api) + 1000, Number(ports.api) + 1001];
  const named = { metricsListen: `127.0.0.1:${metrics}`, etcdApi: `127.0.0.1:${etcd}` };
  writeFileSync(file, JSON.stringify({ ...config, ...named }));
  await cluster.ok(["stop", "server-3"]);
  await cluster.ok(["start", "server-3"]);
  t.match((await cluster.host("server-3")).ports, { metrics, etcd });
  const page = await (await fetch(`http://127.0.0.1:${metrics}/metrics`)).text();
  t.match(page, /^etcd_server_has_leader 1$/m);
});

await t.test("pause, resume, kill, stop and start say what runs afterwards", async (t) => {
  type Told = { host: string; processes: { name: string; pid: number }[] };
  const processes = async (verb: string): Promise<readonly string[]> =>
    (await json<Told>([verb, "server-2"])).processes.map((one) => one.name);
  const all = ["consensus", "api", "agent"];
  t.same(await processes("pause"), all);
  t.match(await cluster.host("server-2"), { alive: true, ready: false });
  await refused(t, `up ${shape.join(" ")}`, [1, "Failed", /server-2 is paused/]);
  t.same(await processes("resume"), all);
  t.same(await processes("kill"), []);
  t.match(await cluster.host("server-2"), { alive: false, ready: false, pid: null });
  t.same(await processes("kill"), [], "dead already");
  t.same(await processes("start"), all);
  t.same(await processes("stop"), []);
  t.same(await processes("start"), all);
  await refused(t, "kill server-9", [3, "NotRunning", /there is no host "server-9"/]);
});

await t.test("start, interrupted, ends what it started", async (t) => {
  await cluster.ok(["stop", "node-1"]);
  const child = spawn(process.execPath, [COMMAND, "start", "node-1"], { env: cluster.env });
  await until("the agent's process", async () => (await cluster.host("node-1")).alive);
  child.kill("SIGINT");
  const [code] = (await once(child, "exit")) as [number | null];
  // It may have been done by then: what it says is what there is.
  t.ok(code === 130 || code === 0, String(code));
  t.equal((await cluster.host("node-1")).alive, code === 0);
  await cluster.ok(["start", "node-1"]);
});

await t.test("members, tokens and snapshots", async (t) => {
  const { members } = await json<{ members: Record<string, unknown>[] }>(["member", "list"]);
  t.equal(members.filter(({ role }) => role === "leader").length, 1);
  for (const member of members)
    t.equal(
      Object.keys(member).join(" "),
      "id name role voter healthy pid peerUrl apiUrl term commitIndex appliedIndex revision " +
        "dbSizeBytes hash hashRevision alarms version",
    );
  await refused(t, "member remove nobody", [1, "Failed", /nobody in the group is called nobody/]);
  for (const ttl of ["0s", "9000h", "1d", "h"])
    await refused(t, `token create --ttl ${ttl}`, [2, "Usage", /is no time such as 24h/]);
  const token = await json<Record<string, string>>(["token", "create"]);
  t.same(Object.keys(token), ["token", "caHash", "endpoint", "joinCommand", "expiresAt"]);
  t.match(token["caHash"], /^sha256:[0-9a-f]{64}$/);
  await json(["token", "delete", token["token"] ?? ""]);
  await refused(t, "token delete abcdef", [1, "Failed", /there is no token abcdef/]);
  const file = join(home, "saved");
  const saved = await json<Record<string, unknown>>(["snapshot", "save", file]);
  t.same(Object.keys(saved), ["hash", "revision", "keys", "sizeBytes"]);
  t.same(await json(["snapshot", "status", file]), saved);
  t.equal(statSync(file).mode & 0o777, 0o600);
  await refused(t, `snapshot save ${file}`, [4, "Unsafe", /is there already/]);
  await refused(t, "snapshot save /none/x", [1, "Failed", /there is no folder \/none/]);
});

await t.test("init --dry-run makes nothing, and refuses what init would", async (t) => {
  const data = join(home, "first");
  const args = ["init", "--data-dir", data, "--name", "one", "--advertise", "10.0.0.1"];
  const told = await json<Record<string, unknown>>([...args, "--dry-run"]);
  t.match(told, { dryRun: true, dataDir: data, endpoint: "https://10.0.0.1:6443", caHash: null });
  t.equal(existsSync(data), false);
  t.match(await json(args), { dryRun: false, caHash: /^sha256:/ });
  const owned: Refusal = [4, "Unsafe", /belongs to a server already/];
  await refused(t, args.join(" "), owned);
  await refused(t, [...args, "--dry-run"].join(" "), owned);
});

await t.test("down says what it removed, and leaves nothing", async (t) => {
  const dry = await json<Record<string, unknown>>(["down", "--dry-run"]);
  t.same((dry["processes"] as unknown[]).length, 10);
  t.same(await json(["down"]), { name, removed: dry });
  await refused(t, "down", [3, "NotRunning", /there is no cluster/]);
  t.equal(existsSync(join(home, name)), false);
});
