import { execFile } from "node:child_process";
import { join } from "node:path";

/** How `npm run chaos` ended. */
export interface Ended {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** How a run is treated. */
export interface RunOptions {
  /** Interrupted once it has said this on stderr. */
  readonly interruptAt?: RegExp;
  /** The folder for temporary files; by default the computer's. */
  readonly temporary?: string;
}

const OUTPUT_BYTES_MAX = 16 << 20;

/** Runs it with these arguments; never rejects for a verdict. */
export function runMain(args: readonly string[], options: RunOptions = {}): Promise<Ended> {
  const main = join(import.meta.dirname, "main.js");
  const { interruptAt, temporary } = options;
  const env = { ...process.env, ...(temporary === undefined ? {} : { TMPDIR: temporary }) };
  return new Promise((resolve) => {
    const child = execFile(
      process.execPath,
      [main, ...args],
      { maxBuffer: OUTPUT_BYTES_MAX, env },
      (error, stdout, stderr) => {
        const code = error === null ? 0 : typeof error.code === "number" ? error.code : -1;
        resolve({ code, stdout, stderr });
      },
    );
    let said = "";
    let isInterrupted = false;
    child.stderr?.on("data", (chunk: Buffer | string) => {
      said += chunk.toString();
      if (isInterrupted || interruptAt?.test(said) !== true) return;
      isInterrupted = true;
      child.kill("SIGINT");
    });
    // A test that is told to end lets the run take its cluster down.
    process.once("SIGTERM", () => child.kill("SIGTERM"));
  });
}
