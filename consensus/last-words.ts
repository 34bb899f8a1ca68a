import { writeSync } from "node:fs";
import { messageOf } from "../base/errors.js";

/** Says why, synchronously, and ends the process: whatever comes after could only make it worse. */
export function dieWithLastWords(error: unknown): never {
  const code = (error as { code?: unknown } | null)?.code;
  // Being removed is nobody's fault, and where in the code it was noticed tells nothing.
  const isRemoved = code === "Removed";
  const stack = error instanceof Error && !isRemoved ? error.stack : undefined;
  const line = JSON.stringify({
    time: new Date().toISOString(),
    level: "error",
    message: isRemoved
      ? "the server ends: it is no member of the cluster any more"
      : "the consensus process ends: it can no longer be trusted",
    code,
    error: messageOf(error),
    stack,
  });
  try {
    writeSync(2, `${line}\n`);
  } catch {
    // Nobody listens any more; the exit code still tells.
  }
  process.exit(1);
}
