import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { systemClock } from "../../api/client/system-clock.js";
import { CertificateAuthority } from "../../deploy/pki/certificate-authority.js";
import type { FromMembers, ToMembers } from "./gossip-members.js";
import { memberNameOf, SERVER } from "./gossip-names.js";
import { alone, type BenchResult } from "./report.js";

const SIZES = [10, 50, 200];
const QUICK_SIZES = [10];
/** Of one cluster. The last one of them is killed, with all its members. */
const PROCESSES = 4;
const JOIN_LIMIT_MS = 180_000;
/** After everybody knows everybody: the news of it are to be over. */
const REST_MS = 20_000;
const CALM_MS = 60_000;
const DETECT_LIMIT_MS = 90_000;
const LOOK_MS = 500;

type Told = FromMembers & { readonly type: "event" };
type Counted = FromMembers & { readonly type: "counted" };

/** Members with certificates, links and ports of their own, up to 50 in a process. */
export async function gossip({ quick }: { readonly quick: boolean }): Promise<BenchResult[]> {
  const results: BenchResult[] = [];
  for (const size of quick ? QUICK_SIZES : SIZES) {
    process.stderr.write(`… ${size} members\n`);
    const cluster = await Cluster.start(size);
    try {
      results.push(...(await measure(cluster, quick ? CALM_MS / 4 : CALM_MS)));
    } finally {
      await cluster.stop();
    }
  }
  return results;
}

async function measure(cluster: Cluster, calmMs: number): Promise<BenchResult[]> {
  const { size } = cluster;
  await pause(REST_MS);
  const before = await cluster.bytes();
  const toldBefore = cluster.told.length;
  await pause(calmMs);
  const bytes = (await cluster.bytes()) - before;
  const wrong = cluster.told.length - toldBefore;
  const { killed, startMs } = await cluster.killOne();
  const left = size - killed.length;
  // What was said while they joined is another matter.
  const told = (): Told[] => cluster.told.filter(({ atMs }) => atMs >= startMs);
  const deathsOf = (name: string): Told[] =>
    told().filter((one) => one.name === name && one.event === "dead");
  const endMs = Date.now() + DETECT_LIMIT_MS;
  while (Date.now() < endMs && !killed.every((name) => deathsOf(name).length >= left))
    await pause(LOOK_MS);
  const times = (pick: (name: string) => number | undefined): number[] =>
    killed.map((name) => (pick(name) ?? Number.NaN) - startMs);
  const first = (event: Told["event"]) => (name: string) =>
    told().find((one) => one.name === name && one.event === event)?.atMs;
  const last = (name: string): number | undefined => {
    const deaths = deathsOf(name);
    return deaths.length >= left ? Math.max(...deaths.map(({ atMs }) => atMs)) : undefined;
  };
  const gone = new Set(killed);
  const blamed = told().filter(({ name, event }) => event === "dead" && !gone.has(name));
  const time = (what: string, timesMs: readonly number[]): BenchResult =>
    alone(`${size} members: ${what}`, {
      unit: "ms, slowest",
      ours: Math.max(...timesMs),
      timesMs,
      n: timesMs.length,
    });
  const seconds = calmMs / 1000;
  return [
    time("joined", [cluster.joinMs]),
    alone(`${size} members, calm`, { unit: "B/s each", ours: bytes / size / seconds, n: size }),
    alone(`${size} members, calm: suspicions`, { unit: "heard", ours: wrong, n: size }),
    time("killed, first suspected", times(first("suspect"))),
    time("killed, first declared", times(first("dead"))),
    time("killed, everybody knows", times(last)),
    alone(`${size} members: others called dead`, { unit: "heard", ours: blamed.length, n: left }),
  ];
}

/** Processes with members that know each other. */
class Cluster {
  readonly size: number;
  /** Suspicions and verdicts of all members. */
  readonly told: Told[] = [];
  /** From the first join until everybody knew everybody. */
  joinMs = 0;
  private readonly folder: string;
  private readonly children: { readonly child: ChildProcess; readonly names: string[] }[] = [];

  private constructor(size: number, folder: string) {
    this.size = size;
    this.folder = folder;
  }

  static async start(size: number): Promise<Cluster> {
    const cluster = new Cluster(size, await mkdtemp(join(tmpdir(), "raftsman-gossip-")));
    try {
      await cluster.bringUp();
      return cluster;
    } catch (error) {
      await cluster.stop();
      throw error;
    }
  }

  /** What has passed between members so far. */
  async bytes(): Promise<number> {
    return (await this.count()).reduce((sum, { bytes }) => sum + bytes, 0);
  }

  /** Kills the last process. */
  async killOne(): Promise<{ readonly killed: readonly string[]; readonly startMs: number }> {
    const last = this.children.pop();
    if (last === undefined) throw new Error("no process is left");
    const startMs = performance.timeOrigin + performance.now();
    last.child.kill("SIGKILL");
    await once(last.child, "exit");
    return { killed: last.names.map(memberNameOf), startMs };
  }

  async stop(): Promise<void> {
    for (const { child } of this.children.splice(0)) {
      child.kill("SIGKILL");
      await once(child, "exit");
    }
    await rm(this.folder, { recursive: true, force: true });
  }

  private async bringUp(): Promise<void> {
    const nodes = Array.from({ length: this.size - 1 }, (_, i) => `hollow-${i + 1}`);
    const names = [SERVER, ...nodes];
    await writeCertificates(this.folder, names);
    const each = Math.ceil(this.size / PROCESSES);
    let seed = "";
    for (let at = 0; at < names.length; at += each) {
      const own = names.slice(at, at + each);
      const child = fork(new URL("./gossip-members.js", import.meta.url));
      this.children.push({ child, names: own });
      child.on("message", (message: FromMembers) => {
        if (message.type === "event") this.told.push(message);
      });
      const started = answerOf(child, "started");
      child.send({ type: "start", names: own, folder: this.folder } satisfies ToMembers);
      const { urls } = await started;
      if (seed === "") seed = urls[0] ?? "";
    }
    const startMs = Date.now();
    let joined = 0;
    // One process after the other: all members of one are a crowd already.
    for (const { child, names: own } of this.children) {
      child.send({ type: "join", url: seed } satisfies ToMembers);
      joined += own.length;
      await this.untilKnown(joined);
    }
    this.joinMs = Date.now() - startMs;
  }

  /** Until so many members know each other; the others are alone still. */
  private async untilKnown(joined: number): Promise<void> {
    const endMs = Date.now() + JOIN_LIMIT_MS;
    for (;;) {
      const live = (await this.count()).flatMap((counted) => counted.live);
      if (live.slice(0, joined).every((count) => count === joined)) return;
      if (Date.now() > endMs)
        throw new Error(`${joined} members do not know each other after ${JOIN_LIMIT_MS} ms`);
      await pause(LOOK_MS);
    }
  }

  private count(): Promise<Counted[]> {
    return Promise.all(
      this.children.map(({ child }) => {
        const counted = answerOf(child, "counted");
        child.send({ type: "count" } satisfies ToMembers);
        return counted;
      }),
    );
  }
}

function answerOf<Type extends FromMembers["type"]>(
  child: ChildProcess,
  type: Type,
): Promise<FromMembers & { readonly type: Type }> {
  return new Promise((resolve, reject) => {
    const gone = (): void => reject(new Error("a process with members ended"));
    const hear = (message: FromMembers): void => {
      if (message.type !== type) return;
      child.off("message", hear);
      child.off("exit", gone);
      resolve(message as FromMembers & { readonly type: Type });
    };
    child.on("message", hear);
    child.once("exit", gone);
  });
}

async function writeCertificates(folder: string, names: readonly string[]): Promise<void> {
  const nowMs = Date.now();
  const pair = await CertificateAuthority.create("bench-ca", nowMs);
  await writeFile(join(folder, "ca.crt"), pair.certificatePem);
  const authority = await CertificateAuthority.open(pair);
  for (const name of names) {
    const { certificatePem, keyPem } = await authority.issue(
      {
        ...(name === SERVER
          ? { commonName: "kube-apiserver" }
          : { commonName: memberNameOf(name), organizations: ["system:nodes"] }),
        ipAddresses: ["127.0.0.1"],
        usages: ["client", "server"],
        validDays: 1,
      },
      nowMs,
    );
    await writeFile(join(folder, `${name}.crt`), certificatePem);
    await writeFile(join(folder, `${name}.key`), keyPem, { mode: 0o600 });
  }
}

function pause(forMs: number): Promise<void> {
  return new Promise((resolve) => {
    systemClock.schedule(forMs, resolve);
  });
}
