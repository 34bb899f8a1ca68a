import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { promisify } from "node:util";
import { messageOf } from "../../base/errors.js";
import { hasErrno } from "../errno.js";
import { nfsMountArguments } from "../plan/volume-source.js";

const run = promisify(execFile);
const COMMAND_TIMEOUT_MS = 10_000;
/** A server that does not answer is asked again by mount(8) itself. */
const NFS_TIMEOUT_MS = 60_000;

/** The mount points at or below `dir`, innermost first. */
export async function mountsBelow(dir: string): Promise<readonly string[]> {
  const table = await readFile("/proc/self/mountinfo", "utf8").catch((error: unknown) => {
    // Whoever deletes what is below must not go by a table that could not be read.
    if (!hasErrno(error, "ENOENT")) throw error;
    return "";
  });
  return table
    .split("\n")
    .map((line) => decodeOctal(line.split(" ")[4] ?? ""))
    .filter((path) => path === dir || path.startsWith(`${dir}/`))
    .reverse();
}

/** Unmounts everything at or below `dir`, also what is in use. */
export async function unmountBelow(dir: string): Promise<void> {
  for (const path of await mountsBelow(dir)) {
    await run("umount", ["--lazy", "--no-mtab", path], { timeout: COMMAND_TIMEOUT_MS });
  }
}

/** Mounts a tmpfs of at most `sizeBytes` (null: half the memory, the kernel's default). */
export async function mountTmpfs(dir: string, sizeBytes: number | null): Promise<void> {
  const size = sizeBytes === null ? [] : ["-o", `size=${sizeBytes}`];
  const args = ["--no-mtab", "-t", "tmpfs", ...size, "tmpfs", dir];
  await run("mount", args, { timeout: COMMAND_TIMEOUT_MS });
}

/** Mounts an NFS export; null, or what mount(8) said. */
export async function mountNfs(
  source: Parameters<typeof nfsMountArguments>[0],
  dir: string,
): Promise<string | null> {
  const args = ["--no-mtab", ...nfsMountArguments(source, dir)];
  try {
    await run("mount", args, { timeout: NFS_TIMEOUT_MS });
    return null;
  } catch (error) {
    const { stderr = "" } = error as { readonly stderr?: string };
    return `mount failed: mount ${args.join(" ")}: ${stderr.trim() || messageOf(error)}`;
  }
}

/** mountinfo writes spaces and other separators as \040. */
function decodeOctal(text: string): string {
  return text.replaceAll(/\\([0-7]{3})/g, (_match, digits: string) =>
    String.fromCharCode(Number.parseInt(digits, 8)),
  );
}
