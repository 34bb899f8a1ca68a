import { type ChildProcess, execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { request } from "node:https";
import { type AddressInfo, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { ApiClient } from "../../api/client/client-types.js";
import { createApiClient } from "../../api/client/rest-client.js";
import { systemClock, systemRandom } from "../../api/client/system-clock.js";
import { silentLogger } from "../../base/logger.js";
import type { MemberList } from "../../consensus/consensus.js";
import { until } from "./member-group.js";

const SCRIPT = join(import.meta.dirname, "../../../deploy/raftsman.js");

/** What a command came to. */
export interface CommandOutcome {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** A server process with what it wrote to stderr. */
export interface TestServerProcess {
  readonly name: string;
  readonly dataDir: string;
  readonly url: string;
  /** What it was started with, after `raftsman`. */
  readonly args: readonly string[];
  child: ChildProcess;
  log: string;
}

/** Runs a `raftsman` command to its end. */
export function runRaftsman(args: readonly string[]): Promise<CommandOutcome> {
  return new Promise((resolve) => {
    execFile(process.execPath, [SCRIPT, ...args], (error, stdout, stderr) => {
      const exitCode = error === null ? 0 : Number(error.code ?? 1);
      resolve({ exitCode, stdout, stderr });
    });
  });
}

/** Servers on loopback that were started as a person would: init, server, token, server --join. */
export class ServerGroup {
  readonly servers: TestServerProcess[] = [];
  private readonly folder = mkdtempSync(join(tmpdir(), "raftsman-servers-"));
  private token = "";
  private caHash = "";

  /** The kubeconfig of the first server. */
  get kubeconfig(): string {
    return join(this.folder, "server-1", "kubeconfig");
  }

  static async start(size: number, flags: readonly string[] = []): Promise<ServerGroup> {
    const group = new ServerGroup();
    const port = await freePort();
    const dataDir = join(group.folder, "server-1");
    const init = ["init", "--name", "server-1", "--data-dir", dataDir, "--advertise", "127.0.0.1"];
    await group.succeed([...init, "--listen", `127.0.0.1:${port}`]);
    await group.add("server-1", port, flags);
    const created = await group.succeed(["token", "create", "-o", "json", ...group.cluster]);
    ({ token: group.token, caHash: group.caHash } = JSON.parse(created) as {
      token: string;
      caHash: string;
    });
    const join_ = ["--join", `https://127.0.0.1:${port}`, "--ca-hash", group.caHash];
    for (let n = 2; n <= size; n += 1)
      await group.add(`server-${n}`, await freePort(), [...flags, ...join_]);
    await until(async () => (await group.list()).members.filter((m) => m.voter).length === size);
    return group;
  }

  get cluster(): readonly string[] {
    return ["--kubeconfig", this.kubeconfig];
  }

  /** What `raftsman member list` asks for, by name; of the first server that runs and answers. */
  async list(): Promise<MemberList> {
    let failure: unknown = new Error("no server runs");
    for (const server of this.servers.filter(isRunning))
      try {
        const { status, body } = await this.get(server, "/raftsman/v1/members");
        if (status !== 200) throw new Error(`${server.name}: ${status} ${body}`);
        const list = JSON.parse(body) as MemberList;
        const members = [...list.members].sort((a, b) => (a.name < b.name ? -1 : 1));
        return { ...list, members };
      } catch (error) {
        failure = error;
      }
    throw failure;
  }

  /** The server that leads. */
  async leader(): Promise<TestServerProcess> {
    const { members } = await this.list();
    const name = members.find(({ role }) => role === "leader")?.name;
    const found = this.servers.find((server) => server.name === name);
    if (found === undefined) throw new Error(`nobody leads: ${JSON.stringify(members)}`);
    return found;
  }

  /** Runs a `raftsman` command to its end. */
  run(args: readonly string[]): Promise<CommandOutcome> {
    return runRaftsman(args);
  }

  async succeed(args: readonly string[]): Promise<string> {
    const { exitCode, stdout, stderr } = await this.run(args);
    if (exitCode !== 0) throw new Error(`raftsman ${args.join(" ")}: ${exitCode} ${stderr}`);
    return stdout;
  }

  async close(): Promise<void> {
    for (const { child } of this.servers.filter(isRunning)) {
      const exited = once(child, "exit");
      // One that a failed test left stopped ends as well.
      child.kill("SIGCONT");
      child.kill("SIGTERM");
      await exited;
    }
    rmSync(this.folder, { recursive: true, force: true });
  }

  /** Another server of that name, in a new folder, by `raftsman join`; resolves once it serves. */
  async join(name: string): Promise<TestServerProcess> {
    const { place, args } = await this.joining(name);
    return this.start(place, args);
  }

  /** What `join` would run. */
  async joining(name: string): Promise<{
    readonly place: { readonly name: string; readonly dataDir: string; readonly port: number };
    readonly args: readonly string[];
  }> {
    const alive = this.servers.find(isRunning);
    const port = await freePort();
    const dataDir = mkdtempSync(join(this.folder, `${name}-`));
    const secret = ["--token", this.token, "--ca-hash", this.caHash, "--as", "server"];
    const here = ["--name", name, "--data-dir", dataDir, "--listen", `127.0.0.1:${port}`];
    const args = ["join", alive?.url ?? "", ...secret, ...here, "--advertise", "127.0.0.1"];
    return { place: { name, dataDir, port }, args };
  }

  /** Runs `raftsman join … --as agent` with simulated pods. */
  startAgent(args: readonly string[], name: string): { end(): Promise<void> } {
    const dataDir = mkdtempSync(join(this.folder, `${name}-`));
    const place = ["--name", name, "--data-dir", dataDir, "--listen", "127.0.0.1:0"];
    const here = [...place, "--advertise", "127.0.0.1", "--runtime", "hollow"];
    const child = spawn(process.execPath, [SCRIPT, ...args, ...here], { stdio: "ignore" });
    return {
      end: async () => {
        if (child.exitCode !== null || child.signalCode !== null) return;
        const exited = once(child, "exit");
        child.kill("SIGTERM");
        await exited;
      },
    };
  }

  /** Starts a server and waits until its API answers. */
  private async add(name: string, port: number, flags: readonly string[]): Promise<void> {
    const dataDir = join(this.folder, name);
    const place = ["--name", name, "--data-dir", dataDir, "--listen", `127.0.0.1:${port}`];
    const args = ["server", ...place, "--advertise", "127.0.0.1", ...flags];
    await this.start({ name, dataDir, port }, args);
  }

  private async start(
    place: { readonly name: string; readonly dataDir: string; readonly port: number },
    args: readonly string[],
  ): Promise<TestServerProcess> {
    const { name, dataDir, port } = place;
    const child = spawn(process.execPath, [SCRIPT, ...args], {
      stdio: ["ignore", "ignore", "pipe"],
      // Not as a flag: everybody sees those.
      env: { ...process.env, ...(this.token === "" ? {} : { RAFTSMAN_TOKEN: this.token }) },
    });
    const url = `https://127.0.0.1:${port}`;
    const server = { name, dataDir, url, args, child, log: "" };
    this.servers.push(server);
    child.stderr.on("data", (chunk: Buffer) => {
      server.log += chunk.toString();
    });
    await until(async () => {
      if (child.exitCode !== null) throw new Error(`${name} ended: ${server.log}`);
      return (await this.get(server, "/readyz")).status === 200;
    });
    return server;
  }

  /** Stops or wakes a server, or its consensus process alone. */
  signal(
    server: TestServerProcess,
    signal: "SIGSTOP" | "SIGCONT",
    which: "both" | "consensus" = "both",
  ): void {
    server.child.kill(signal);
    if (which === "consensus") return;
    const record = readFileSync(join(server.dataDir, "run/api.pid"), "utf8");
    process.kill((JSON.parse(record) as { pid: number }).pid, signal);
  }

  /** A client that asks this server alone, as the administrator. */
  client(server: TestServerProcess): ApiClient {
    const pki = (file: string): string => join(this.folder, "server-1", "pki", file);
    const files = { caFile: pki("ca.crt"), certFile: pki("admin.crt"), keyFile: pki("admin.key") };
    return createApiClient(
      { servers: [server.url], ...files, userAgent: "raftsman-test/1" },
      { clock: systemClock, random: systemRandom, logger: silentLogger },
    );
  }

  /** Asks one server as the administrator. */
  async get(server: TestServerProcess, path: string): Promise<{ status: number; body: string }> {
    return this.send(server, { method: "GET", path });
  }

  send(
    server: TestServerProcess,
    asked: { readonly method: string; readonly path: string; readonly body?: unknown },
  ): Promise<{ status: number; body: string }> {
    const pki = (file: string): Buffer => readFileSync(join(this.folder, "server-1", "pki", file));
    const options = { ca: pki("ca.crt"), cert: pki("admin.crt"), key: pki("admin.key") };
    return new Promise((resolve, reject) => {
      const { method, path, body } = asked;
      const url = new URL(path, server.url);
      const sent = request(url, { ...options, method, agent: false, timeout: 30_000 }, (got) => {
        const chunks: Buffer[] = [];
        got.on("data", (chunk: Buffer) => chunks.push(chunk));
        got.on("end", () => {
          resolve({ status: got.statusCode ?? 0, body: Buffer.concat(chunks).toString() });
        });
      });
      sent.on("timeout", () => sent.destroy(new Error("no answer")));
      sent.on("error", reject);
      if (body !== undefined) sent.setHeader("content-type", "application/json");
      sent.end(body === undefined ? undefined : JSON.stringify(body));
    });
  }
}

function isRunning({ child }: TestServerProcess): boolean {
  return child.exitCode === null && child.signalCode === null;
}

async function freePort(): Promise<number> {
  // Two in a row: servers listen for their peers on the next one.
  for (;;) {
    const first = createServer().listen(0, "127.0.0.1");
    await once(first, "listening");
    const { port } = first.address() as AddressInfo;
    const second = createServer().listen(port + 1, "127.0.0.1");
    const isFree = await Promise.race([
      once(second, "listening").then(() => true),
      once(second, "error").then(() => false),
    ]);
    first.close();
    second.close();
    if (isFree) return port;
  }
}
