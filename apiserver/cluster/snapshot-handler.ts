import { open } from "node:fs/promises";
import { methodNotAllowedHere } from "../../api/machinery/status.js";
import type { Store } from "../../consensus/consensus.js";
import { ApiFailure } from "../server/api-failure.js";
import type { ApiRequest, ApiResponse, RawHandler, ResponseSink } from "../server/http-types.js";

export const SNAPSHOT_PATH = "/raftsman/v1/snapshot";

const CHUNK_BYTES = 256 * 1024;
/** More than this waits in memory for a client that is slow at no time. */
const BUFFERED_BYTES_MAX = 4 * 1024 * 1024;

/**
 * GET /raftsman/v1/snapshot: the bytes of a snapshot of everything acknowledged until now. It holds
 * Secrets. The server goes on meanwhile; whoever takes it checks its checksums.
 */
export class SnapshotHandler implements RawHandler {
  private readonly store: Store;

  constructor(store: Store) {
    this.store = store;
  }

  matches(path: string): boolean {
    return path === SNAPSHOT_PATH;
  }

  async handle(request: ApiRequest): Promise<ApiResponse> {
    if (request.method !== "GET") throw new ApiFailure(methodNotAllowedHere());
    const { path } = await this.store.snapshot();
    // Open, it stays readable when a later one takes its place.
    const file = await open(path, "r");
    const { size } = await file.stat();
    const run = async (sink: ResponseSink): Promise<void> => {
      try {
        let offset = 0;
        while (offset < size && !sink.signal.aborted) {
          const buffer = Buffer.allocUnsafe(Math.min(CHUNK_BYTES, size - offset));
          const { bytesRead } = await file.read(buffer, 0, buffer.length, offset);
          if (bytesRead === 0) throw new Error(`${path} is shorter than it was`);
          sink.write(buffer.subarray(0, bytesRead));
          offset += bytesRead;
          if (sink.bufferedBytes > BUFFERED_BYTES_MAX) await sink.drained();
        }
      } finally {
        await file.close();
      }
    };
    return {
      status: 200,
      headers: { "content-type": "application/octet-stream" },
      body: { type: "stream", run },
    };
  }
}
