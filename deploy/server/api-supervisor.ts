import { fork, type ChildProcess } from "node:child_process";
import { join } from "node:path";
import type { Logger } from "../../base/logger.js";
import type { ApiProcessConfig } from "./api-process-config.js";
import { CHAOS_HOOKS, type ChaosHook } from "./chaos-hooks.js";

/** What the api process tells its parent. */
export type ApiProcessMessage =
  | { readonly type: "ready"; readonly port: number }
  | { readonly type: "failed"; readonly code: string; readonly message: string };

/** What its parent asks of an api process after its configuration. */
export interface ApiProcessRequest {
  readonly type: "disturb";
  readonly hook: ChaosHook;
}

export interface SupervisorEvents {
  /** The api process serves. */
  onReady(pid: number, port: number): void;
  /**
   * It could not start for a reason that another try would not mend (port taken …), before it ever
   * served.
   */
  onFatal(failure: { readonly code: string; readonly message: string }): void;
}

const FIRST_DELAY_MS = 100;
const MAX_DELAY_MS = 5_000;
/** A child that served for this long starts again without delay when it dies. */
const STEADY_AFTER_MS = 10_000;

/**
 * Keeps one api process alive. It is a child so that a stall or a full heap there costs no vote; it
 * ends by itself when this process ends, since its message channel closes.
 */
export class ApiSupervisor {
  private readonly config: ApiProcessConfig;
  private readonly logger: Logger;
  private readonly events: SupervisorEvents;
  private child: ChildProcess | null = null;
  private stopping = false;
  private servedOnce = false;
  private delayMs = FIRST_DELAY_MS;
  private disturbed = 0;
  private timer: NodeJS.Timeout | null = null;

  constructor(config: ApiProcessConfig, deps: { logger: Logger; events: SupervisorEvents }) {
    this.config = config;
    this.logger = deps.logger;
    this.events = deps.events;
  }

  start(): void {
    const child = fork(join(import.meta.dirname, "api-process.js"), [], {
      stdio: ["ignore", "inherit", "inherit", "ipc"],
      serialization: "json",
    });
    const startedMs = performance.now();
    this.child = child;
    child.on("message", (message) => this.handle(child, message as ApiProcessMessage));
    child.on("error", (error) => this.logger.error("api process could not be run", { error }));
    child.on("exit", (code, signal) => this.restart({ code, signal, startedMs }));
    child.send(this.config);
  }

  /** Has the child run the next of CHAOS_HOOKS. */
  disturb(): void {
    const hook = CHAOS_HOOKS[this.disturbed % CHAOS_HOOKS.length] ?? CHAOS_HOOKS[0];
    this.disturbed += 1;
    this.logger.warn("a chaos hook disturbs the api process", { hook });
    this.child?.send({ type: "disturb", hook } satisfies ApiProcessRequest);
  }

  /** Asks the child to end and waits until it did; kills it after `graceMs`. */
  async stop(graceMs: number): Promise<void> {
    this.stopping = true;
    if (this.timer !== null) clearTimeout(this.timer);
    const child = this.child;
    if (child === null || child.exitCode !== null || child.signalCode !== null) return;
    await new Promise<void>((resolve) => {
      const kill = setTimeout(() => child.kill("SIGKILL"), graceMs);
      child.once("exit", () => {
        clearTimeout(kill);
        resolve();
      });
      child.kill("SIGTERM");
    });
  }

  private handle(child: ChildProcess, message: ApiProcessMessage): void {
    if (message.type === "ready") {
      this.servedOnce = true;
      this.events.onReady(child.pid ?? 0, message.port);
      return;
    }
    if (this.servedOnce) this.logger.error("api process could not start", { ...message });
    else this.events.onFatal(message);
  }

  private restart(ended: { code: number | null; signal: string | null; startedMs: number }): void {
    this.child = null;
    if (this.stopping) return;
    if (performance.now() - ended.startedMs > STEADY_AFTER_MS) this.delayMs = FIRST_DELAY_MS;
    this.logger.error("api process ended; it is started again", {
      code: ended.code,
      signal: ended.signal,
      delayMs: this.delayMs,
    });
    this.timer = setTimeout(() => this.start(), this.delayMs);
    this.delayMs = Math.min(this.delayMs * 2, MAX_DELAY_MS);
  }
}
