import { type ChildProcess, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { createTestAuthority, type TestAuthority } from "../../api/streaming/test-certificates.js";
import { connectStore, type MemberList, type Store } from "../../consensus/consensus.js";
import {
  claimDataDir,
  type ConsensusOptions,
  type EtcdApiOptions,
  type PeersOptions,
  PEER_NAME_PREFIX,
  PEER_ORGANIZATION,
} from "../../consensus/main.js";

const moduleUrl = (path: string): string => JSON.stringify(new URL(path, import.meta.url).href);
const MEMBER = `
  import { runConsensus } from ${moduleUrl("../../consensus/main.js")};
  import { createLogger } from ${moduleUrl("../../base/logger.js")};
  const logger = createLogger((line) => process.stderr.write(line), {
    level: "debug", timestamp: () => new Date().toISOString(),
  });
  const options = JSON.parse(process.argv[1]);
  const running = await runConsensus({ ...options, logger });
  process.once("SIGTERM", async () => { await running.stop(); process.exit(0); });
`;

/** What a member of a test's group is started with, beside its place. */
export interface TestMemberOptions {
  readonly snapshotEntries?: number;
  readonly segmentSizeBytes?: number;
  readonly entriesKept?: number;
  /** Where each serves etcd's API. */
  readonly etcdApi?: EtcdApiOptions;
  readonly scrubMs?: number;
}

/** One member: a consensus process of its own, on loopback. */
export class TestMember {
  readonly name: string;
  readonly id: string;
  readonly folder: string;
  readonly peers: PeersOptions;
  private readonly options: TestMemberOptions;
  private child: ChildProcess | null = null;
  private client: Store | null = null;
  /** What it wrote to stderr since it was made. */
  log = "";

  constructor(
    parts: { name: string; id: string; folder: string; peers: PeersOptions },
    options: TestMemberOptions,
  ) {
    this.name = parts.name;
    this.id = parts.id;
    this.folder = parts.folder;
    this.peers = parts.peers;
    this.options = options;
  }

  get peerUrl(): string {
    return `wss://${this.peers.listen.host}:${this.peers.listen.port}`;
  }

  private get slowFsyncFile(): string {
    return join(this.folder, "slow-fsync");
  }

  /** From now on each of its fsyncs takes so much longer; 0: no longer. */
  slowDisk(delayMs: number): void {
    if (delayMs > 0) writeFileSync(this.slowFsyncFile, String(delayMs));
    else rmSync(this.slowFsyncFile, { force: true });
  }

  get pid(): number {
    const { child } = this;
    const isGone = child === null || child.exitCode !== null || child.signalCode !== null;
    return isGone ? 0 : (child.pid ?? 0);
  }

  /** Where it serves etcd's API; 0: it does not. */
  get etcdPort(): number {
    return Number(/"etcd's API is served".*?"port":(\d+)/.exec(this.log)?.[1] ?? 0);
  }

  /** Resolves once its store answers. */
  async start(
    env: Readonly<Record<string, string>> = {},
    more: Pick<ConsensusOptions, "plantedBug"> = {},
  ): Promise<void> {
    const { folder, name, peers } = this;
    const place = { dataDir: join(folder, "data"), socketPath: join(folder, "s") };
    const slowFsyncFile = this.slowFsyncFile;
    const own = { ...place, memberName: name, peers, slowFsyncFile };
    const config = JSON.stringify({ ...own, ...this.options, ...more });
    const child = spawn(process.execPath, ["--input-type=module", "-e", MEMBER, config], {
      stdio: ["ignore", "ignore", "pipe"],
      env: { ...process.env, ...env },
    });
    this.child = child;
    child.stderr.on("data", (chunk: Buffer) => {
      this.log += chunk.toString();
    });
    const ended = once(child, "exit").then(() => {
      throw new Error(`${name} ended: ${this.log.slice(-2000)}`);
    });
    // Without this a later end would be nobody's.
    ended.catch(() => {});
    await Promise.race([this.store(), ended]);
  }

  /** Its store, through its own socket. */
  async store(): Promise<Store> {
    this.client ??= await connectStore({
      socketPath: join(this.folder, "s"),
      requestTimeoutMs: 30_000,
    });
    return this.client;
  }

  signal(signal: "SIGSTOP" | "SIGCONT"): void {
    this.child?.kill(signal);
  }

  /** Ends it (SIGKILL unless told otherwise) and waits until it has; its exit code. */
  async end(signal: "SIGKILL" | "SIGTERM" = "SIGKILL"): Promise<number | null> {
    const { child } = this;
    this.child = null;
    if (child === null || child.exitCode !== null || child.signalCode !== null)
      return child?.exitCode ?? null;
    const exited = once(child, "exit");
    child.kill(signal);
    await exited;
    return child.exitCode;
  }

  /** Waits until it ends by itself; its exit code. */
  async ended(): Promise<number | null> {
    const { child } = this;
    if (child !== null && child.exitCode === null) await once(child, "exit");
    return child?.exitCode ?? null;
  }

  async close(): Promise<void> {
    await this.client?.close();
    this.client = null;
    await this.end();
  }
}

/** A group of consensus processes, founded by its first. */
export class TestGroup {
  readonly members: TestMember[] = [];
  private readonly authority: TestAuthority;
  private readonly folder: string;
  private readonly options: TestMemberOptions;
  private clusterId = "";

  private constructor(authority: TestAuthority, folder: string, options: TestMemberOptions) {
    this.authority = authority;
    this.folder = folder;
    this.options = options;
  }

  /** A group of `size` voters. */
  static async start(size: number, options: TestMemberOptions = {}): Promise<TestGroup> {
    const folder = mkdtempSync(join(tmpdir(), "raftsman-group-"));
    const group = new TestGroup(await createTestAuthority(), folder, options);
    const first = await group.make("server-1");
    await first.start();
    for (let n = 2; n <= size; n += 1) await group.join(`server-${n}`);
    await group.untilVoters(size);
    return group;
  }

  /** The members whose processes run. */
  get running(): TestMember[] {
    return this.members.filter((member) => member.pid !== 0);
  }

  /** Adds a server as a learner and starts it; it becomes a voter when the leader thinks so. */
  async join(name: string, env: Readonly<Record<string, string>> = {}): Promise<TestMember> {
    const member = await this.make(name);
    const { id, peerUrl } = member;
    const [asked] = this.running.filter((one) => one !== member);
    const apiUrl = `https://127.0.0.1/${name}`;
    await (await (asked as TestMember).store()).memberAdd({ id, name, peerUrl, apiUrl });
    await member.start(env);
    return member;
  }

  /** As some running member tells it. */
  async list(): Promise<MemberList> {
    const [asked] = this.running;
    return (await (asked as TestMember).store()).memberList();
  }

  async untilVoters(count: number): Promise<void> {
    await until(async () => {
      const { members } = await this.list();
      return members.filter(({ voter }) => voter).length === count;
    });
  }

  /** The member that leads as far as the running ones agree. */
  async leader(): Promise<TestMember> {
    let found: TestMember | undefined;
    await until(async () => {
      const { members } = await this.list();
      const leader = members.find(({ role }) => role === "leader");
      found = this.running.find(({ id }) => id === leader?.id);
      return found !== undefined;
    });
    return found as TestMember;
  }

  async close(): Promise<void> {
    for (const member of this.members) {
      member.signal("SIGCONT");
      await member.close();
    }
    rmSync(this.folder, { recursive: true, force: true });
    await this.authority.remove();
  }

  private async make(name: string): Promise<TestMember> {
    const folder = join(this.folder, `${name}-${randomBytes(3).toString("hex")}`);
    mkdirSync(folder);
    const memberId = randomBytes(8).toString("hex");
    const { clusterId } = this;
    const join_ = clusterId === "" ? {} : { join: { clusterId, memberId } };
    const identity = claimDataDir(join(folder, "data"), { name, ...join_ });
    this.clusterId = identity.clusterId;
    const id = identity.memberId;
    const subject = `CN=${PEER_NAME_PREFIX}${id}, O=${PEER_ORGANIZATION}`;
    const tls = { caFile: this.authority.caFile, ...(await this.authority.issue(id, subject)) };
    const host = "127.0.0.1";
    const listen = { host, port: await freePort() };
    const peers = { listen, advertiseHost: host, apiUrl: `https://127.0.0.1/${name}`, tls };
    const member = new TestMember({ name, id, folder, peers }, this.options);
    this.members.push(member);
    return member;
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  return port;
}

/** Asks until it is so. A refusal of the store's counts as no. */
export async function until(isSo: () => Promise<boolean>, limitMs = 60_000): Promise<void> {
  const endMs = performance.now() + limitMs;
  let last: unknown = null;
  while (performance.now() < endMs) {
    try {
      if (await isSo()) return;
    } catch (error) {
      last = error;
    }
    await delay(20);
  }
  throw new Error(`not so after ${limitMs} ms: ${String(last)}`);
}
