import { execFile } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { silentLogger } from "../../base/logger.js";
import { runConsensus } from "../../consensus/main.js";

/** A consensus process within this one that serves etcd's API, and an etcdctl for it. */
export async function serveEtcdApi(t: { teardown(run: () => Promise<void>): void }): Promise<{
  etcdctl: Etcdctl;
  folder: string;
  running: Awaited<ReturnType<typeof runConsensus>>;
}> {
  const folder = mkdtempSync(join(tmpdir(), "rm-etcdctl-"));
  const running = await runConsensus({
    dataDir: join(folder, "data"),
    memberName: "server-1",
    socketPath: join(folder, "store.sock"),
    logger: silentLogger,
    etcdApi: { host: "127.0.0.1", port: 0, unsafe: false },
  });
  t.teardown(async () => {
    await running.stop();
    rmSync(folder, { recursive: true, force: true });
  });
  return { etcdctl: new Etcdctl(running.etcdPort), folder, running };
}

/** Debian's etcdctl, pointed at one endpoint. */
export class Etcdctl {
  readonly env: NodeJS.ProcessEnv;

  constructor(port: number | null) {
    this.env = { ...process.env, ETCDCTL_API: "3", ETCDCTL_ENDPOINTS: `127.0.0.1:${port}` };
  }

  /** Runs it to its end; never throws for a non-zero exit. */
  run(
    args: readonly string[],
    { stdin = "", timeoutMs = 60_000 } = {},
  ): Promise<{ code: number; out: string }> {
    return new Promise((resolve) => {
      const options = { env: this.env, timeout: timeoutMs };
      const child = execFile("etcdctl", [...args], options, (error, out, err) =>
        resolve({ code: error === null ? 0 : 1, out: out + err }),
      );
      child.stdin?.end(stdin);
    });
  }

  /** What it prints. Throws with that when it fails. */
  async ok(args: readonly string[], stdin = ""): Promise<string> {
    const { code, out } = await this.run(args, { stdin });
    if (code !== 0) throw new Error(`etcdctl ${args.join(" ")}: ${out}`);
    return out;
  }
}
