import type { MemberStatus } from "../store-api.js";
import type { EtcdBackend } from "./etcd-backend.js";
import {
  decodeMessage,
  encodeMessage,
  type Int64,
  numberOf,
  type Uint64,
} from "./etcd-messages.js";
import type { UnaryHandler } from "./grpc-server.js";
import { GRPC, GrpcError } from "./grpc-status.js";

/** The version of etcd's API that is spoken; clients look at it. */
const API_VERSION = "3.4.0";
/** etcd's AlarmType: NOSPACE and CORRUPT. */
const ALARM_TYPES: Readonly<Record<string, number>> = { NoSpace: 1, HashMismatch: 2 };
/** etcd's AlarmAction: 0 asks, the others change. */
const ACTION_GET = 0;

/** etcd's Cluster and Maintenance services over a store, but for what streams. */
export function clusterService(backend: EtcdBackend): ReadonlyMap<string, UnaryHandler> {
  const { store } = backend;
  const refuse = (message: string): UnaryHandler => {
    return () => Promise.reject(new GrpcError(GRPC.unimplemented, message));
  };
  const byCommand = refuse("members are changed by: raftsman member");
  return new Map<string, UnaryHandler>([
    [
      "/etcdserverpb.Cluster/MemberList",
      async () => {
        const { members } = await store.memberList();
        return encodeMessage("MemberListResponse", {
          header: backend.header(),
          members: members.map((member) => memberOf(backend, member)),
        });
      },
    ],
    ["/etcdserverpb.Cluster/MemberAdd", byCommand],
    ["/etcdserverpb.Cluster/MemberRemove", byCommand],
    ["/etcdserverpb.Cluster/MemberUpdate", byCommand],
    ["/etcdserverpb.Cluster/MemberPromote", byCommand],
    ["/etcdserverpb.Maintenance/Status", () => status(backend)],
    ["/etcdserverpb.Maintenance/Alarm", (bytes) => alarms(backend, bytes)],
    [
      "/etcdserverpb.Maintenance/Defragment",
      // LevelDB compacts by itself: there is nothing to be done.
      async () => encodeMessage("DefragmentResponse", { header: backend.header() }),
    ],
    ["/etcdserverpb.Maintenance/HashKV", (bytes) => hashKv(backend, bytes)],
    ["/etcdserverpb.Maintenance/MoveLeader", (bytes) => moveLeader(backend, bytes)],
  ]);
}

function memberOf(
  backend: EtcdBackend,
  { id, name, peerUrl, apiUrl, voter }: MemberStatus,
): object {
  const urls = (url: string): string[] => (url === "" ? [] : [url]);
  return {
    ID: backend.numberFor(id),
    name,
    peerURLs: urls(peerUrl),
    clientURLs: urls(apiUrl),
    isLearner: !voter,
  };
}

async function status(backend: EtcdBackend): Promise<Buffer> {
  const {
    dbSizeBytes,
    leaderId,
    term,
    commitIndex,
    appliedIndex,
    role,
    alarms: errors,
  } = await backend.store.status();
  return encodeMessage("StatusResponse", {
    header: backend.header(),
    version: API_VERSION,
    dbSize: dbSizeBytes,
    dbSizeInUse: dbSizeBytes,
    ...(leaderId === null ? {} : { leader: backend.numberFor(leaderId) }),
    raftIndex: commitIndex,
    raftTerm: term,
    raftAppliedIndex: appliedIndex,
    errors,
    isLearner: role === "learner",
  });
}

/** Our alarms end by themselves when their reason does, so none can be switched off. */
async function alarms(backend: EtcdBackend, bytes: Buffer): Promise<Buffer> {
  const { action } = decodeMessage<{ action: number }>("AlarmRequest", bytes);
  if (action !== ACTION_GET)
    throw new GrpcError(GRPC.unimplemented, "an alarm ends when its reason does");
  const { members } = await backend.store.memberList();
  return encodeMessage("AlarmResponse", {
    header: backend.header(),
    alarms: members.flatMap(({ id, alarms: raised }) =>
      raised.flatMap((name) => {
        const alarm = ALARM_TYPES[name];
        return alarm === undefined ? [] : [{ memberID: backend.numberFor(id), alarm }];
      }),
    ),
  });
}

/** The hash as of now: hashes of earlier revisions are not kept. */
async function hashKv(backend: EtcdBackend, bytes: Buffer): Promise<Buffer> {
  const { revision } = decodeMessage<{ revision: Int64 }>("HashKVRequest", bytes);
  const wanted = numberOf(revision);
  if (wanted !== 0 && wanted !== backend.revision)
    throw new GrpcError(GRPC.unimplemented, "the hash is known as of the newest revision alone");
  return encodeMessage("HashKVResponse", {
    header: backend.header(),
    hash: Number.parseInt(backend.hash().slice(0, 8), 16),
    compactRevision: backend.compactRevision,
  });
}

async function moveLeader(backend: EtcdBackend, bytes: Buffer): Promise<Buffer> {
  const { targetID } = decodeMessage<{ targetID: Uint64 }>("MoveLeaderRequest", bytes);
  const { members } = await backend.store.memberList();
  const target = members.find(({ id }) => {
    const { low, high } = backend.numberFor(id);
    return low === targetID.low && high === targetID.high;
  });
  if (target === undefined) throw new GrpcError(GRPC.notFound, "etcdserver: member not found");
  await backend.store.transferLeader(target.name);
  return encodeMessage("MoveLeaderResponse", { header: backend.header() });
}
