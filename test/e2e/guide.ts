import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";

const DOCS = join(import.meta.dirname, "../../../docs/guides");
const BLOCK = /^```(\w+)\n([^]*?)^```$/gm;

/** Commands of a guide, and what it says that they print. */
export interface GuideStep {
  readonly commands: string;
  /** Lines that come in this order; `…` stands for anything. */
  readonly prints: readonly string[];
}

/** The steps of docs/guides/NAME: its `sh` blocks, each with the `text` block that follows it. */
export function readGuide(name: string): readonly GuideStep[] {
  const steps: { commands: string; prints: string[] }[] = [];
  for (const [, kind, body = ""] of readFileSync(join(DOCS, name), "utf8").matchAll(BLOCK)) {
    if (kind === "sh") steps.push({ commands: body, prints: [] });
    else if (kind === "text") steps.at(-1)?.prints.push(...body.trim().split("\n"));
    else throw new Error(`${name} has a block of the kind ${kind}`);
  }
  if (steps.length === 0) throw new Error(`${name} has no commands`);
  return steps;
}

/** What became of a step. */
export interface StepOutcome {
  readonly step: GuideStep;
  /** Null: the shell ended before it, or within it. */
  readonly output: string | null;
  /** Lines that it should have printed and did not, in their order. */
  readonly missing: readonly string[];
}

/**
 * Runs all steps in one shell that ends at the first command that fails, as a reader would stop.
 * What the guide leaves running is ended with it.
 */
export async function followGuide(
  steps: readonly GuideStep[],
  { cwd, env, timeoutMs }: { cwd: string; env: NodeJS.ProcessEnv; timeoutMs: number },
): Promise<{ readonly code: number | null; readonly outcomes: readonly StepOutcome[] }> {
  const mark = "=== end of a step ===";
  const script = steps.map(({ commands }) => `${commands}\necho '${mark}'\n`).join("");
  // A group of its own, so that servers it started in the background end with it.
  const child = spawn("bash", ["-eu", "-o", "pipefail", "-c", script], {
    cwd,
    env,
    detached: true,
    stdio: ["ignore", "pipe", "pipe"],
  });
  let output = "";
  const keep = (chunk: Buffer): void => {
    output += chunk.toString();
  };
  child.stdout.on("data", keep);
  child.stderr.on("data", keep);
  const endGroup = (signal: NodeJS.Signals): void => {
    try {
      process.kill(-(child.pid ?? 0), signal);
    } catch {
      // Nothing of it is left.
    }
  };
  const timer = setTimeout(() => endGroup("SIGKILL"), timeoutMs);
  const code = await new Promise<number | null>((resolve) => child.once("exit", resolve));
  clearTimeout(timer);
  endGroup("SIGTERM");
  const parts = output.split(`${mark}\n`);
  const outcomes = steps.map((step, i) => {
    const printed = i < parts.length - 1 ? (parts[i] ?? "") : null;
    return { step, output: printed, missing: missingLines(step.prints, printed ?? "") };
  });
  const at = outcomes.findIndex(({ output: printed }) => printed === null);
  // What the one that failed has printed until then says why.
  if (at >= 0 && outcomes[at] !== undefined)
    outcomes[at] = { ...outcomes[at], missing: [`ended within: ${parts.at(-1) ?? ""}`] };
  return { code, outcomes };
}

function missingLines(wanted: readonly string[], output: string): readonly string[] {
  const lines = output.split("\n");
  let from = 0;
  return wanted.filter((line) => {
    const pattern = new RegExp(line.split("…").map(looseText).join(".*"));
    const at = lines.findIndex((one, i) => i >= from && pattern.test(one));
    if (at < 0) return true;
    from = at + 1;
    return false;
  });
}

/** Columns are as wide as what is in them. */
function looseText(text: string): string {
  return text
    .trim()
    .split(/\s+/)
    .map((word) => word.replaceAll(/[.*+?^${}()|[\]\\/]/g, "\\$&"))
    .join("\\s+");
}
