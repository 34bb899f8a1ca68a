import { execFile, execFileSync, spawnSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { chmodSync, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { ClusterStatus, HostStatus } from "../../deploy/local-cluster/cluster-status.js";
import { installedKubectls } from "../../api/streaming/test-kubectls.js";
import { Kubectl, type KubectlResult } from "./kubectl.js";

const ROOT = join(import.meta.dirname, "../../..");
const COMMAND = join(ROOT, "deploy/raftsman.js");
const UP_TIMEOUT_MS = 240_000;

const living = new Set<TestCluster>();
// A test that is told to end has no time for its teardowns: nothing of its clusters may stay.
for (const [signal, code] of [
  ["SIGINT", 130],
  ["SIGTERM", 143],
] as const)
  process.once(signal, () => {
    for (const cluster of living) cluster.destroyNow();
    process.exit(code);
  });

/** A local cluster in a folder of its own, driven by the real command. */
export class TestCluster {
  readonly name: string;
  readonly home: string;
  /** What the command needs to find it. */
  readonly env: NodeJS.ProcessEnv;
  private command = COMMAND;

  /**
   * The name gets a random end: cgroups are the computer's, also where a test has namespaces of its
   * own, and two runs at a time must not take each other's pods for theirs. At most six characters.
   */
  constructor(kind: string) {
    const name = `${kind}-${randomBytes(2).toString("hex").slice(1)}`;
    this.name = name;
    // Short, since sockets lie below it and a socket's path has 107 characters at most.
    this.home = mkdtempSync(join(tmpdir(), "rm-"));
    this.env = { ...process.env, RAFTSMAN_HOME: this.home, RAFTSMAN_CLUSTER: name };
    living.add(this);
  }

  /** Takes it down before anything else happens; for a process that is told to end. */
  destroyNow(): void {
    spawnSync(process.execPath, [COMMAND, "down"], { env: this.env, stdio: "ignore" });
    rmSync(this.home, { recursive: true, force: true });
  }

  /**
   * Makes the code readable for other users of this computer, wherever the checkout lies (root's
   * home is closed to them). Returns what undoes it.
   */
  openCodeToOthers(): () => void {
    const code = join(this.home, "code");
    mkdirSync(code);
    chmodSync(this.home, 0o755);
    execFileSync("mount", ["--bind", ROOT, code]);
    this.command = join(code, "deploy/raftsman.js");
    return () => {
      this.command = COMMAND;
      execFileSync("umount", ["--lazy", code]);
    };
  }

  /** Runs the command to its end. Never throws for a non-zero exit. */
  raftsman(
    args: readonly string[],
    options: { uid?: number; timeoutMs?: number } = {},
  ): Promise<KubectlResult> {
    return new Promise((resolve) => {
      execFile(
        process.execPath,
        [this.command, ...args],
        {
          env: { ...this.env, ...(options.uid === undefined ? {} : { HOME: this.home }) },
          timeout: options.timeoutMs ?? UP_TIMEOUT_MS,
          killSignal: "SIGKILL",
          ...(options.uid === undefined ? {} : { uid: options.uid, gid: options.uid }),
        },
        (error, stdout, stderr) => {
          const code = error === null ? 0 : typeof error.code === "number" ? error.code : 255;
          resolve({ code, stdout, stderr });
        },
      );
    });
  }

  /** What the command prints on stdout; throws with its message when it fails. */
  async ok(args: readonly string[], options: { uid?: number } = {}): Promise<string> {
    const { code, stdout, stderr } = await this.raftsman(args, options);
    if (code !== 0) throw new Error(`raftsman ${args.join(" ")} ended with ${code}:\n${stderr}`);
    return stdout;
  }

  async status(): Promise<ClusterStatus> {
    return JSON.parse(await this.ok(["status", "-o", "json"])) as ClusterStatus;
  }

  async host(name: string): Promise<HostStatus> {
    const found = (await this.status()).hosts.find((host) => host.name === name);
    if (found === undefined) throw new Error(`no host ${name}`);
    return found;
  }

  /** The pid of one process of a host, as the status names it. */
  async pidOf(hostName: string, process: string): Promise<number> {
    const host = await this.host(hostName);
    const found = host.processes.find((entry) => entry.name === process);
    if (found === undefined) throw new Error(`${hostName} has no process ${process}`);
    return found.pid;
  }

  get kubeconfig(): string {
    return join(this.home, this.name, "kubeconfig");
  }

  /** A kubectl for this cluster; by default the newest on the computer. */
  kubectl(path = installedKubectls().at(-1)?.path ?? "kubectl"): Kubectl {
    return new Kubectl(path, { kubeconfig: this.kubeconfig, home: this.home });
  }

  /** Takes the cluster down, also a half-started one, and removes its folder. */
  async destroy(): Promise<void> {
    const { code, stderr } = await this.raftsman(["down"]);
    living.delete(this);
    rmSync(this.home, { recursive: true, force: true });
    // 3: it never came to exist.
    if (code !== 0 && code !== 3) throw new Error(`raftsman down ended with ${code}:\n${stderr}`);
  }
}
