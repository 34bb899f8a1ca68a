import { execFile } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { promisify } from "node:util";
import { messageOf } from "../../base/errors.js";
import { connectRuntime } from "../cri/runtime-service.js";
import { hasErrno } from "../errno.js";
import { ContainerdError } from "./containerd-error.js";
import { writeImageArchive } from "./image-archive.js";

/** The image of the process that holds a pod's namespaces. */
export const PAUSE_IMAGE = "localhost/raftsman/pause:1";

const IMPORT_TIMEOUT_MS = 300_000;
const ANSWER_TIMEOUT_MS = 20_000;
const POLL_MS = 50;
const execFileAsync = promisify(execFile);

/**
 * Makes the images of an archive (docker archive or OCI layout as tar) known to the containerd
 * behind `socketPath`, for pods to use; waits for one that is just being started. Returns what ctr
 * says of them. Throws ContainerdError "ImageImportFailed".
 */
export async function importImageArchive(
  socketPath: string,
  archive: string,
  signal: AbortSignal,
  flags: readonly string[] = [],
): Promise<string> {
  const args = ["-a", socketPath, "-n", "k8s.io", "images", "import", ...flags, archive];
  try {
    await untilAnswering(socketPath, signal);
    return (await execFileAsync("ctr", args, { signal, timeout: IMPORT_TIMEOUT_MS })).stdout;
  } catch (cause) {
    if (signal.aborted) throw cause;
    const stderr = ((cause as { stderr?: string }).stderr ?? "").trim();
    throw new ContainerdError(
      "ImageImportFailed",
      `cannot import ${archive}: ${stderr || messageOf(cause)}`,
      { details: { archive }, cause },
    );
  }
}

/** Resolves once containerd answers. Throws the last CriError when it does not in time. */
async function untilAnswering(socketPath: string, signal: AbortSignal): Promise<void> {
  const { runtime, close } = connectRuntime(socketPath, { timeoutMs: 2000 });
  const deadlineMs = performance.now() + ANSWER_TIMEOUT_MS;
  try {
    for (;;) {
      try {
        await runtime.version(signal);
        return;
      } catch (error) {
        if (signal.aborted || performance.now() > deadlineMs) throw error;
      }
      await delay(POLL_MS, undefined, { signal });
    }
  } finally {
    close();
  }
}

/**
 * Makes sure that the pause image is there, built from a static init on this machine: no registry
 * is needed. Throws ContainerdError "PauseBinaryMissing" when there is none.
 */
export async function ensurePauseImage(
  socketPath: string,
  options: { readonly signal: AbortSignal; readonly binary?: string },
): Promise<void> {
  const { signal, binary = "/usr/bin/catatonit" } = options;
  const connection = connectRuntime(socketPath, { timeoutMs: 10_000 });
  try {
    if ((await connection.runtime.imageStatus(PAUSE_IMAGE, signal)) !== null) return;
  } finally {
    connection.close();
  }
  const dir = await mkdtemp(join(tmpdir(), "raftsman-pause-"));
  try {
    const archive = join(dir, "pause.tar");
    await writeImageArchive(archive, {
      name: PAUSE_IMAGE,
      layers: [[{ type: "file", path: "pause", mode: 0o755, content: { fromFile: binary } }]],
      config: { Entrypoint: ["/pause", "-P"] },
    });
    await importImageArchive(socketPath, archive, signal);
  } catch (error) {
    if (!hasErrno(error, "ENOENT")) throw error;
    throw new ContainerdError(
      "PauseBinaryMissing",
      `${binary} is not installed (Debian: apt-get install catatonit)`,
      { details: { binary }, cause: error },
    );
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
}
