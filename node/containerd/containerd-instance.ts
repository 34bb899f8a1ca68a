import { access, mkdir, readFile, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { messageOf } from "../../base/errors.js";
import type { Logger } from "../../base/logger.js";
import { connectRuntime } from "../cri/runtime-service.js";
import { hasErrno } from "../errno.js";
import {
  type ContainerdSettings,
  renderContainerdConfig,
  renderRegistryHosts,
} from "./containerd-config.js";
import { ContainerdError } from "./containerd-error.js";
import {
  type ContainerdFiles,
  findContainerd,
  logTail,
  spawnContainerd,
  stopContainerdProcess,
} from "./containerd-process.js";

/** How to run a containerd of our own. */
export interface ContainerdOptions {
  /** Everything large lies below: images, snapshots, the configuration. */
  readonly dataDir: string;
  /**
   * Socket, pid file and log lie here; must be short (a socket path has 107 characters at most).
   */
  readonly runDir: string;
  readonly sandboxImage: string;
  readonly cniConfDir: string;
  /** Default: the first of /usr/lib/cni and /opt/cni/bin that exists. */
  readonly cniBinDir?: string;
  /** Registry host to the URL of its mirror. */
  readonly registryMirrors?: Readonly<Record<string, string>>;
  /** Default: containerd from PATH's usual folders. */
  readonly binary?: string;
}

const SUPERVISE_MS = 500;
const READY_MS = 20_000;
const RESTART_WAIT_MS_MAX = 30_000;

/** The paths of an instance: the same options give the same paths, also after a restart. */
export function containerdPaths(options: Pick<ContainerdOptions, "dataDir" | "runDir">): {
  readonly socketPath: string;
  readonly pidFile: string;
  readonly logFile: string;
  readonly configFile: string;
  readonly rootDir: string;
  readonly stateDir: string;
  readonly registryDir: string;
} {
  const base = join(options.dataDir, "containerd");
  return {
    socketPath: join(options.runDir, "containerd.sock"),
    pidFile: join(options.runDir, "containerd.pid"),
    logFile: join(options.runDir, "containerd.log"),
    configFile: join(base, "config.toml"),
    rootDir: join(base, "root"),
    stateDir: join(base, "state"),
    registryDir: join(base, "certs.d"),
  };
}

/**
 * A containerd that belongs to one agent but is not its child: it is started detached, found again
 * after an agent restart, and started anew when it died. Throws ContainerdError from start().
 */
export class ContainerdInstance {
  readonly socketPath: string;
  private readonly options: ContainerdOptions;
  private readonly logger: Logger;
  private timer: NodeJS.Timeout | null = null;
  private checking: Promise<void> = Promise.resolve();
  private failures = 0;
  private nextStartMs = 0;

  constructor(options: ContainerdOptions, deps: { readonly logger: Logger }) {
    this.options = options;
    this.logger = deps.logger;
    this.socketPath = containerdPaths(options).socketPath;
  }

  /** Makes sure that it runs with the present configuration and answers; then keeps it so. */
  async start(signal: AbortSignal): Promise<void> {
    const files = await this.files();
    const changed = await this.writeConfig();
    if (changed) await stopContainerdProcess(files);
    if ((await findContainerd(files)) === null) await spawnContainerd(files);
    await this.waitReady(files, signal);
    this.supervise();
  }

  /** True when it was started here before: there may be pods in it. */
  async hasRun(): Promise<boolean> {
    return (await firstThere([containerdPaths(this.options).configFile])) !== null;
  }

  /** The pid of the running process, or null. */
  async pid(): Promise<number | null> {
    return findContainerd(await this.files());
  }

  /** Stops watching over it; containerd and the containers go on. */
  async release(): Promise<void> {
    if (this.timer !== null) clearTimeout(this.timer);
    this.timer = null;
    await this.checking;
  }

  /** Stops containerd itself. Containers must have been removed before, or their shims go on. */
  async shutdown(): Promise<void> {
    await this.release();
    await stopContainerdProcess(await this.files());
  }

  private supervise(): void {
    this.timer = setTimeout(() => {
      this.checking = this.check().then(
        () => {
          if (this.timer !== null) this.supervise();
        },
        (error: unknown) => {
          this.logger.error("containerd could not be restarted", { error });
          if (this.timer !== null) this.supervise();
        },
      );
    }, SUPERVISE_MS);
    this.timer.unref();
  }

  private async check(): Promise<void> {
    const files = await this.files();
    if ((await findContainerd(files)) !== null) {
      if (performance.now() > this.nextStartMs + RESTART_WAIT_MS_MAX) this.failures = 0;
      return;
    }
    if (performance.now() < this.nextStartMs) return;
    this.logger.warn("containerd is gone and is started again", { log: files.logFile });
    this.failures += 1;
    const waitMs = Math.min(RESTART_WAIT_MS_MAX, 500 * 2 ** Math.min(this.failures, 10));
    this.nextStartMs = performance.now() + waitMs;
    await spawnContainerd(files);
  }

  private async files(): Promise<ContainerdFiles> {
    const { configFile, pidFile, logFile } = containerdPaths(this.options);
    return { binary: this.options.binary ?? (await findBinary()), configFile, pidFile, logFile };
  }

  /** True when a running instance has to be restarted to see it. */
  private async writeConfig(): Promise<boolean> {
    const paths = containerdPaths(this.options);
    const settings: ContainerdSettings = {
      ...paths,
      sandboxImage: this.options.sandboxImage,
      cniConfDir: this.options.cniConfDir,
      cniBinDir: this.options.cniBinDir ?? (await findCniBinDir()),
    };
    for (const dir of [paths.rootDir, paths.registryDir, this.options.runDir, settings.cniConfDir])
      await mkdir(dir, { recursive: true, mode: 0o711 });
    for (const [registry, mirror] of Object.entries(this.options.registryMirrors ?? {})) {
      const file = join(paths.registryDir, registry, "hosts.toml");
      await mkdir(dirname(file), { recursive: true });
      await writeFile(file, renderRegistryHosts(registry, mirror));
    }
    const text = renderContainerdConfig(settings);
    const before = await readFile(paths.configFile, "utf8").catch(() => null);
    if (before === text) return false;
    await writeFile(paths.configFile, text);
    return before !== null;
  }

  private async waitReady(files: ContainerdFiles, signal: AbortSignal): Promise<void> {
    const connection = connectRuntime(this.socketPath, { timeoutMs: 2000 });
    const endMs = performance.now() + READY_MS;
    try {
      for (;;) {
        try {
          await connection.runtime.version(signal);
          return;
        } catch (error) {
          if (signal.aborted) throw error;
          const dead = (await findContainerd(files)) === null;
          if (!dead && performance.now() < endMs) {
            await new Promise((resolve) => setTimeout(resolve, 20));
            continue;
          }
          throw await startFailure(files, dead, error);
        }
      }
    } finally {
      connection.close();
    }
  }
}

async function startFailure(
  files: ContainerdFiles,
  dead: boolean,
  cause: unknown,
): Promise<ContainerdError> {
  const tail = await logTail(files.logFile);
  const what = dead ? "containerd ended while starting" : "containerd does not answer";
  return new ContainerdError("ContainerdStartFailed", `${what}: ${tail || messageOf(cause)}`, {
    details: { log: files.logFile, logTail: tail },
    cause,
  });
}

async function findBinary(): Promise<string> {
  const found = await firstThere(["/usr/bin/containerd", "/usr/local/bin/containerd"]);
  if (found !== null) return found;
  throw new ContainerdError(
    "ContainerdMissing",
    "containerd is not installed (Debian: apt-get install containerd runc)",
  );
}

async function findCniBinDir(): Promise<string> {
  const found = await firstThere(["/usr/lib/cni/bridge", "/opt/cni/bin/bridge"]);
  if (found !== null) return dirname(found);
  throw new ContainerdError(
    "ContainerdMissing",
    "the CNI plugins are not installed (Debian: apt-get install containernetworking-plugins)",
  );
}

async function firstThere(paths: readonly string[]): Promise<string | null> {
  for (const path of paths) {
    try {
      await access(path);
      return path;
    } catch (error) {
      if (!hasErrno(error, "ENOENT")) throw error;
    }
  }
  return null;
}
