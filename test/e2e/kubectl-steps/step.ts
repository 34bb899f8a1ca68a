import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { Test } from "tap";
import type { InstalledKubectl } from "../../../api/streaming/test-kubectls.js";
import type { Kubectl } from "../kubectl.js";
import { until } from "../until.js";

/** One line that somebody types, and what must come of it. */
export interface Step {
  /** Words, separated by spaces; '…' keeps spaces. FILES stands for the session's folder. */
  readonly run: string;
  /** What stdout and stderr together must show. */
  readonly prints: RegExp;
  readonly code?: number;
  readonly stdin?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** The first and the last minor version of kubectl that know this. */
  readonly since?: number;
  readonly upTo?: number;
  /**
   * True: one more side of a line that every kubectl types anyway, or of what the server does with
   * a request that another line has sent. The oldest and the newest type it, and all of them in
   * kubectl-matrix.long.test.ts.
   */
  readonly nuance?: true;
  /** True: the cluster may take a moment; the line is typed again until it is so. */
  readonly soon?: true;
}

/** What surrounds the lines: one kubectl, one cluster, one folder with files. */
export interface Session extends InstalledKubectl {
  readonly t: Test;
  readonly kubectl: Kubectl;
  readonly files: string;
  /** True: it types the nuances too. */
  readonly thorough: boolean;
}

export function step(run: string, prints: RegExp, more: Partial<Step> = {}): Step {
  return { run, prints, ...more };
}

/** A line that must be refused. */
export function refused(run: string, prints: RegExp, more: Partial<Step> = {}): Step {
  return { run, prints, code: 1, ...more };
}

/** A line that only differs in a nuance from others. */
export function nuance(entry: Step): Step {
  return { ...entry, nuance: true };
}

/** Types the lines that this kubectl knows, in order; each is an assertion. */
export async function runSteps(session: Session, steps: readonly Step[]): Promise<void> {
  for (const { since = 0, upTo = Infinity, ...entry } of steps) {
    if (session.minor < since || session.minor > upTo) continue;
    if (entry.nuance !== true || session.thorough) await runStep(session, entry);
  }
}

async function runStep(session: Session, entry: Step): Promise<void> {
  const { t, kubectl, version, files } = session;
  const { run, prints, code = 0, stdin, env, soon } = entry;
  const words = wordsOf(run.replaceAll("FILES", files));
  const type = async (): Promise<{ code: number; printed: string }> => {
    const result = await kubectl.run(words, {
      ...(stdin === undefined ? {} : { stdin }),
      ...(env === undefined ? {} : { env: withFiles(env, files) }),
    });
    return { code: result.code, printed: result.stdout + result.stderr };
  };
  let last = await type();
  if (soon === true && !(last.code === code && prints.test(last.printed)))
    await until(run, async () => {
      last = await type();
      return last.code === code && prints.test(last.printed);
    }).catch(() => {});
  t.match(last, { code, printed: prints }, `${version}: ${run}`);
}

function withFiles(env: Readonly<Record<string, string>>, files: string): Record<string, string> {
  return Object.fromEntries(
    Object.entries(env).map(([name, value]) => [name, value.replaceAll("FILES", files)]),
  );
}

/** As a shell splits a line, with single quotes only. */
export function wordsOf(line: string): string[] {
  return [...line.matchAll(/(?:[^\s']+|'[^']*')+/gu)].map(([word]) => word.replaceAll("'", ""));
}

/** Writes what the lines read from disk. Scripts among them can be run. */
export async function writeFiles(
  folder: string,
  files: Readonly<Record<string, string | Uint8Array>>,
): Promise<void> {
  for (const [name, content] of Object.entries(files)) {
    const path = join(folder, name);
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, content, { mode: 0o700 });
  }
}
