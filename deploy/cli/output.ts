import { CodedError, messageOf } from "../../base/errors.js";

/** Exit codes of the command: a contract for scripts. */
export const EXIT = {
  done: 0,
  failed: 1,
  usage: 2,
  notFound: 3,
  unsafe: 4,
  inconclusive: 5,
  interrupted: 130,
} as const;

/**
 * - Failed: something of the world went wrong; the message says what and why, the hint what to do.
 * - Usage: the command was not understood.
 * - NotRunning: no such cluster, or it does not run.
 * - Unsafe: refused because it would lose or change something.
 * - Inconclusive: a run that proved nothing either way.
 * - Interrupted: stopped by a signal, and undone.
 */
export type CommandErrorCode =
  | "Failed"
  | "Usage"
  | "NotRunning"
  | "Unsafe"
  | "Inconclusive"
  | "Interrupted";

const EXIT_OF: Readonly<Record<CommandErrorCode, number>> = {
  Failed: EXIT.failed,
  Usage: EXIT.usage,
  NotRunning: EXIT.notFound,
  Unsafe: EXIT.unsafe,
  Inconclusive: EXIT.inconclusive,
  Interrupted: EXIT.interrupted,
};

/** A failure that ends a command: the message says what and why, `hint` what to do about it. */
export class CommandError extends CodedError<CommandErrorCode> {
  override readonly name = "CommandError";
  readonly hint: string;

  constructor(code: CommandErrorCode, message: string, options: { hint: string; cause?: unknown }) {
    super(code, message, options.cause === undefined ? {} : { cause: options.cause });
    this.hint = options.hint;
  }
}

export type OutputFormat = "table" | "json";

/** Prints data on stdout: one JSON document, or rows under headings. */
export function printData(
  format: OutputFormat,
  value: unknown,
  table: () => readonly (readonly string[])[],
): void {
  process.stdout.write(
    format === "json" ? `${JSON.stringify(value, null, 2)}\n` : renderTable(table()),
  );
}

/** Columns padded to their widest cell, three blanks apart, as kubectl prints them. */
export function renderTable(rows: readonly (readonly string[])[]): string {
  const widths: number[] = [];
  for (const row of rows)
    row.forEach((cell, at) => (widths[at] = Math.max(widths[at] ?? 0, cell.length)));
  return rows
    .map((row) => {
      const cells = row.map((cell, at) =>
        at === row.length - 1 ? cell : cell.padEnd((widths[at] ?? 0) + 3),
      );
      return `${cells.join("").trimEnd()}\n`;
    })
    .join("");
}

/** Prints an error on stderr in the asked format and returns the exit code that belongs to it. */
export function printError(format: OutputFormat, error: unknown): number {
  const { code, message, hint } = describeError(error);
  if (format === "json")
    process.stderr.write(`${JSON.stringify({ error: { code, message, hint } })}\n`);
  else process.stderr.write(`error: ${message}\n${hint === "" ? "" : `  ${hint}\n`}`);
  return error instanceof CommandError ? EXIT_OF[error.code] : EXIT.failed;
}

function describeError(error: unknown): { code: string; message: string; hint: string } {
  if (error instanceof CommandError)
    return { code: error.code, message: error.message, hint: error.hint };
  if (error instanceof CodedError) return { code: error.code, message: error.message, hint: "" };
  const hint = "This is a fault of raftsman itself. Please report it with the text below.";
  const stack = error instanceof Error ? (error.stack ?? error.message) : messageOf(error);
  return { code: "Internal", message: messageOf(error), hint: `${hint}\n${stack}` };
}
