import { createConnection } from "node:net";
import t from "tap";
import { ByteReader } from "../bytes.js";
import { type ApplyResult, readApplyResult } from "../store/apply-result.js";
import { encodeProposal } from "../store/command.js";
import type { TxnRequest, TxnResponse } from "../store-api.js";
import { FrameDecoder, FrameEncoder } from "./frame.js";
import { REQUEST } from "./messages.js";
import { serveStore } from "./test-store.js";

const b = (text: string): Buffer => Buffer.from(text);
const all = { key: b("/"), rangeEnd: b("0") };
const put = (key: string, value: string | Buffer = key, lease?: number): TxnRequest => ({
  compares: [],
  success: [
    {
      type: "put",
      key: b(key),
      value: Buffer.from(value),
      ...(lease === undefined ? {} : { lease }),
    },
  ],
});

void t.test("transactions of one turn share entries, each as if it stood alone", async (t) => {
  const { store } = await serveStore(t);
  await store.txn(put("/there"));
  const before = await store.status();
  const seen: [number, string][] = [];
  const stop = new AbortController();
  const watching = store.watch(
    { ...all, fromRevision: before.revision + 1 },
    {
      signal: stop.signal,
      onBatch: ({ events }) => {
        for (const { kv } of events) seen.push([kv.modRevision, kv.key.toString()]);
      },
    },
  );
  const count = 300;
  const outcomes = await Promise.allSettled([
    ...Array.from({ length: count }, (_, n) => store.txn(put(`/k${n}`))),
    // Reads what one before it in the same proposal wrote, and comes to nothing.
    store.txn({
      compares: [{ target: "version", key: b("/k0"), result: "=", value: 0 }],
      success: [{ type: "delete", key: b("/k0") }],
      failure: [{ type: "range", key: b("/k0") }],
    }),
    store.txn(put("/lost", "x", 4711)),
    store.txn({ compares: [], success: [{ type: "delete", key: b("/there") }] }),
    store.txn({
      compares: [],
      success: ["/z", "/y"].map((key) => ({ type: "put", key: b(key), value: b("1") }) as const),
    }),
  ]);
  const values = outcomes.map((one) => (one.status === "fulfilled" ? one.value : null));
  const puts = values.slice(0, count) as TxnResponse[];
  t.same(
    puts.map(({ revision }) => revision),
    Array.from({ length: count }, (_, n) => before.revision + 1 + n),
    "a revision each, in the order in which they were asked",
  );
  const [compared, lost, deleted, two] = outcomes.slice(count);
  t.match(compared, { value: { succeeded: false, results: [{ type: "range", count: 1 }] } });
  t.match(lost, { status: "rejected", reason: { code: "LeaseNotFound" } });
  t.match(deleted, { value: { succeeded: true, results: [{ type: "delete", deleted: 1 }] } });
  t.match(two, { value: { revision: before.revision + count + 2 } });
  const after = await store.status();
  t.ok(
    after.appliedIndex - before.appliedIndex < 10,
    `${after.appliedIndex - before.appliedIndex}`,
  );
  const large = Buffer.alloc(60_000, "x");
  await Promise.all([1, 2, 3, 4].map((n) => store.txn(put(`/large${n}`, large))));
  t.equal(
    (await store.status()).appliedIndex - after.appliedIndex,
    4,
    "what is large does not wait for others",
  );
  const last = (await store.txn(put("/last"))).revision;
  while (seen.at(-1)?.[0] !== last) await new Promise((resolve) => setImmediate(resolve));
  t.same(seen.slice(count, count + 3), [
    [before.revision + count + 1, "/there"],
    [before.revision + count + 2, "/y"],
    [before.revision + count + 2, "/z"],
  ]);
  stop.abort();
  await watching;
});

void t.test("of a full store only what adds is refused", async (t) => {
  const { store } = await serveStore(t, { sizeLimitBytes: 20_000 });
  await store.txn(put("/a", Buffer.alloc(30_000)));
  const [added, deleted, read] = await Promise.allSettled([
    store.txn(put("/b")),
    store.txn({ compares: [], success: [{ type: "delete", key: b("/a") }] }),
    store.txn({ compares: [], success: [{ type: "range", key: b("/a") }] }),
  ]);
  t.match(added, { status: "rejected", reason: { code: "NoSpace" } });
  t.match(deleted, { value: { succeeded: true } });
  t.match(read, { status: "fulfilled" });
});

void t.test("a proposal of several that comes again is not done again", async (t) => {
  const { store, socketPath } = await serveStore(t);
  const results: ApplyResult[] = [];
  const socket = createConnection(socketPath);
  t.teardown(() => {
    socket.destroy();
  });
  const answered = new Promise<void>((resolve) => {
    const decoder = new FrameDecoder(({ payload }) => {
      const reader = new ByteReader(payload);
      reader.u53();
      results.push(readApplyResult(reader));
      if (results.length === 2) resolve();
    });
    socket.on("data", (chunk: Buffer) => decoder.push(chunk));
  });
  const out = new FrameEncoder((frame) => socket.write(frame));
  const origin = { session: "0123456789abcdef", sequence: 1, resentSince: null };
  const compares = [{ target: "version", key: b("/once"), result: "=", value: 0 }] as const;
  const failing: TxnRequest = {
    ...put("/once", "again"),
    compares,
    failure: [{ type: "range", key: b("/once") }],
  };
  const txns = [put("/once"), { ...put("/once", "again"), compares }, failing];
  const data = encodeProposal({ origin, command: { type: "txns", txns } });
  for (const id of [1, 2]) out.send(REQUEST.propose, id, (w) => w.raw(data));
  await answered;
  const outcomes = [
    { type: "txn", response: { succeeded: true } },
    { type: "txn", response: { succeeded: false } },
  ];
  t.match(results[0], {
    type: "txns",
    results: [
      ...outcomes,
      { type: "txn", response: { succeeded: false, results: [{ count: 1 }] } },
    ],
  });
  // Pairs are not remembered, and that is nobody else's concern.
  t.match(results[1], { results: [...outcomes, { type: "error", code: "OutcomeUnknown" }] });
  t.match((await store.range(all)).kvs, [{ version: 1 }]);
});

void t.test("what is refused does not spoil what is asked beside it", async (t) => {
  const { store } = await serveStore(t);
  const bad = put("");
  const [refused, ...others] = await Promise.allSettled(
    [bad, ...Array.from({ length: 1000 }, (_, n) => put(`/${n}`))].map((txn) => store.txn(txn)),
  );
  t.match(refused, { status: "rejected", reason: { code: "InvalidRequest" } });
  t.ok(others.every(({ status }) => status === "fulfilled"));
});
