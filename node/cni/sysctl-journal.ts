import { readFile, rename, unlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { hasCode } from "../../base/errors.js";
import {
  POD_NETWORK_SYSCTLS,
  planSysctlRestore,
  planSysctls,
  type SysctlChange,
  type SysctlSetting,
} from "./network-plan.js";
import type { RunCommand } from "./run-command.js";

const FORMAT_VERSION = 1;

/** Where a host remembers the kernel settings it changed. */
export function sysctlJournalPath(dataDir: string): string {
  return join(dataDir, "sysctls.json");
}

/** Makes the settings pods need; the former values are on disk before the first one is changed. */
export async function applySysctls(
  dataDir: string,
  run: RunCommand,
  settings: readonly SysctlSetting[] = POD_NETWORK_SYSCTLS,
): Promise<void> {
  const path = sysctlJournalPath(dataDir);
  const names = settings.map(({ name }) => name);
  const plan = planSysctls(await readSysctls(names, run), await readJournal(path), settings);
  if (plan.write.length === 0) return;
  const body = JSON.stringify({ version: FORMAT_VERSION, changed: plan.journal });
  await writeFile(`${path}.new`, body, { mode: 0o600, flush: true });
  await rename(`${path}.new`, path);
  for (const { name, after } of plan.write) {
    if (after !== null) await writeSysctl({ name, value: after }, run);
  }
}

/** Puts back what applySysctls changed and forgets the journal. */
export async function restoreSysctls(dataDir: string, run: RunCommand): Promise<void> {
  const path = sysctlJournalPath(dataDir);
  const journal = await readJournal(path);
  const current = await readSysctls(
    journal.map(({ name }) => name),
    run,
  );
  for (const { name, before } of planSysctlRestore(current, journal))
    await writeSysctl({ name, value: before }, run);
  await unlink(path).catch(ignoreMissing);
}

// By programs, not by node:fs: `run` may lead into another network namespace than this process's.
async function readSysctls(
  names: readonly string[],
  run: RunCommand,
): Promise<ReadonlyMap<string, string>> {
  const values = new Map<string, string>();
  for (const name of names) {
    const value = await run("cat", [sysctlPath(name)]).catch(ignoreFailed);
    if (value !== undefined) values.set(name, value.trim());
  }
  return values;
}

async function writeSysctl(
  { name, value }: { name: string; value: string },
  run: RunCommand,
): Promise<void> {
  await run("tee", [sysctlPath(name)], { input: value });
}

/** A kernel built without the feature lacks its settings. */
function ignoreFailed(error: unknown): undefined {
  if (!hasCode(error, "CommandFailed")) throw error;
  return undefined;
}

async function readJournal(path: string): Promise<readonly SysctlChange[]> {
  const text = await readFile(path, "utf8").catch(ignoreMissing);
  if (text === undefined) return [];
  const parsed = JSON.parse(text) as { version?: unknown; changed?: unknown };
  if (parsed.version !== FORMAT_VERSION || !Array.isArray(parsed.changed)) return [];
  return parsed.changed.filter(isChange);
}

function isChange(value: unknown): value is SysctlChange {
  const change = value as Partial<Record<keyof SysctlChange, unknown>> | null;
  return (
    typeof change?.name === "string" &&
    /^net(\.[a-z0-9_-]+)+$/.test(change.name) &&
    typeof change.before === "string" &&
    (change.after === null || typeof change.after === "string")
  );
}

function sysctlPath(name: string): string {
  return `/proc/sys/${name.replaceAll(".", "/")}`;
}

function ignoreMissing(error: unknown): undefined {
  if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
  return undefined;
}
