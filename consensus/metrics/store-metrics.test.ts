import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import t from "tap";
import { silentLogger } from "../../base/logger.js";
import { connectStore } from "../consensus.js";
import { runConsensus } from "../main.js";

const NAMES = [
  "etcd_server_has_leader",
  "etcd_server_is_leader",
  "etcd_server_is_learner",
  "etcd_server_leader_changes_seen_total",
  "etcd_server_proposals_committed_total",
  "etcd_server_proposals_applied_total",
  "etcd_server_proposals_pending",
  "etcd_server_proposals_failed_total",
  "etcd_server_quota_backend_bytes",
  "etcd_mvcc_db_total_size_in_bytes",
  "etcd_debugging_mvcc_current_revision",
  "etcd_disk_wal_fsync_duration_seconds",
  "etcd_network_active_peers",
  "etcd_network_peer_sent_bytes_total",
  "etcd_network_peer_received_bytes_total",
  "etcd_network_peer_round_trip_time_seconds",
];

/** The sample of that name; NaN: there is none. */
function sample(text: string, name: string): number {
  const line = text.split("\n").find((one) => one.startsWith(`${name} `));
  return Number(line?.slice(name.length + 1) ?? Number.NaN);
}

void t.test("a member tells of itself under etcd's names", async (t) => {
  const folder = mkdtempSync(join(tmpdir(), "raftsman-metrics-"));
  t.teardown(() => rmSync(folder, { recursive: true, force: true }));
  const socketPath = join(folder, "s");
  const metricsListen = { host: "127.0.0.1", port: 0 };
  const place = { dataDir: join(folder, "data"), memberName: "a", socketPath };
  const running = await runConsensus({ ...place, logger: silentLogger, metricsListen });
  t.teardown(() => running.stop());
  const url = `http://127.0.0.1:${running.metricsPort}/metrics`;
  const scrape = async (): Promise<string> => (await fetch(url)).text();
  const store = await connectStore({ socketPath });
  t.teardown(() => store.close());

  const before = await scrape();
  for (const name of NAMES) t.match(before, new RegExp(`^# TYPE ${name} `, "m"), name);
  t.match(before, /^process_resident_memory_bytes \d/m);
  t.equal(sample(before, "etcd_server_has_leader"), 1);
  t.equal(sample(before, "etcd_server_is_leader"), 1);
  t.equal(sample(before, "etcd_server_is_learner"), 0);
  t.equal(sample(before, "etcd_server_leader_changes_seen_total"), 1);
  t.equal(sample(before, "etcd_server_proposals_failed_total"), 0);

  const put = { type: "put", key: Buffer.from("/a"), value: Buffer.from("x") } as const;
  for (let n = 0; n < 5; n += 1) await store.txn({ compares: [], success: [put] });
  const late = { type: "put", key: Buffer.from("/a"), value: Buffer.alloc(2_000_000) } as const;
  await t.rejects(store.txn({ compares: [], success: [late] }), { code: "RequestTooLarge" });
  const after = await scrape();
  const grown = (name: string): number => sample(after, name) - sample(before, name);
  t.equal(grown("etcd_server_proposals_committed_total"), 5);
  t.equal(grown("etcd_server_proposals_applied_total"), 5);
  t.equal(grown("etcd_debugging_mvcc_current_revision"), 5);
  t.equal(grown("etcd_disk_wal_fsync_duration_seconds_count"), 5);
  t.equal(sample(after, "etcd_server_proposals_pending"), 0);
  t.ok(sample(after, "etcd_mvcc_db_total_size_in_bytes") >= 0);

  t.match(await store.metrics(), /^etcd_server_has_leader 1$/m, "also through the store's door");
  t.equal((await fetch(url, { method: "POST" })).status, 405);
  t.equal((await fetch(new URL("/other", url))).status, 404);
  const taken = { host: "127.0.0.1", port: running.metricsPort ?? 0 };
  const other = { dataDir: join(folder, "other"), memberName: "b", socketPath: join(folder, "t") };
  await t.rejects(runConsensus({ ...other, logger: silentLogger, metricsListen: taken }), {
    code: "MetricsAddressInUse",
  });
});
