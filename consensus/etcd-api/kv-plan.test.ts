import t from "tap";
import type { KeyValue } from "../store-api.js";
import {
  decodeMessage,
  encodeMessage,
  type DeleteMessage,
  type PutMessage,
  type RangeMessage,
  type TxnMessage,
  uint64Of,
} from "./etcd-messages.js";
import { planDelete, planPut, planRange, planTxn } from "./kv-plan.js";
import { isProtected } from "./protected-keys.js";

const SAFE = { unsafe: false };
const bytes = (text: string): Buffer => Buffer.from(text);

/** A message as a client would send it: encoded and decoded again. */
function sent<T>(name: string, fields: object): T {
  return decodeMessage<T>(name, encodeMessage(name, fields));
}

const range = (fields: object) => planRange(sent<RangeMessage>("RangeRequest", fields));
const put = (fields: object, rule = SAFE) => planPut(sent<PutMessage>("PutRequest", fields), rule);

function pair(key: string, modRevision: number, value = ""): KeyValue {
  const at = { createRevision: modRevision, modRevision, version: 1, lease: 0 };
  return { key: bytes(key), value: bytes(value), ...at };
}

t.test("ranges as the store knows them", (t) => {
  t.same(range({ key: bytes("a") }).request, { key: bytes("a") });
  t.same(range({ key: bytes("a"), rangeEnd: bytes("b"), limit: 3, revision: 7 }).request, {
    key: bytes("a"),
    rangeEnd: bytes("b"),
    limit: 3,
    revision: 7,
  });
  const open = range({ key: bytes("a"), rangeEnd: Buffer.from([0]) }).request;
  t.ok((open.rangeEnd ?? bytes("")).compare(Buffer.alloc(63, 0xff)) > 0, "to the end");
  t.throws(() => range({}), /key is not provided/);
  t.end();
});

t.test("orders and filters that the store does not have", (t) => {
  const kvs = [pair("a", 5, "x"), pair("b", 3, "z"), pair("c", 9, "y")];
  const keys = (fields: object): string[] => {
    const { after, request } = range({ key: bytes("a"), rangeEnd: bytes("z"), ...fields });
    t.equal(request.limit, undefined, "cut only once it is sorted");
    return (after?.(kvs) ?? []).map(({ key }) => key.toString());
  };
  t.same(keys({ sortOrder: 2 }), ["c", "b", "a"]);
  t.same(keys({ sortTarget: 3, sortOrder: 1, limit: 2 }), ["b", "a"]);
  t.same(keys({ sortTarget: 4, sortOrder: 2 }), ["b", "c", "a"]);
  t.same(keys({ minModRevision: 4, maxModRevision: 8 }), ["a"]);
  t.end();
});

t.test("transactions, with the numbers of etcd's enums", (t) => {
  const message = sent<TxnMessage>("TxnRequest", {
    compare: [
      { result: 0, target: 2, key: bytes("k"), modRevision: 7 },
      { result: 3, target: 3, key: bytes("k"), value: bytes("v") },
      { result: 1, target: 0, key: bytes("k"), version: 2 },
      { result: 2, target: 1, key: bytes("k"), createRevision: 9 },
    ],
    success: [{ requestPut: { key: bytes("k"), value: bytes("w") } }],
    failure: [{ requestRange: { key: bytes("k") } }, { requestDeleteRange: { key: bytes("d") } }],
  });
  t.same(planTxn(message, SAFE), {
    compares: [
      { target: "modRevision", key: bytes("k"), result: "=", value: 7 },
      { target: "value", key: bytes("k"), result: "!=", value: bytes("v") },
      { target: "version", key: bytes("k"), result: ">", value: 2 },
      { target: "createRevision", key: bytes("k"), result: "<", value: 9 },
    ],
    success: [{ type: "put", key: bytes("k"), value: bytes("w") }],
    failure: [
      { type: "range", key: bytes("k") },
      { type: "delete", key: bytes("d") },
    ],
  });
  const nested = sent<TxnMessage>("TxnRequest", { success: [{ requestTxn: {} }] });
  t.throws(() => planTxn(nested, SAFE), /transactions inside transactions/);
  t.end();
});

t.test("the API server's keys are refused, however they are reached", (t) => {
  const refused = /written by the API alone/;
  t.throws(() => put({ key: bytes("/registry/pods/default/a") }), refused);
  t.throws(() => put({ key: bytes("/raftsman/holds/x") }), refused);
  const removal = (fields: object) =>
    planDelete(sent<DeleteMessage>("DeleteRangeRequest", fields), SAFE);
  t.throws(() => removal({ key: bytes("/"), rangeEnd: bytes("0") }), refused);
  t.throws(() => removal({ key: bytes("/registry/x"), rangeEnd: Buffer.from([0]) }), refused);
  const inTxn = { success: [{ requestPut: { key: bytes("/registry/x") } }] };
  t.throws(() => planTxn(sent<TxnMessage>("TxnRequest", inTxn), SAFE), refused);
  t.equal(put({ key: bytes("/registry/x") }, { unsafe: true }).type, "put");
  for (const key of ["/regist", "/registrz", "registry", "/zz", "/raftsmax"])
    t.equal(isProtected({ key: bytes(key) }), false, key);
  t.equal(isProtected({ key: bytes("/a"), rangeEnd: bytes("/raftsman") }), false);
  t.end();
});

t.test("what is not served says so", (t) => {
  t.throws(() => put({ key: bytes("a"), ignoreValue: true }), /not served/);
  t.throws(() => put({}), /key is not provided/);
  t.end();
});

t.test("ids as unsigned 64-bit numbers", (t) => {
  t.same(uint64Of("ffffffff00000001"), { low: 1, high: -1, unsigned: true });
  t.same(uint64Of("1"), { low: 1, high: 0, unsigned: true });
  t.end();
});
