import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { promisify } from "node:util";

const run = promisify(execFile);
const COMMAND_TIMEOUT_MS = 10_000;

/** The mount points at or below `dir`, innermost first. */
export async function mountsBelow(dir: string): Promise<readonly string[]> {
  const table = await readFile("/proc/self/mountinfo", "utf8").catch(() => "");
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

/** mountinfo writes spaces and other separators as \040. */
function decodeOctal(text: string): string {
  return text.replaceAll(/\\([0-7]{3})/g, (_match, digits: string) =>
    String.fromCharCode(Number.parseInt(digits, 8)),
  );
}
