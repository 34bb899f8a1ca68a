import { createHash } from "node:crypto";
import { open } from "node:fs/promises";
import type { EtcdBackend } from "./etcd-backend.js";
import { encodeMessage } from "./etcd-messages.js";
import type { GrpcCall, StreamHandler } from "./grpc-server.js";

const CHUNK_BYTES = 32 * 1024;
const BUFFERED_BYTES_MAX = 1 << 20;
/** A page of etcd's database: clients take a file for whole when a hash follows whole pages. */
const PAGE_BYTES = 512;

/**
 * etcd's Maintenance/Snapshot: our snapshot, filled up with zeros to whole pages, and the SHA-256
 * of all that. What is saved so is read by `raftsman snapshot`, which ends where the snapshot does;
 * etcd's own tools cannot restore it.
 */
export function snapshotService(backend: EtcdBackend): readonly [string, StreamHandler] {
  const handler: StreamHandler = (call) => {
    let isOver = false;
    return {
      onMessage: () => {
        sendSnapshot(backend, call, () => isOver).then(
          () => call.end(),
          (error: unknown) => call.end(error),
        );
      },
      onHalfClose: () => {},
      onClose: () => {
        isOver = true;
      },
    };
  };
  return ["/etcdserverpb.Maintenance/Snapshot", handler];
}

async function sendSnapshot(
  backend: EtcdBackend,
  call: GrpcCall,
  isOver: () => boolean,
): Promise<void> {
  const { path } = await backend.store.snapshot();
  const file = await open(path, "r");
  try {
    const { size } = await file.stat();
    const padded = Math.ceil(size / PAGE_BYTES) * PAGE_BYTES;
    const hash = createHash("sha256");
    let offset = 0;
    while (offset < padded && !isOver()) {
      const bytes = Buffer.alloc(Math.min(CHUNK_BYTES, padded - offset));
      await file.read(bytes, 0, Math.min(bytes.length, Math.max(0, size - offset)), offset);
      offset += bytes.length;
      hash.update(bytes);
      call.send(
        encodeMessage("SnapshotResponse", {
          header: backend.header(),
          remainingBytes: padded - offset,
          blob: bytes,
        }),
      );
      if (call.bufferedBytes > BUFFERED_BYTES_MAX) await call.drained();
    }
    const header = backend.header();
    call.send(
      encodeMessage("SnapshotResponse", { header, remainingBytes: 0, blob: hash.digest() }),
    );
  } finally {
    await file.close();
  }
}
