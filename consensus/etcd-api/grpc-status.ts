import type { StoreErrorCode } from "../store-api.js";
import { StoreError } from "../store-error.js";

/** The status codes of gRPC that are answered with (statuscodes.md of the gRPC project). */
export const GRPC = {
  ok: 0,
  unknown: 2,
  invalidArgument: 3,
  notFound: 5,
  permissionDenied: 7,
  resourceExhausted: 8,
  failedPrecondition: 9,
  outOfRange: 11,
  unimplemented: 12,
  internal: 13,
  unavailable: 14,
} as const;

/** How a call ended otherwise than by an answer; the message is etcd's where clients look at it. */
export class GrpcError extends Error {
  override readonly name = "GrpcError";
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

/** etcd's words (etcdserver/api/v3rpc/rpctypes/error.go): its client library compares texts. */
const OF_STORE: Readonly<Partial<Record<StoreErrorCode, readonly [number, string]>>> = {
  Compacted: [GRPC.outOfRange, "etcdserver: mvcc: required revision has been compacted"],
  FutureRevision: [GRPC.outOfRange, "etcdserver: mvcc: required revision is a future revision"],
  LeaseNotFound: [GRPC.notFound, "etcdserver: requested lease not found"],
  TooManyOperations: [GRPC.invalidArgument, "etcdserver: too many operations in txn request"],
  RequestTooLarge: [GRPC.invalidArgument, "etcdserver: request is too large"],
  Overloaded: [GRPC.resourceExhausted, "etcdserver: too many requests"],
  NoLeader: [GRPC.unavailable, "etcdserver: no leader"],
  OutcomeUnknown: [GRPC.unavailable, "etcdserver: request timed out"],
  NoSpace: [GRPC.resourceExhausted, "etcdserver: mvcc: database space exceeded"],
  Closed: [GRPC.unavailable, "etcdserver: server stopped"],
};

/** What a failure is in gRPC's terms. */
export function grpcErrorOf(error: unknown): GrpcError {
  if (error instanceof GrpcError) return error;
  if (!(error instanceof StoreError)) return new GrpcError(GRPC.internal, "internal error");
  const known = OF_STORE[error.code];
  if (known !== undefined) return new GrpcError(known[0], known[1]);
  if (error.code === "InvalidRequest") return invalidRequest(error.message);
  return new GrpcError(GRPC.failedPrecondition, error.message);
}

function invalidRequest(message: string): GrpcError {
  if (/key written twice/.test(message))
    return new GrpcError(GRPC.invalidArgument, "etcdserver: duplicate key given in txn request");
  if (/empty key/.test(message))
    return new GrpcError(GRPC.invalidArgument, "etcdserver: key is not provided");
  return new GrpcError(GRPC.invalidArgument, message);
}
