import { join } from "node:path";
import { crc32 } from "node:zlib";
import type { MsgSnap } from "raft-ts";
import type { WebSocket } from "ws";
import { messageOf } from "../../base/errors.js";
import type { Logger } from "../../base/logger.js";
import { MalformedError } from "../bytes.js";
import { listSnapshots, snapshotName } from "../store/snapshot-file.js";
import { type DiskRunner, threadRunner } from "../wal/disk-runner.js";
import { type DiskOptions, recordedFileSystem } from "../wal/fsync-record.js";
import { decodeFrame, type Parties, type PeerFrame, type SnapshotHead } from "./codec.js";
import { SNAPSHOT_TAKEN } from "./snapshot-sender.js";

const REFUSED = 4001;
const TEMPORARY = "incoming-";
/** Frames that may wait for the disk before the sender is made to wait. */
const QUEUE_MAX = 8;
/** Snapshots that are kept, as those that are taken here. */
const KEPT = 2;

export interface SnapshotReceiverDeps {
  readonly folder: string;
  readonly disk: DiskOptions;
  readonly logger: Logger;
  /** All of it is on the disk, checked, under its name. */
  readonly onReceived: (message: MsgSnap) => void;
}

/** Takes in snapshots, one at a time. */
export class SnapshotReceiver {
  private readonly deps: SnapshotReceiverDeps;
  private busy: Promise<void> | null = null;
  private socket: WebSocket | null = null;

  constructor(deps: SnapshotReceiverDeps) {
    this.deps = deps;
  }

  /** A peer opened a connection for a snapshot. */
  accept(socket: WebSocket, parties: Parties): void {
    socket.on("error", () => {});
    if (this.busy !== null) return socket.close(REFUSED, "another one is being received");
    this.socket = socket;
    this.busy = this.receive(socket, parties).then(
      (message) => {
        this.busy = null;
        socket.close(SNAPSHOT_TAKEN);
        this.deps.onReceived(message);
      },
      (error: unknown) => {
        this.busy = null;
        this.deps.logger.warn("a snapshot was not received", { from: parties.from, error });
        socket.close(REFUSED, messageOf(error).slice(0, 100));
      },
    );
  }

  async close(): Promise<void> {
    this.socket?.terminate();
    await this.busy;
  }

  private async receive(socket: WebSocket, parties: Parties): Promise<MsgSnap> {
    const { folder, disk } = this.deps;
    const frames = frameQueue(socket, parties);
    const files = recordedFileSystem(disk);
    // What an earlier one that was cut short left behind.
    for (const name of files.readdir(folder))
      if (name.startsWith(TEMPORARY)) files.remove(join(folder, name));
    const runner = threadRunner({ folder, name: null, ...disk });
    try {
      const first = await frames.next();
      if (first.kind !== "snapshot") throw new MalformedError(`${first.kind} before the head`);
      const name = await writeFile(frames, { runner, head: first.head });
      const names = listSnapshots(files.readdir(folder));
      const old = names.map((one) => one.name).slice(KEPT);
      if (old.length > 0) await runner.run({ type: "remove", names: old });
      const { term, index, indexTerm, confState } = first.head;
      const snapshot = { index, term: indexTerm, confState, data: Buffer.from(name) };
      return { type: "MsgSnap", ...parties, term, snapshot };
    } finally {
      await runner.close();
    }
  }
}

async function writeFile(
  frames: { next(): Promise<PeerFrame> },
  { runner, head }: { readonly runner: DiskRunner; readonly head: SnapshotHead },
): Promise<string> {
  const name = snapshotName({ index: head.index, term: head.indexTerm });
  const temporary = `${TEMPORARY}${name}.tmp`;
  let offset = 0;
  let sum = 0;
  for (;;) {
    const frame = await frames.next();
    if (frame.kind === "end") {
      if (frame.sizeBytes !== offset || offset !== head.sizeBytes || frame.crc !== sum)
        throw new MalformedError("the snapshot is not what was sent");
      break;
    }
    if (frame.kind !== "chunk") throw new MalformedError(`${frame.kind} within a snapshot`);
    if (frame.offset !== offset || crc32(frame.bytes) !== frame.crc)
      throw new MalformedError(`the chunk at ${frame.offset} is not what was sent`);
    sum = crc32(frame.bytes, sum);
    // A copy, for the disk's thread takes it away.
    const bytes = Buffer.from(frame.bytes);
    if (offset === 0) await runner.run({ type: "create", name: temporary, bytes });
    else await runner.run({ type: "append", bytes });
    offset += frame.bytes.length;
  }
  if (offset === 0) throw new MalformedError("an empty snapshot");
  await runner.run({ type: "publish", name: temporary, as: name, crc: sum });
  return name;
}

/** The frames of a connection, one after the other; rejects once it is closed. */
function frameQueue(socket: WebSocket, parties: Parties): { next(): Promise<PeerFrame> } {
  const waiting: Buffer[] = [];
  let wake: (() => void) | null = null;
  let isClosed = false;
  socket.binaryType = "nodebuffer";
  socket.on("message", (data: Buffer) => {
    waiting.push(data);
    if (waiting.length >= QUEUE_MAX) socket.pause();
    wake?.();
  });
  socket.on("close", () => {
    isClosed = true;
    wake?.();
  });
  return {
    next: async () => {
      while (waiting.length === 0) {
        if (isClosed) throw new Error("the connection was lost before the end");
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
      const data = waiting.shift() as Buffer;
      if (socket.isPaused && waiting.length === 0) socket.resume();
      return decodeFrame(data, parties);
    },
  };
}
