import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import t from "tap";
import type { MemberList } from "../../consensus/consensus.js";
import { until } from "./member-group.js";
import { runRaftsman, ServerGroup, type TestServerProcess } from "./server-group.js";

const LIMIT_MS = 400_000;
t.setTimeout(LIMIT_MS);

interface NodeAnswer {
  readonly status: {
    readonly conditions?: readonly { readonly type: string; readonly status: string }[];
  };
}

const NAMESPACES = "/api/v1/namespaces";

void t.test("servers join with a token, serve together, and are changed safely", async (t) => {
  t.setTimeout(LIMIT_MS);
  const group = await ServerGroup.start(3);
  t.teardown(() => group.close());
  let removed: TestServerProcess | undefined;

  await t.test("the list is as the contract has it", async (t) => {
    const args = ["member", "list", "-o", "json", ...group.cluster];
    const list = JSON.parse(await group.succeed(args)) as MemberList;
    t.match(list.clusterId, /^[0-9a-f]{16}$/);
    t.same(list.members.map(({ role }) => role).sort(), ["follower", "follower", "leader"]);
    const keys =
      "id name role voter healthy pid peerUrl apiUrl term commitIndex appliedIndex revision " +
      "dbSizeBytes hash hashRevision alarms version";
    for (const member of list.members) {
      t.equal(Object.keys(member).join(" "), keys);
      t.match(member, { id: /^[0-9a-f]{16}$/, voter: true, healthy: true, alarms: [] });
      t.ok(member.dbSizeBytes > 0, "also while it is in LevelDB's log alone");
      t.match(member.peerUrl, /^wss:\/\/127\.0\.0\.1:\d+$/);
      t.ok(
        group.servers.some(({ child, url }) => child.pid === member.pid && url === member.apiUrl),
      );
    }
  });

  await t.test("what is written through one is read through every other", async (t) => {
    for (const [i, server] of group.servers.entries()) {
      const metadata = { name: `from-${server.name}` };
      const body = { apiVersion: "v1", kind: "Namespace", metadata };
      const written = await group.send(server, { method: "POST", path: NAMESPACES, body });
      t.equal(written.status, 201, written.body);
      const other = group.servers[(i + 1) % group.servers.length] ?? server;
      t.equal((await group.get(other, `${NAMESPACES}/${metadata.name}`)).status, 200);
    }
  });

  await t.test("each server's metrics have etcd's names", async (t) => {
    for (const server of group.servers) {
      const { status, body } = await group.get(server, "/metrics");
      t.equal(status, 200);
      t.match(body, /^etcd_server_has_leader 1$/m);
      t.match(body, /^etcd_network_active_peers\{.*\} 1$/m);
      t.match(body, /^etcd_network_peer_sent_bytes_total\{To="[0-9a-f]{16}"\} \d{3,}$/m);
      t.match(body, /^etcd_disk_wal_fsync_duration_seconds_count [1-9]/m);
      t.match(body, /^apiserver_request_total\{/m);
    }
  });

  await t.test("the server whose loops lead tells of their queues", async (t) => {
    const texts = await Promise.all(group.servers.map((one) => group.get(one, "/metrics")));
    const leading = texts.filter(({ body }) => /^workqueue_adds_total\{/m.test(body));
    t.equal(leading.length, 1);
    // As kube-controller-manager calls them; the last three are names of our own.
    const names = [
      "deployment",
      "replicaset",
      "replicationmanager",
      "statefulset",
      "daemonset",
      "job",
      "ttl_jobs_to_delete",
      "cronjob",
      "disruption",
      "horizontalpodautoscaler",
      "resourcequota_primary",
      "endpoint_slice",
      "endpoint_slice_mirroring",
      "endpoint",
      "namespace",
      "serviceaccount",
      "serviceaccount_tokens_secret",
      "ClusterRoleAggregator",
      "root_ca_cert_publisher",
      "orphaned_pods_nodes",
      "noexec_taint_pod",
      "node_lifecycle_controller",
      "certificate",
      "pvcprotection",
      "pvprotection",
      "volume_expand",
      "ephemeral_volume",
      "ttlcontroller",
      "garbage_collector_attempt_to_delete",
      "garbage_collector_attempt_to_orphan",
      "persistentvolume-binder",
      "local-path-provisioner",
      "custom_resource_finalizer",
    ];
    for (const name of names)
      t.match(leading[0]?.body, new RegExp(`^workqueue_depth\\{name="${name}"\\} \\d+$`, "m"));
  });

  await t.test("leadership is handed over when asked", async (t) => {
    const before = await group.leader();
    await group.succeed(["member", "transfer-leader", ...group.cluster]);
    const after = await group.leader();
    t.not(after.name, before.name);
    const args = ["member", "transfer-leader", before.name, "-o", "json", ...group.cluster];
    await group.succeed(args);
    t.equal((await group.leader()).name, before.name);
    const unknown = await group.run(["member", "remove", "nobody", ...group.cluster]);
    t.equal(unknown.exitCode, 1);
    t.match(unknown.stderr, /nobody in the group is called nobody/);
  });

  await t.test("a token that is wrong, or for agents, lets no server in", async (t) => {
    const made = await group.succeed(
      ["token", "create", "--as", "agent", "-o", "json"].concat(group.cluster),
    );
    const { token, caHash } = JSON.parse(made) as { token: string; caHash: string };
    const [first] = group.servers;
    const flags = [
      "server",
      "--name",
      "server-9",
      "--data-dir",
      join(first?.dataDir ?? "", "nine"),
    ];
    const place = [...flags, "--listen", "127.0.0.1:0", "--join", first?.url ?? ""];
    const refused = async (with_: string, hash: string): Promise<string> => {
      const { exitCode, stderr } = await group.run([...place, "--token", with_, "--ca-hash", hash]);
      return `${exitCode} ${stderr}`;
    };
    t.match(await refused(token, caHash), /^1 .*is for agents/s);
    t.match(await refused("abcdef.0123456789abcdef", caHash), /^1 .*is not known/s);
    t.match(await refused(token, `sha256:${"0".repeat(64)}`), /^4 .*has another authority/s);
    await group.succeed(["token", "delete", token, ...group.cluster]);
    t.match(await refused(token, caHash), /^1 .*is not known/s);
    t.equal((await group.list()).members.length, 3, "nobody was taken in");
  });

  await t.test("what would stop writes is refused, with exit code 4 and the reason", async (t) => {
    const leader = await group.leader();
    const [victim, other] = group.servers.filter((server) => server !== leader);
    victim?.child.kill("SIGKILL");
    await until(async () => (await roleOf(group, victim?.name)) === "unreachable");
    const remove = ["member", "remove", other?.name ?? "", "-o", "json", ...group.cluster];
    const { exitCode, stderr } = await group.run(remove);
    t.equal(exitCode, 4);
    const { error } = JSON.parse(stderr) as { error: { code: string; message: string } };
    t.equal(error.code, "Unsafe");
    t.match(error.message, /only 1 of the 2 voters that would be left can be reached/);
    await group.succeed(["member", "remove", victim?.name ?? "", ...group.cluster]);
    t.equal((await group.list()).members.length, 2);
    removed = victim;
  });

  await t.test("a server that was removed says so and ends", async (t) => {
    const { exitCode, stderr } = await group.run(removed?.args ?? []);
    t.equal(exitCode, 1);
    t.match(stderr, /was removed from the cluster/);
    t.match(stderr, /remove .* and start it with --join/);
  });

  await t.test("one that lost its disk joins again as another member", async (t) => {
    const name = removed?.name ?? "";
    await group.join(name);
    await until(async () => (await group.list()).members.filter(({ voter }) => voter).length === 3);
    const { members } = await group.list();
    const back = members.find((member) => member.name === name);
    t.ok(back?.healthy);
    t.equal((await group.get(await group.leader(), "/readyz")).status, 200);
    const taken = members.find(({ role }) => role === "leader")?.name ?? "";
    const refused = await group.run((await group.joining(taken)).args);
    t.equal(refused.exitCode, 4, "not under the name of one that lives");
    t.match(refused.stderr, /is there and can be reached/);
    t.same(
      (await group.list()).members.map(({ id }) => id).sort(),
      members.map((m) => m.id).sort(),
    );
  });

  await t.test("a learner is added, promoted once it has caught up, and removed", async (t) => {
    const id = "00112233445566aa";
    const urls = ["--peer-url", "wss://127.0.0.1:1", "--api-url", "https://127.0.0.1:1"];
    const add = ["member", "add", "server-7", "--id", id, ...urls, "-o", "json", ...group.cluster];
    const list = JSON.parse(await group.succeed(add)) as MemberList;
    const added = list.members.find((member) => member.name === "server-7");
    t.match(added, { id, role: "unreachable", voter: false, healthy: false });
    const promote = ["member", "promote", "server-7", "-o", "json", ...group.cluster];
    const { exitCode, stderr } = await group.run(promote);
    t.equal(exitCode, 1);
    t.match(stderr, /server-7 cannot be reached/);
    await group.succeed(["member", "remove", "server-7", ...group.cluster]);
    t.equal((await group.list()).members.length, 3);
    const again = await group.run(add);
    t.equal(again.exitCode, 4, "an id that was removed does not come back");
    t.match(again.stderr, /was removed and cannot come back/);
    t.equal((await group.run(["member", "add", "server-7", ...group.cluster])).exitCode, 2);
  });

  await t.test("an agent joins with a token of its own", async (t) => {
    const made = await group.succeed(
      ["token", "create", "--as", "agent", "--ttl", "10m", "-o", "json"].concat(group.cluster),
    );
    const created = JSON.parse(made) as Record<string, string>;
    t.same(Object.keys(created), ["token", "caHash", "endpoint", "joinCommand", "expiresAt"]);
    const { token = "", caHash = "", endpoint = "", joinCommand = "" } = created;
    t.equal(
      joinCommand,
      `raftsman join ${endpoint} --token ${token} --ca-hash ${caHash} --as agent`,
    );
    const listed = await group.succeed(["token", "list", "-o", "json", ...group.cluster]);
    t.match(listed, token.slice(0, 6));
    t.notMatch(listed, token.slice(7), "without the secret");
    const agent = group.startAgent(joinCommand.split(" ").slice(1), "node-1");
    t.teardown(() => agent.end());
    const node = "/api/v1/nodes/node-1";
    const leader = await group.leader();
    await until(async () => {
      const { status, body } = await group.get(leader, node);
      if (status !== 200) return false;
      const { conditions = [] } = (JSON.parse(body) as NodeAnswer).status;
      return conditions.some((one) => one.type === "Ready" && one.status === "True");
    });
    t.pass("its Node is ready");
  });
});

void t.test("init says what it would make, and makes it from a file", async (t) => {
  const folder = mkdtempSync(join(tmpdir(), "raftsman-init-"));
  t.teardown(() => rmSync(folder, { recursive: true, force: true }));
  const config = join(folder, "init.json");
  const dataDir = join(folder, "data");
  writeFileSync(config, JSON.stringify({ name: "server-1", dataDir, listen: "127.0.0.1:7443" }));
  const args = ["init", "--config", config, "--advertise", "127.0.0.1", "--vip", "127.0.0.9"];
  const dry = await runRaftsman([...args, "--dry-run", "-o", "json"]);
  t.equal(dry.exitCode, 0, dry.stderr);
  const endpoint = "https://127.0.0.9:7443";
  t.match(JSON.parse(dry.stdout), { dryRun: true, dataDir, endpoint, caHash: null });
  t.notOk(existsSync(dataDir), "nothing was made");
  const made = await runRaftsman([...args, "-o", "json"]);
  t.equal(made.exitCode, 0, made.stderr);
  const told = JSON.parse(made.stdout) as Record<string, string>;
  t.match(told, { dryRun: false, endpoint, caHash: /^sha256:[0-9a-f]{64}$/ });
  for (const file of [told["kubeconfig"], join(dataDir, "pki/ca.key"), told["configFile"]])
    t.equal(statSync(file ?? "").mode & 0o777, 0o600, String(file));
  t.match(readFileSync(told["kubeconfig"] ?? "", "utf8"), endpoint);
  const again = await runRaftsman([...args, "-o", "json"]);
  t.equal(again.exitCode, 4);
  t.match(again.stderr, /belongs to a server already/);
});

void t.test("every command has help", async (t) => {
  const commands = ["init", "join", "server", "token create", "token list", "token delete"];
  for (const verb of ["list", "add", "promote", "remove", "transfer-leader"])
    commands.push(`member ${verb}`);
  await Promise.all(
    commands.map(async (command) => {
      const { exitCode, stdout } = await runRaftsman([...command.split(" "), "--help"]);
      t.equal(exitCode, 0, command);
      t.match(stdout, `Usage: raftsman ${command}`);
    }),
  );
});

async function roleOf(group: ServerGroup, name: string | undefined): Promise<string> {
  return (await group.list()).members.find((member) => member.name === name)?.role ?? "";
}
