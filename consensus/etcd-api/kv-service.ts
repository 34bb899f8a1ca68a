import type { OpResult } from "../store-api.js";
import type { EtcdBackend } from "./etcd-backend.js";
import {
  decodeMessage,
  type DeleteMessage,
  encodeMessage,
  type Int64,
  numberOf,
  type PutMessage,
  type RangeMessage,
  type TxnMessage,
} from "./etcd-messages.js";
import type { UnaryHandler } from "./grpc-server.js";
import {
  planDelete,
  planPut,
  planRange,
  planTxn,
  responseOpOf,
  type WriteRule,
} from "./kv-plan.js";

/** etcd's KV service over a store. */
export function kvService(
  backend: EtcdBackend,
  rule: WriteRule,
): ReadonlyMap<string, UnaryHandler> {
  const { store } = backend;
  const path = (name: string): string => `/etcdserverpb.KV/${name}`;
  return new Map<string, UnaryHandler>([
    [path("Range"), (bytes) => range(backend, decodeMessage<RangeMessage>("RangeRequest", bytes))],
    [
      path("Put"),
      async (bytes) => {
        const op = planPut(decodeMessage<PutMessage>("PutRequest", bytes), rule);
        const { results, revision } = await store.txn({ compares: [], success: [op] });
        const [result] = results as [OpResult & { type: "put" }];
        const prev = result.prev === null ? {} : { prevKv: result.prev };
        return encodeMessage("PutResponse", { header: backend.header(revision), ...prev });
      },
    ],
    [
      path("DeleteRange"),
      async (bytes) => {
        const op = planDelete(decodeMessage<DeleteMessage>("DeleteRangeRequest", bytes), rule);
        const { results, revision } = await store.txn({ compares: [], success: [op] });
        const [result] = results as [OpResult & { type: "delete" }];
        return encodeMessage("DeleteRangeResponse", {
          header: backend.header(revision),
          deleted: result.deleted,
          prevKvs: result.prev,
        });
      },
    ],
    [
      path("Txn"),
      async (bytes) => {
        const request = planTxn(decodeMessage<TxnMessage>("TxnRequest", bytes), rule);
        const { succeeded, revision, results } = await store.txn(request);
        return encodeMessage("TxnResponse", {
          header: backend.header(revision),
          succeeded,
          responses: results.map(responseOpOf),
        });
      },
    ],
    [
      path("Compact"),
      async (bytes) => {
        const { revision } = decodeMessage<{ revision: Int64 }>("CompactionRequest", bytes);
        await store.compact(numberOf(revision));
        return encodeMessage("CompactionResponse", { header: backend.header() });
      },
    ],
  ]);
}

async function range(backend: EtcdBackend, message: RangeMessage): Promise<Buffer> {
  const { request, after } = planRange(message);
  const { kvs, more, count, revision } = await backend.store.range(request);
  const shown = after === undefined ? kvs : after(kvs);
  return encodeMessage("RangeResponse", {
    header: backend.header(revision),
    kvs: shown,
    more: after === undefined ? more : shown.length < kvs.length,
    count,
  });
}
