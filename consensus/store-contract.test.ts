import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import t from "tap";
import { silentLogger } from "../base/logger.js";
import { connectStore, openStore } from "./consensus.js";
import { runConsensus } from "./main.js";
import type { Op, Store, TxnRequest, WatchBatch } from "./store-api.js";

interface Teardown {
  teardown(run: () => Promise<void>): void;
}

function folderFor(t: Teardown): string {
  const folder = mkdtempSync(join(tmpdir(), "raftsman-store-"));
  t.teardown(async () => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** The door's two ways in; both must do the same. */
const IMPLEMENTATIONS: Record<string, (t: Teardown) => Promise<Store>> = {
  openStore: async (t) => {
    const dataDir = folderFor(t);
    const store = await openStore({ dataDir, name: "a", fsync: false });
    t.teardown(() => store.close());
    return store;
  },
  connectStore: async (t) => {
    const folder = folderFor(t);
    const socketPath = join(folder, "s");
    const running = await runConsensus({
      dataDir: join(folder, "data"),
      memberName: "a",
      socketPath,
      logger: silentLogger,
      unsafeNoFsync: true,
    });
    const store = await connectStore({ socketPath });
    t.teardown(async () => {
      await store.close();
      await running.stop();
    });
    return store;
  },
};

const b = (text: string): Buffer => Buffer.from(text, "latin1");
const put = (key: string, value: string, more: object = {}): Op => ({
  type: "put",
  key: b(key),
  value: b(value),
  ...more,
});
const txn = (...success: Op[]): TxnRequest => ({ compares: [], success });
const all = { key: b("/"), rangeEnd: b("0") };

async function contents(store: Store, revision?: number): Promise<string[]> {
  const { kvs } = await store.range(revision === undefined ? all : { ...all, revision });
  return kvs.map((kv) => `${kv.key.toString()}=${kv.value.toString()}@${kv.modRevision}`);
}

/** Watches until `enough` says so, and returns what came. */
async function watched(
  store: Store,
  fromRevision: number,
  enough: (batches: readonly WatchBatch[]) => boolean,
): Promise<WatchBatch[]> {
  const batches: WatchBatch[] = [];
  const stop = new AbortController();
  await store.watch(
    { ...all, fromRevision, prevKv: true },
    {
      signal: stop.signal,
      onBatch: (batch) => {
        batches.push(batch);
        if (enough(batches)) stop.abort();
      },
    },
  );
  return batches;
}

for (const [name, open] of Object.entries(IMPLEMENTATIONS)) {
  void t.test(name, async (t) => {
    void t.test("revisions, versions and what a key was before", async (t) => {
      const store = await open(t);
      t.match(await store.status(), { revision: 1, compactRevision: 0, memberName: "a" });
      const first = await store.txn(txn(put("/a", "1", { prevKv: true })));
      t.match(first, { succeeded: true, revision: 2, results: [{ type: "put", prev: null }] });
      const second = await store.txn(txn(put("/a", "2", { prevKv: true })));
      t.match(second.results, [{ prev: { value: b("1"), modRevision: 2, version: 1 } }]);
      const { kvs } = await store.range({ key: b("/a") });
      t.match(kvs, [{ createRevision: 2, modRevision: 3, version: 2, lease: 0 }]);
      const gone = await store.txn(txn({ type: "delete", ...all, prevKv: true }));
      t.match(gone, { revision: 4, results: [{ deleted: 1, prev: [{ value: b("2") }] }] });
      await store.txn(txn(put("/a", "3")));
      t.match((await store.range({ key: b("/a") })).kvs, [{ createRevision: 5, version: 1 }]);
      const nothing = await store.txn(txn({ type: "delete", key: b("/none") }));
      t.match(nothing, { revision: 5, results: [{ deleted: 0 }] });
    });

    void t.test("a transaction is all or nothing, and compares decide", async (t) => {
      const store = await open(t);
      await store.txn(txn(put("/a", "1"), put("/b", "1")));
      t.same(await contents(store), ["/a=1@2", "/b=1@2"]);
      const cases: [TxnRequest["compares"][number], boolean][] = [
        [{ target: "modRevision", key: b("/a"), result: "=", value: 2 }, true],
        [{ target: "modRevision", key: b("/a"), result: "<", value: 2 }, false],
        [{ target: "modRevision", key: b("/none"), result: "=", value: 0 }, true],
        [{ target: "version", key: b("/a"), result: ">", value: 0 }, true],
        [{ target: "createRevision", key: b("/none"), result: "!=", value: 0 }, false],
        [{ target: "value", key: b("/a"), result: "=", value: b("1") }, true],
        [{ target: "value", key: b("/a"), result: "<", value: b("0") }, false],
        [{ target: "value", key: b("/none"), result: "!=", value: b("x") }, false],
        [{ target: "lease", key: b("/a"), result: "=", value: 0 }, true],
      ];
      for (const [compare, holds] of cases) {
        const read: Op = { type: "range", key: b("/a") };
        const answer = await store.txn({ compares: [compare], success: [], failure: [read] });
        t.equal(answer.succeeded, holds, JSON.stringify(compare));
        t.equal(answer.results.length, holds ? 0 : 1);
      }
    });

    void t.test("the revision is spliced in where the proposal says", async (t) => {
      const store = await open(t);
      await store.txn(txn(put("/a", '{"rv":""}', { spliceAt: 7 })));
      await store.txn(txn(put("/b", "", { spliceAt: 0 }), put("/c", "x", { spliceAt: 1 })));
      t.same(await contents(store), ['/a={"rv":"2"}@2', "/b=3@3", "/c=x3@3"]);
    });

    void t.test("ranges: limit, count, keys only, an earlier revision", async (t) => {
      const store = await open(t);
      for (const key of ["/c", "/a", "/b"]) await store.txn(txn(put(key, "1")));
      await store.txn(txn(put("/a", "2"), { type: "delete", key: b("/c") }));
      t.same(await contents(store), ["/a=2@5", "/b=1@4"]);
      t.same(await contents(store, 4), ["/a=1@3", "/b=1@4", "/c=1@2"]);
      t.same(await contents(store, 2), ["/c=1@2"]);
      t.match(await store.range({ ...all, limit: 1 }), { count: 2, more: true, revision: 5 });
      t.match(await store.range({ ...all, countOnly: true }), { count: 2, kvs: [], more: false });
      t.match((await store.range({ ...all, keysOnly: true })).kvs[0], { value: b("") });
      await t.rejects(store.range({ ...all, revision: 99 }), { code: "FutureRevision" });
      t.equal(await store.readIndex(), 5);
    });

    void t.test(
      "a watch reports history, then what happens, whole revisions in order",
      async (t) => {
        const store = await open(t);
        await store.txn(txn(put("/a", "1"), put("/b", "1")));
        await store.txn(txn(put("/a", "2")));
        const done = watched(store, 2, (batches) => (batches.at(-1)?.revision ?? 0) >= 5);
        await store.txn(txn({ type: "delete", key: b("/a") }));
        await store.txn(txn(put("other", "x")));
        const batches = await done;
        const events = batches.flatMap((batch) => batch.events);
        t.same(
          events.map((e) => `${e.type} ${e.kv.key.toString()}@${e.kv.modRevision}`),
          ["put /a@2", "put /b@2", "put /a@3", "delete /a@4"],
        );
        t.same(
          events.map((e) => e.prevKv?.value.toString()),
          [undefined, undefined, "1", "2"],
        );
        const revisions = batches.map((batch) => batch.revision);
        t.same(
          revisions,
          [...revisions].sort((x, y) => x - y),
        );
      },
    );

    void t.test("history that was compacted is refused, what is left stays", async (t) => {
      const store = await open(t);
      for (const value of ["1", "2", "3"]) await store.txn(txn(put("/a", value)));
      await store.txn(txn(put("/gone", "x")));
      await store.txn(txn({ type: "delete", key: b("/gone") }));
      await store.compact(4);
      t.same(await contents(store, 4), ["/a=3@4"]);
      await t.rejects(store.range({ ...all, revision: 3 }), { code: "Compacted" });
      const never = { signal: new AbortController().signal, onBatch: () => {} };
      const refused = store.watch({ ...all, fromRevision: 4 }, never);
      await t.rejects(refused, { code: "Compacted", details: { compactRevision: 4 } });
      const batches = await watched(store, 5, (found) => (found.at(-1)?.revision ?? 0) >= 6);
      t.equal(batches.flatMap((batch) => batch.events).length, 2);
      await t.rejects(store.compact(4), { code: "Compacted" });
      await t.rejects(store.compact(99), { code: "FutureRevision" });
      await store.compact(6);
      t.same(await contents(store), ["/a=3@4"]);
    });

    void t.test("leases: keys go with them", async (t) => {
      const store = await open(t);
      const lease = await store.leaseGrant(60_000);
      await store.txn(txn(put("/a", "1", { lease }), put("/b", "1")));
      t.match(await store.leaseTimeToLive(lease), { id: lease, grantedTtlMs: 60_000 });
      t.equal(await store.leaseKeepAlive(lease), 60_000);
      const { revision } = await store.status();
      t.equal(revision, 2, "neither granting nor keeping alive moves the revision");
      await store.leaseRevoke(lease);
      t.same(await contents(store), ["/b=1@2"]);
      t.equal(await store.readIndex(), 3);
      await t.rejects(store.leaseKeepAlive(lease), { code: "LeaseNotFound" });
      await t.rejects(store.txn(txn(put("/c", "1", { lease }))), { code: "LeaseNotFound" });
      t.same(await contents(store), ["/b=1@2"]);
    });

    void t.test("a lease that is not kept alive runs out", async (t) => {
      const store = await open(t);
      const lease = await store.leaseGrant(60);
      await store.txn(txn(put("/a", "1", { lease })));
      const batches = await watched(store, 3, (found) =>
        found.some((batch) => batch.events.length > 0),
      );
      t.match(batches.at(-1)?.events, [{ type: "delete", kv: { key: b("/a") } }]);
      await t.rejects(store.leaseTimeToLive(lease), { code: "LeaseNotFound" });
    });

    void t.test("what makes no sense, or is too large, is refused", async (t) => {
      const store = await open(t);
      const del = (key: string, rangeEnd: string): Op => {
        return { type: "delete", key: b(key), rangeEnd: b(rangeEnd) };
      };
      const many = Array.from({ length: 129 }, (_, i) => put(`/${i}`, ""));
      const cases: [string, TxnRequest, string][] = [
        ["twice", txn(put("/a", "1"), put("/a", "2")), "InvalidRequest"],
        ["put and deleted", txn(put("/a", "1"), del("/", "0")), "InvalidRequest"],
        ["empty key", txn(put("", "1")), "InvalidRequest"],
        ["splice", txn(put("/a", "1", { spliceAt: 2 })), "InvalidRequest"],
        ["many", txn(...many), "TooManyOperations"],
        ["large", txn(put("/a", "x".repeat(1_600_000))), "RequestTooLarge"],
      ];
      for (const [what, request, code] of cases)
        await t.rejects(store.txn(request), { code }, what);
      t.same(await contents(store), []);
      await store.txn(txn(put("/a", "x".repeat(1_500_000))));
    });

    void t.test(
      "long ranges come whole, and many requests at once keep their answers",
      async (t) => {
        const store = await open(t);
        const value = "x".repeat(10_000);
        await Promise.all(
          Array.from({ length: 500 }, (_, i) => store.txn(txn(put(`/${i}`, `${i}${value}`)))),
        );
        const { kvs, count } = await store.range(all);
        t.equal(count, 500);
        t.equal(kvs.length, 500);
        const answers = await Promise.all(
          Array.from({ length: 500 }, (_, i) => store.range({ key: b(`/${i}`) })),
        );
        t.ok(answers.every((one, i) => one.kvs[0]?.value.toString() === `${i}${value}`));
      },
    );
  });
}
