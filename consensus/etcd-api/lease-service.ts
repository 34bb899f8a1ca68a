import type { EtcdBackend } from "./etcd-backend.js";
import { decodeMessage, encodeMessage, type Int64, numberOf } from "./etcd-messages.js";
import type { GrpcCall, StreamHandler, UnaryHandler } from "./grpc-server.js";
import { GRPC, GrpcError, grpcErrorOf } from "./grpc-status.js";
import type { WriteRule } from "./kv-plan.js";
import { isProtected } from "./protected-keys.js";

const SERVICE = "/etcdserverpb.Lease";

/** etcd's Lease service over a store, but for keeping alive. */
export function leaseService(
  backend: EtcdBackend,
  rule: WriteRule,
): ReadonlyMap<string, UnaryHandler> {
  return new Map<string, UnaryHandler>([
    [
      `${SERVICE}/LeaseGrant`,
      async (bytes) => {
        const { TTL, ID } = decodeMessage<{ TTL: Int64; ID: Int64 }>("LeaseGrantRequest", bytes);
        const id = await backend.grantLease(numberOf(ID), numberOf(TTL) * 1000);
        return encodeMessage("LeaseGrantResponse", { header: backend.header(), ID: id, TTL });
      },
    ],
    [
      `${SERVICE}/LeaseRevoke`,
      async (bytes) => {
        const id = idIn("LeaseRevokeRequest", bytes);
        const keys = backend.keysOf(id) ?? [];
        if (!rule.unsafe && keys.some((key) => isProtected({ key })))
          throw new GrpcError(GRPC.permissionDenied, "the lease is one of the API server's own");
        await backend.store.leaseRevoke(id);
        return encodeMessage("LeaseRevokeResponse", { header: backend.header() });
      },
    ],
    [
      `${SERVICE}/LeaseTimeToLive`,
      async (bytes) => {
        const wanted = decodeMessage<{ ID: Int64; keys: boolean }>("LeaseTimeToLiveRequest", bytes);
        const id = numberOf(wanted.ID);
        const header = backend.header();
        try {
          const { remainingMs, grantedTtlMs } = await backend.store.leaseTimeToLive(id);
          return encodeMessage("LeaseTimeToLiveResponse", {
            header,
            ID: id,
            TTL: Math.max(0, Math.ceil(remainingMs / 1000)),
            grantedTTL: Math.ceil(grantedTtlMs / 1000),
            keys: wanted.keys ? (backend.keysOf(id) ?? []) : [],
          });
        } catch (error) {
          if (grpcErrorOf(error).status !== GRPC.notFound) throw error;
          // So etcd says that there is none.
          return encodeMessage("LeaseTimeToLiveResponse", { header, ID: id, TTL: -1 });
        }
      },
    ],
    [
      `${SERVICE}/LeaseLeases`,
      async () => {
        await backend.store.readIndex();
        const leases = backend.leases().map((id) => ({ ID: id }));
        return encodeMessage("LeaseLeasesResponse", { header: backend.header(), leases });
      },
    ],
  ]);
}

/** etcd's LeaseKeepAlive: an answer for each message, in their order. */
export function leaseKeepAlive(backend: EtcdBackend): readonly [string, StreamHandler] {
  const handler: StreamHandler = (call) => {
    let last: Promise<void> = Promise.resolve();
    return {
      onMessage: (bytes) => {
        const id = idIn("LeaseKeepAliveRequest", bytes);
        last = last.then(() => keepAlive(backend, call, id));
      },
      onHalfClose: () => void last.then(() => call.end()),
      onClose: () => {},
    };
  };
  return [`${SERVICE}/LeaseKeepAlive`, handler];
}

async function keepAlive(backend: EtcdBackend, call: GrpcCall, id: number): Promise<void> {
  try {
    const leftMs = await backend.store.leaseKeepAlive(id);
    const TTL = Math.ceil(leftMs / 1000);
    call.send(encodeMessage("LeaseKeepAliveResponse", { header: backend.header(), ID: id, TTL }));
  } catch (error) {
    if (grpcErrorOf(error).status !== GRPC.notFound) return call.end(error);
    call.send(encodeMessage("LeaseKeepAliveResponse", { header: backend.header(), ID: id }));
  }
}

function idIn(message: string, bytes: Buffer): number {
  return numberOf(decodeMessage<{ ID: Int64 }>(message, bytes).ID);
}
