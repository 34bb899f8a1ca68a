import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import t from "tap";
import { readSnapshotInfo } from "../../consensus/main.js";
import { serveEtcdApi } from "./etcdctl.js";

/** Debian's etcdctl against the etcd-compatible API of a consensus process. */

t.setTimeout(240_000);

const { etcdctl, folder, running } = await serveEtcdApi(t);
const { env } = etcdctl;
const ok = (args: readonly string[], stdin = ""): Promise<string> => etcdctl.ok(args, stdin);

await t.test("put, get, del", async (t) => {
  t.equal(await ok(["put", "a", "1"]), "OK\n");
  await ok(["put", "a/b", "two"]);
  t.equal(await ok(["get", "a", "--prefix"]), "a\n1\na/b\ntwo\n");
  t.equal(await ok(["get", "", "--from-key", "--print-value-only"]), "1\ntwo\n");
  const newest = ["get", "a", "--prefix", "--sort-by=MODIFY", "--order=DESCEND", "--limit=1"];
  t.equal(await ok([...newest, "--print-value-only"]), "two\n");
  t.equal(await ok(["del", "a/b", "--prev-kv"]), "1\na/b\ntwo\n");
});

await t.test("txn", async (t) => {
  const text = 'value("a") = "1"\n\nput a 2\nget a\n\nget missing\n\n';
  t.match(await ok(["txn"], text), /SUCCESS[^]*OK[^]*a\n2/);
  t.match(await ok(["txn"], text), /FAILURE/);
});

await t.test("watch, from now on and from an earlier revision", async (t) => {
  const child = spawn("etcdctl", ["watch", "w", "--prefix", "--rev=1"], { env });
  t.teardown(() => child.kill());
  let seen = "";
  const complete = new Promise<void>((resolve) => {
    child.stdout.on("data", (chunk: Buffer) => {
      seen += chunk.toString();
      if (seen.includes("DELETE")) resolve();
    });
  });
  await ok(["put", "w1", "x"]);
  await ok(["put", "w2", "y"]);
  await ok(["del", "w1"]);
  await complete;
  t.equal(seen, "PUT\nw1\nx\nPUT\nw2\ny\nDELETE\nw1\n\n");
  child.kill();
  await once(child, "exit");
});

await t.test("leases", async (t) => {
  const [, lease = ""] = /lease (\w+) granted/.exec(await ok(["lease", "grant", "60"])) ?? [];
  await ok(["put", "leased", "x", `--lease=${lease}`]);
  t.match(await ok(["lease", "timetolive", lease, "--keys"]), /attached keys\(\[leased\]\)/);
  t.match(await ok(["lease", "keep-alive", "--once", lease]), /keepalived with TTL\(60\)/);
  t.match(await ok(["lease", "list"]), new RegExp(lease));
  await ok(["lease", "revoke", lease]);
  t.equal(await ok(["get", "leased"]), "", "its keys went with it");
  t.match(await ok(["lease", "timetolive", lease]), /already expired/);
});

await t.test("the cluster and its members", async (t) => {
  t.match(await ok(["member", "list"]), /^[0-9a-f]{1,16}, /);
  t.match(await ok(["endpoint", "status", "-w", "json"]), /"leader":\d+/);
  t.match(await ok(["endpoint", "hashkv", "-w", "json"]), /"hash":\d+/);
  t.match(await ok(["endpoint", "health"]), /is healthy/);
  t.equal(await ok(["alarm", "list"]), "");
  t.match(await ok(["defrag"]), /Finished/);
});

await t.test("a snapshot is saved, and our own command reads it", async (t) => {
  const file = join(folder, "etcdctl.snap");
  t.match(await ok(["snapshot", "save", file]), /Snapshot saved at/);
  const info = await readSnapshotInfo(file);
  t.match(info, { keys: 2, revision: (await running.status()).revision });
  t.equal(info.hash, (await running.status()).hash);
});

await t.test("history that is gone, keys that are not theirs", async (t) => {
  const { header } = JSON.parse(await ok(["get", "a", "-w", "json"])) as {
    header: { revision: number };
  };
  await ok(["compaction", String(header.revision)]);
  t.match(await etcdctl.run(["watch", "a", "--rev=1"]), { code: 1, out: /has been compacted/ });
  t.match(await etcdctl.run(["get", "a", "--rev=1"]), { code: 1, out: /has been compacted/ });
  t.match(await etcdctl.run(["put", "/registry/x", "1"]), { code: 1, out: /PermissionDenied/ });
  t.match(await etcdctl.run(["del", "", "--from-key"]), { code: 1, out: /PermissionDenied/ });
});
