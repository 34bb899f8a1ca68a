import { spawn } from "node:child_process";
import type { Readable, Writable } from "node:stream";
import { pipeline } from "node:stream/promises";
import type { CommandServerEnd } from "./remote-command.js";

/**
 * A command that gives back what it is given, without a process: starting thousands of those takes
 * long.
 */
export const ECHO_COMMAND = "@echo";

/**
 * Runs a local command at the server's end of a connection, as a runtime runs one in a container.
 */
export async function runLocalCommand(
  end: CommandServerEnd,
  command: readonly string[],
): Promise<void> {
  const [file = "", ...args] = command;
  if (file === ECHO_COMMAND) return echo(end);
  const child = spawn(file, args, { stdio: ["pipe", "pipe", "pipe"] });
  void end.closed.then(() => child.kill("SIGKILL"));
  const exited = new Promise<string>((resolve) => {
    child.once("error", (error) => resolve(failed(`cannot run: ${error.message}`)));
    child.once("exit", (code) => resolve(exitStatus(code ?? 137)));
  });
  if (end.stdin === null) child.stdin.end();
  else void pipeline(end.stdin, child.stdin).catch(() => {});
  end.resize?.resume();
  const outputs = [copy(child.stdout, end.stdout), copy(child.stderr, end.stderr)];
  await Promise.allSettled(outputs);
  end.finish(await exited);
}

async function echo(end: CommandServerEnd): Promise<void> {
  const { stdin, stdout } = end;
  if (stdin !== null && stdout !== null) await pipeline(stdin, stdout).catch(() => {});
  end.finish(exitStatus(0));
  await end.closed;
}

async function copy(from: Readable, to: Writable | null): Promise<void> {
  if (to === null) from.resume();
  else await pipeline(from, to);
}

function exitStatus(code: number): string {
  if (code === 0) return JSON.stringify({ metadata: {}, status: "Success" });
  return JSON.stringify({
    metadata: {},
    status: "Failure",
    message: `command terminated with non-zero exit code: exit status ${code}`,
    reason: "NonZeroExitCode",
    details: { causes: [{ reason: "ExitCode", message: String(code) }] },
  });
}

function failed(message: string): string {
  return JSON.stringify({
    metadata: {},
    status: "Failure",
    message,
    reason: "InternalError",
    code: 500,
  });
}
