import { spawn } from "node:child_process";
import { CodedError } from "../../base/errors.js";

/**
 * CommandMissing: the program is not installed; CommandFailed: it ended with an error;
 * CommandTimeout: too slow.
 */
export type CommandErrorCode = "CommandMissing" | "CommandFailed" | "CommandTimeout";

export interface CommandOptions {
  /** Written to the program's standard input. */
  readonly input?: string;
  /** Default 10 s. */
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal;
}

/** Runs a program of the host, such as `nft` or `ip`, and resolves to its standard output. */
export type RunCommand = (
  file: string,
  args: readonly string[],
  options?: CommandOptions,
) => Promise<string>;

const STDERR_MAX_CHARS = 4096;
const DEFAULT_TIMEOUT_MS = 10_000;

/**
 * Runs a program without a shell. Rejects with a CodedError (CommandErrorCode) that carries its
 * standard error.
 */
export const runCommand: RunCommand = (file, args, options = {}) =>
  new Promise((resolve, reject) => {
    const timeoutMs = options.timeoutMs ?? DEFAULT_TIMEOUT_MS;
    const signal = options.signal === undefined ? {} : { signal: options.signal };
    const child = spawn(file, args, { stdio: ["pipe", "pipe", "pipe"], ...signal });
    let expired = false;
    const timer = setTimeout(() => {
      expired = true;
      child.kill("SIGKILL");
    }, timeoutMs);
    const stdout: Buffer[] = [];
    let stderr = "";
    child.stdout.on("data", (chunk: Buffer) => stdout.push(chunk));
    child.stderr.setEncoding("utf8");
    child.stderr.on("data", (chunk: string) => {
      if (stderr.length < STDERR_MAX_CHARS) stderr += chunk;
    });
    // A program that ends without reading its input closes the pipe; its exit code says what
    // happened.
    child.stdin.on("error", () => {});
    child.on("error", (cause) => {
      clearTimeout(timer);
      reject(toSpawnError(file, args, cause));
    });
    child.on("close", (exitCode) => {
      clearTimeout(timer);
      if (exitCode === 0) return resolve(Buffer.concat(stdout).toString("utf8"));
      const reason = stderr.trim().slice(0, STDERR_MAX_CHARS);
      const [code, message]: [CommandErrorCode, string] = expired
        ? ["CommandTimeout", `${file} did not end within ${timeoutMs} ms`]
        : ["CommandFailed", `${file} failed: ${reason}`];
      const details = { file, args, exitCode, stderr: reason };
      reject(new CodedError<CommandErrorCode>(code, message, { details }));
    });
    child.stdin.end(options.input ?? "");
  });

function toSpawnError(file: string, args: readonly string[], cause: Error): Error {
  if ((cause as NodeJS.ErrnoException).code !== "ENOENT") return cause;
  const details = { file, args };
  return new CodedError<CommandErrorCode>("CommandMissing", `${file} is not installed`, {
    details,
    cause,
  });
}
