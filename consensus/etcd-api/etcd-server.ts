import type { Logger } from "../../base/logger.js";
import type { Member } from "../member.js";
import { clusterService } from "./cluster-service.js";
import { EtcdBackend } from "./etcd-backend.js";
import { listenGrpc } from "./grpc-server.js";
import { kvService } from "./kv-service.js";
import { leaseKeepAlive, leaseService } from "./lease-service.js";
import { snapshotService } from "./snapshot-service.js";
import { watchService } from "./watch-service.js";

/** Where etcd's API is served, and what may be written through it. */
export interface EtcdApiOptions {
  /** Of loopback alone: there is neither TLS nor a password. */
  readonly host: string;
  /** 0: any. */
  readonly port: number;
  /** Also the API server's own keys may be written. */
  readonly unsafe: boolean;
}

export interface RunningEtcdApi {
  readonly port: number;
  close(): Promise<void>;
}

/**
 * Serves a member's store as etcd v3 does, for tools that speak to etcd: the services KV, Watch,
 * Lease, Cluster and Maintenance. Resolves once it listens; rejects with the system's error.
 */
export async function startEtcdApi(
  member: Member,
  { host, port, unsafe, logger }: EtcdApiOptions & { readonly logger: Logger },
): Promise<RunningEtcdApi> {
  const backend = new EtcdBackend(member);
  const rule = { unsafe };
  const server = await listenGrpc(
    {
      unary: new Map([
        ...kvService(backend, rule),
        ...leaseService(backend, rule),
        ...clusterService(backend),
      ]),
      streams: new Map([watchService(backend), leaseKeepAlive(backend), snapshotService(backend)]),
    },
    { host, port, logger },
  );
  logger.info("etcd's API is served", { host, port: server.port, unsafe });
  return { port: server.port, close: () => server.close() };
}
