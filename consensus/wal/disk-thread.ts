import { parentPort, workerData } from "node:worker_threads";
import { present } from "../../base/assert.js";
import { type DiskOptions, recordedFileSystem } from "./fsync-record.js";
import { AppendDisk, type DiskRequest } from "./append-disk.js";

/** What the thread is started with. */
export interface DiskThreadData extends DiskOptions {
  readonly folder: string;
  readonly name: string | null;
}

/** Null: done. Otherwise what went wrong; nothing more will be done. */
export type DiskThreadAnswer = { readonly message: string; readonly code: string | null } | null;

const port = present(parentPort, "the disk thread runs as a worker");
const data = workerData as DiskThreadData;
const disk = new AppendDisk(recordedFileSystem(data), data);

port.on("message", (request: DiskRequest | null) => {
  if (request === null) {
    disk.close();
    port.close();
    return;
  }
  port.postMessage(carryOut(request));
});

function carryOut(request: DiskRequest): DiskThreadAnswer {
  try {
    disk.run(request);
    return null;
  } catch (error) {
    const code = (error as { code?: unknown }).code;
    return {
      message: error instanceof Error ? error.message : String(error),
      code: typeof code === "string" ? code : null,
    };
  }
}
