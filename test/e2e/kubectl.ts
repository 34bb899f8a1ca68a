import { execFile, spawn, type ChildProcess } from "node:child_process";

const TIMEOUT_MS = 120_000;

export interface KubectlResult {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface KubectlOptions {
  /** Fed to it; nothing by default. */
  readonly stdin?: string;
  readonly timeoutMs?: number;
  /** Laid over this process's environment. */
  readonly env?: Readonly<Record<string, string>>;
}

/** One kubectl with one kubeconfig, and a cache folder of its own. */
export class Kubectl {
  readonly path: string;
  private readonly env: NodeJS.ProcessEnv;

  constructor(path: string, options: { kubeconfig: string; home: string }) {
    this.path = path;
    // Short-lived programs with little memory: collecting garbage is a quarter of their work.
    this.env = {
      ...process.env,
      GOGC: "off",
      KUBECONFIG: options.kubeconfig,
      HOME: options.home,
    };
  }

  /** Runs it to its end; `stdin` is fed to it. Never throws for a non-zero exit. */
  run(args: readonly string[], options: KubectlOptions = {}): Promise<KubectlResult> {
    return new Promise((resolve) => {
      const child = execFile(
        this.path,
        [...args],
        {
          env: { ...this.env, ...options.env },
          timeout: options.timeoutMs ?? TIMEOUT_MS,
          killSignal: "SIGKILL",
          maxBuffer: 64 * 1024 * 1024,
        },
        (error, stdout, stderr) => {
          const code = error === null ? 0 : typeof error.code === "number" ? error.code : 255;
          resolve({ code, stdout, stderr });
        },
      );
      child.stdin?.on("error", () => {});
      child.stdin?.end(options.stdin ?? "");
    });
  }

  /**
   * Runs it with a terminal of that size as its stdin and stdout, and types `types`. Never throws
   * for a non-zero exit.
   */
  runInTerminal(
    args: readonly string[],
    options: { rows?: number; columns?: number; types?: string } = {},
  ): Promise<KubectlResult> {
    const { rows = 24, columns = 80, types = "" } = options;
    const quoted = [this.path, ...args].map((arg) => `'${arg.replaceAll("'", `'\\''`)}'`).join(" ");
    const command = `stty rows ${rows} cols ${columns}; exec ${quoted}`;
    return new Promise((resolve) => {
      const child = execFile(
        "script",
        ["--quiet", "--return", "--command", command, "/dev/null"],
        { env: this.env, timeout: TIMEOUT_MS, killSignal: "SIGKILL" },
        (error, stdout, stderr) => {
          const code = error === null ? 0 : typeof error.code === "number" ? error.code : 255;
          resolve({ code, stdout, stderr });
        },
      );
      child.stdin?.on("error", () => {});
      child.stdin?.write(types);
    });
  }

  /** What it prints; throws with its message when it fails. */
  async ok(args: readonly string[], options: KubectlOptions = {}): Promise<string> {
    const { code, stdout, stderr } = await this.run(args, options);
    if (code !== 0)
      throw new Error(`kubectl ${args.join(" ")} ended with ${code}: ${stderr}${stdout}`);
    return stdout;
  }

  /** The object or list it prints with -o json. */
  async json<T>(args: readonly string[]): Promise<T> {
    return JSON.parse(await this.ok([...args, "-o", "json"])) as T;
  }

  /** Starts one that goes on, such as `get -w` or `port-forward`. The caller ends it. */
  start(args: readonly string[], env: Readonly<Record<string, string>> = {}): ChildProcess {
    const stdio = ["pipe" as const, "pipe" as const, "pipe" as const];
    return spawn(this.path, [...args], { env: { ...this.env, ...env }, stdio });
  }
}
