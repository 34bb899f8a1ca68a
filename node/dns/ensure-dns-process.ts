import { spawn } from "node:child_process";
import { closeSync, mkdirSync, openSync } from "node:fs";
import { open, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Clock } from "../../base/clock.js";
import { messageOf } from "../../base/errors.js";
import type { Logger } from "../../base/logger.js";
import { type RunCommand, runCommand } from "../cni/run-command.js";
import { addressMarkerPath, type DnsConfig } from "./dns-config.js";
import { releaseLinkAddress } from "./link-address.js";

const CHECK_MS = 1000;
const RESTART_MIN_MS = 500;
const RESTART_MAX_MS = 15_000;
/** A process that lived this long did not fail at its start. */
const SETTLED_MS = 10_000;
const STOP_MS = 5000;
const LAST_WORDS_BYTES_MAX = 2048;

export interface DnsProcessOptions extends Omit<DnsConfig, "version"> {
  /** The host's folder for files of running processes: configuration and pid file. */
  readonly runDir: string;
  readonly logDir: string;
  readonly logger: Logger;
  readonly clock: Clock;
}

/** Looks after the DNS process of this host. */
export interface DnsSupervisor {
  /** The process that runs now; null while there is none. */
  readonly pid: number | null;
  /** Stops looking after it; the process goes on. */
  close(): Promise<void>;
}

/**
 * Makes sure that a DNS process runs: takes over the one that an earlier agent started, replaces
 * it when its configuration changed, starts one when there is none, and again when it dies. It is
 * nobody's child and outlives the agent. The network namespace is that of the caller.
 */
export async function ensureDnsProcess(options: DnsProcessOptions): Promise<DnsSupervisor> {
  const supervisor = new Supervisor(options);
  await supervisor.check();
  return supervisor;
}

/** Ends the DNS process of a host and takes its address from the loopback interface: for `down`. */
export async function teardownDns(options: {
  readonly runDir: string;
  /** The address the host's DNS was told to listen on: removed only if that DNS added it. */
  readonly listenAddress: string;
  readonly run?: RunCommand;
}): Promise<void> {
  const files = filesOf(options.runDir);
  const known = await readPidFile(files.pid);
  if (known !== null) await stopProcess(known);
  const marker = addressMarkerPath(files.config);
  await releaseLinkAddress(options.listenAddress, marker, options.run ?? runCommand);
  for (const file of [files.pid, files.config]) await rm(file, { force: true });
}

/**
 * The process of a pid file: the start time tells it from another that got the same number later.
 */
interface KnownProcess {
  readonly pid: number;
  /** Field 22 of /proc/PID/stat. */
  readonly startTime: string;
}

class Supervisor implements DnsSupervisor {
  private readonly options: DnsProcessOptions;
  private readonly files: Files;
  private readonly config: string;
  private current: KnownProcess | null = null;
  private startedMs = 0;
  private failures = 0;
  private cancelTimer: () => void = () => {};
  private checking: Promise<void> = Promise.resolve();
  private closed = false;

  constructor(options: DnsProcessOptions) {
    this.options = options;
    this.files = filesOf(options.runDir);
    const { runDir: _runDir, logDir: _logDir, logger: _logger, clock: _clock, ...rest } = options;
    const config: DnsConfig = { version: 1, ...rest };
    this.config = `${JSON.stringify(config, null, 2)}\n`;
  }

  get pid(): number | null {
    return this.current?.pid ?? null;
  }

  async close(): Promise<void> {
    this.closed = true;
    this.cancelTimer();
    await this.checking;
  }

  check(): Promise<void> {
    this.checking = this.checkOnce();
    return this.checking;
  }

  private async checkOnce(): Promise<void> {
    let waitMs = CHECK_MS;
    try {
      if (this.current === null) await this.takeOver();
      if (this.current !== null && !(await isRunning(this.current))) await this.noticeDeath();
      if (this.current === null) {
        waitMs = this.restartDelayMs();
        if (waitMs === 0) {
          await this.start();
          waitMs = CHECK_MS;
        }
      }
    } catch (error) {
      this.options.logger.error("the DNS process cannot be looked after", {
        error: messageOf(error),
      });
    }
    if (!this.closed)
      this.cancelTimer = this.options.clock.schedule(waitMs, () => void this.check());
  }

  /** Finds the process of an earlier agent; one with another configuration is ended. */
  private async takeOver(): Promise<void> {
    const known = await readPidFile(this.files.pid);
    if (known === null || !(await isRunning(known))) return;
    const config = await readFile(this.files.config, "utf8").catch(() => null);
    if (config === this.config) {
      this.current = known;
      this.startedMs = this.options.clock.monotonicMs();
      return;
    }
    await stopProcess(known);
  }

  private async noticeDeath(): Promise<void> {
    const livedMs = this.options.clock.monotonicMs() - this.startedMs;
    this.failures = livedMs >= SETTLED_MS ? 0 : this.failures + 1;
    this.options.logger.error("the DNS process ended; starting it again", {
      pid: this.current?.pid,
      failures: this.failures,
      lastWords: await lastLineOf(this.files.log(this.options.logDir)),
    });
    this.current = null;
  }

  /** 0: now. */
  private restartDelayMs(): number {
    if (this.failures === 0) return 0;
    const delayMs = Math.min(RESTART_MAX_MS, RESTART_MIN_MS * 2 ** Math.min(this.failures, 10));
    const leftMs = this.startedMs + delayMs - this.options.clock.monotonicMs();
    return Math.max(0, leftMs);
  }

  private async start(): Promise<void> {
    const { runDir, logDir, clock, logger } = this.options;
    mkdirSync(runDir, { recursive: true });
    mkdirSync(logDir, { recursive: true });
    await replaceFile(this.files.config, this.config);
    this.startedMs = clock.monotonicMs();
    const log = openSync(this.files.log(logDir), "a", 0o600);
    try {
      const program = fileURLToPath(new URL("./dns-process.js", import.meta.url));
      const child = spawn(process.execPath, ["--enable-source-maps", program, this.files.config], {
        detached: true,
        stdio: ["ignore", log, log],
      });
      child.on("error", (error) =>
        logger.error("the DNS process cannot be started", { error: messageOf(error) }),
      );
      child.unref();
      if (child.pid === undefined) return;
      const startTime = await startTimeOf(child.pid);
      if (startTime === null) return;
      this.current = { pid: child.pid, startTime };
      await replaceFile(this.files.pid, `${JSON.stringify(this.current)}\n`);
    } finally {
      closeSync(log);
    }
  }
}

interface Files {
  readonly config: string;
  readonly pid: string;
  log(logDir: string): string;
}

function filesOf(runDir: string): Files {
  return {
    config: join(runDir, "dns.json"),
    pid: join(runDir, "dns.pid"),
    log: (logDir) => join(logDir, "dns.log"),
  };
}

/** The last line of a log, where a process says why it ends; empty when there is none. */
async function lastLineOf(path: string): Promise<string> {
  const file = await open(path, "r").catch(() => null);
  if (file === null) return "";
  try {
    const { size } = await file.stat();
    const bytes = Buffer.alloc(Math.min(size, LAST_WORDS_BYTES_MAX));
    await file.read(bytes, 0, bytes.length, size - bytes.length);
    return bytes.toString("utf8").trimEnd().split("\n").at(-1) ?? "";
  } finally {
    await file.close();
  }
}

async function replaceFile(path: string, text: string): Promise<void> {
  await writeFile(`${path}.new`, text, { mode: 0o600 });
  await rename(`${path}.new`, path);
}

async function readPidFile(path: string): Promise<KnownProcess | null> {
  const text = await readFile(path, "utf8").catch(() => null);
  if (text === null) return null;
  try {
    const { pid, startTime } = JSON.parse(text) as Partial<Record<keyof KnownProcess, unknown>>;
    return typeof pid === "number" && pid > 1 && typeof startTime === "string"
      ? { pid, startTime }
      : null;
  } catch {
    return null;
  }
}

async function isRunning({ pid, startTime }: KnownProcess): Promise<boolean> {
  return (await startTimeOf(pid)) === startTime;
}

/**
 * When a process started, in ticks since boot; null when there is none, or only its remains (a
 * zombie).
 */
async function startTimeOf(pid: number): Promise<string | null> {
  const stat = await readFile(`/proc/${pid}/stat`, "utf8").catch(() => null);
  // The second field is the name in parentheses and may itself contain anything.
  const fields = stat?.slice(stat.lastIndexOf(")") + 2).split(" ");
  return fields === undefined || fields[0] === "Z" ? null : (fields[19] ?? null);
}

async function stopProcess(known: KnownProcess): Promise<void> {
  const endsMs = performance.now() + STOP_MS;
  let signal: NodeJS.Signals = "SIGTERM";
  while (await isRunning(known)) {
    kill(known.pid, signal);
    signal = performance.now() > endsMs ? "SIGKILL" : "SIGTERM";
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

function kill(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
  }
}
