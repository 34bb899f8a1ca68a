import { once } from "node:events";
import { open } from "node:fs/promises";
import { crc32 } from "node:zlib";
import type { WebSocket } from "ws";
import { encodeChunk, encodeEnd, encodeSnapshotHead, type SnapshotHead } from "./codec.js";

const CHUNK_BYTES = 256 * 1024;
/** Neither a chunk nor the last answer may take longer. */
const STEP_MS = 30_000;
/** How the receiver ends the connection when all of it is on its disk, checked. */
export const SNAPSHOT_TAKEN = 4000;

/**
 * Sends the file in pieces over a connection of its own, while everything else goes on. Resolves
 * once the receiver has all of it, checked and durable; rejects otherwise. The file may be removed
 * meanwhile.
 */
export async function sendSnapshot(
  socket: WebSocket,
  path: string,
  head: Omit<SnapshotHead, "sizeBytes">,
): Promise<{ readonly sizeBytes: number }> {
  socket.on("error", () => {});
  const ended = once(socket, "close") as Promise<[number, Buffer]>;
  const file = await open(path, "r");
  try {
    if (socket.readyState !== socket.OPEN)
      await within(Promise.race([once(socket, "open"), ended.then(refusedBy)]));
    const { size } = await file.stat();
    await send(socket, encodeSnapshotHead({ ...head, sizeBytes: size }));
    const buffer = Buffer.allocUnsafe(CHUNK_BYTES);
    let offset = 0;
    let sum = 0;
    while (offset < size) {
      const { bytesRead } = await file.read(buffer, 0, CHUNK_BYTES, offset);
      if (bytesRead === 0) throw new Error(`${path} is shorter than it was`);
      const bytes = buffer.subarray(0, bytesRead);
      sum = crc32(bytes, sum);
      await send(socket, encodeChunk(offset, crc32(bytes), bytes));
      offset += bytesRead;
    }
    await send(socket, encodeEnd(size, sum));
    const [code, reason] = await within(ended);
    if (code !== SNAPSHOT_TAKEN) throw new Error(`it was not taken: ${code} ${reason.toString()}`);
    return { sizeBytes: size };
  } finally {
    socket.terminate();
    await file.close();
  }
}

function refusedBy([code, reason]: [number, Buffer]): never {
  throw new Error(`the peer closed the connection: ${code} ${reason.toString()}`);
}

/** Resolves once the system has taken it: the receiver's pace is ours. */
function send(socket: WebSocket, frame: Buffer): Promise<void> {
  return within(
    new Promise<void>((resolve, reject) => {
      socket.send(frame, (error) => {
        if (error === undefined || error === null) resolve();
        else reject(error);
      });
    }),
  );
}

function within<T>(step: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error(`nothing moves for ${STEP_MS} ms`)), STEP_MS);
  });
  return Promise.race([step, late]).finally(() => clearTimeout(timer));
}
