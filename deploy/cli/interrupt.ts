import { CommandError } from "./output.js";

const SIGNALS = ["SIGINT", "SIGTERM"] as const;

/**
 * Runs `work` until it is done or somebody interrupts the command. `work` is told by its signal and
 * undoes what it began; what it throws then counts as the interruption, unless it is a
 * CommandError. When it ends well in spite of the signal, that counts. A second signal ends the
 * process. Throws CommandError "Interrupted" with that hint.
 */
export async function unlessInterrupted<T>(
  hint: string,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const controller = new AbortController();
  const { signal } = controller;
  const interrupt = (): void => controller.abort();
  for (const name of SIGNALS) process.once(name, interrupt);
  try {
    return await work(signal);
  } catch (error) {
    if (!signal.aborted || error instanceof CommandError) throw error;
    throw new CommandError("Interrupted", "interrupted", { hint, cause: error });
  } finally {
    for (const name of SIGNALS) process.off(name, interrupt);
  }
}
