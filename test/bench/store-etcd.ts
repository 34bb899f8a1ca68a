import { execFileSync, spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { createServer, type AddressInfo } from "node:net";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { GrpcConnection } from "./store-grpc.js";
import { type BenchStore, prefixEnd } from "./store-peer.js";

const PUT = "/etcdserverpb.KV/Put";
const RANGE = "/etcdserverpb.KV/Range";
const TXN = "/etcdserverpb.KV/Txn";
const WATCH = "/etcdserverpb.Watch/Watch";
const STATUS = "/etcdserverpb.Maintenance/Status";
const BYTES = 2;
const READY_TRIES = 200;
const READY_PERIOD_MS = 50;

/**
 * Debian's etcd, `size` members on loopback with their data in `folder`, and a client of its API,
 * at the door of the leader. Several talk to each other by TLS, as ours do.
 */
export async function startEtcd(
  folder: string,
  { connections, size = 1 }: { readonly connections: number; readonly size?: number },
): Promise<BenchStore> {
  const version = /etcd Version: (\S+)/.exec(
    execFileSync("etcd", ["--version"], { encoding: "utf8" }),
  )?.[1];
  if (version === undefined) throw new Error("etcd does not say its version");
  const places: EtcdPlace[] = [];
  for (let n = 1; n <= size; n += 1)
    places.push({ name: `etcd-${n}`, port: await freePort(), peerPort: await freePort() });
  const servers = places.map((place) => spawnEtcd(folder, place, places));
  const end = async (): Promise<void> => {
    for (const server of servers) {
      if (server.exitCode !== null) continue;
      const exited = once(server, "exit");
      server.kill("SIGKILL");
      await exited;
    }
  };
  try {
    await Promise.all(servers.map((server, n) => answers(places[n]?.port ?? 0, server)));
    return new EtcdClient({
      name: "etcd",
      version,
      port: await leaderOf(places),
      connections,
      end,
    });
  } catch (error) {
    await end();
    throw error;
  }
}

interface EtcdPlace {
  readonly name: string;
  readonly port: number;
  readonly peerPort: number;
}

function spawnEtcd(
  folder: string,
  { name, port, peerPort }: EtcdPlace,
  all: readonly EtcdPlace[],
): ChildProcess {
  const scheme = all.length === 1 ? "http" : "https";
  const url = `http://127.0.0.1:${port}`;
  const peerUrl = `${scheme}://127.0.0.1:${peerPort}`;
  const cluster = all.map((one) => `${one.name}=${scheme}://127.0.0.1:${one.peerPort}`);
  const options = {
    name,
    "data-dir": join(folder, name),
    "listen-client-urls": url,
    "advertise-client-urls": url,
    "listen-peer-urls": peerUrl,
    "initial-advertise-peer-urls": peerUrl,
    "initial-cluster": cluster.join(","),
    "quota-backend-bytes": String(8 * 1024 ** 3),
    "peer-auto-tls": String(all.length > 1),
    "log-level": "error",
  };
  const args = Object.entries(options).map(([option, value]) => `--${option}=${value}`);
  const server = spawn("etcd", args, { stdio: "ignore" });
  // Also when the benchmark is interrupted.
  process.once("exit", () => server.kill("SIGKILL"));
  return server;
}

/** The client port of the member that leads. */
async function leaderOf(places: readonly EtcdPlace[]): Promise<number> {
  for (const { port } of places) {
    const connection = new GrpcConnection(port);
    const status = await connection
      .unary(STATUS, Buffer.alloc(0))
      .finally(() => connection.close());
    // ResponseHeader { member_id }, leader.
    const header = fieldOf(status, 1);
    if (Buffer.isBuffer(header) && fieldOf(header, 2) === fieldOf(status, 4)) return port;
  }
  throw new Error("no member of etcd leads");
}

async function answers(port: number, server: ChildProcess): Promise<void> {
  for (let i = 0; i < READY_TRIES; i += 1) {
    if (server.exitCode !== null) throw new Error(`etcd ended with ${server.exitCode}`);
    const connection = new GrpcConnection(port);
    try {
      await connection.unary(RANGE, field(1, Buffer.from("k")));
      return;
    } catch {
      await setTimeout(READY_PERIOD_MS);
    } finally {
      connection.close();
    }
  }
  throw new Error("etcd does not answer");
}

/** A client of etcd's API, whoever serves it; the same for both that are compared. */
export class EtcdClient implements BenchStore {
  readonly name: string;
  readonly version: string;
  private readonly end: () => Promise<void>;
  private readonly connections: readonly GrpcConnection[];
  private next = 0;

  constructor(config: {
    readonly name: string;
    readonly version: string;
    readonly port: number;
    readonly connections: number;
    /** Ends the server. */
    readonly end: () => Promise<void>;
  }) {
    this.name = config.name;
    this.version = config.version;
    this.end = config.end;
    this.connections = Array.from(
      { length: config.connections },
      () => new GrpcConnection(config.port),
    );
  }

  async put(key: Buffer, value: Buffer): Promise<void> {
    await this.connection().unary(PUT, putRequest(key, value));
  }

  async get(key: Buffer): Promise<void> {
    const answer = await this.connection().unary(RANGE, field(1, key));
    if (fieldOf(answer, 2) === null) throw new Error(`no ${key.toString()}`);
  }

  async range(from: Buffer, end: Buffer, count: number): Promise<void> {
    const request = Buffer.concat([field(1, from), field(2, end)]);
    const found = countOf(await this.connection().unary(RANGE, request), 2);
    if (found !== count) throw new Error(`${found} keys from ${from.toString()} on`);
  }

  async transact(keys: readonly Buffer[], value: Buffer): Promise<void> {
    const first = keys[0] as Buffer;
    // Compare { result: GREATER, target: VERSION }, RequestOps { request_put }, { request_range }.
    const compare = [numberField(1, 1), numberField(2, 0), field(3, first), numberField(4, 0)];
    const puts = keys.map((key) => field(2, field(2, putRequest(key, value))));
    const request = Buffer.concat([
      field(1, Buffer.concat(compare)),
      ...puts,
      field(2, field(1, field(1, first))),
    ]);
    const answer = await this.connection().unary(TXN, request);
    if (fieldOf(answer, 2) !== 1) throw new Error(`no ${first.toString()}`);
  }

  async update(key: Buffer, modRevision: number, value: Buffer): Promise<number> {
    // Compare { result: EQUAL, target: MOD }, RequestOp { request_put }.
    const compare = [numberField(2, 2), field(3, key), numberField(6, modRevision)];
    const request = Buffer.concat([
      field(1, Buffer.concat(compare)),
      field(2, field(2, putRequest(key, value))),
    ]);
    const answer = await this.connection().unary(TXN, request);
    if (fieldOf(answer, 2) !== 1) throw new Error(`${key.toString()} is not at ${modRevision}`);
    const header = fieldOf(answer, 1);
    const revision = Buffer.isBuffer(header) ? fieldOf(header, 3) : null;
    if (typeof revision !== "number") throw new Error("no revision in the answer");
    return revision;
  }

  watch(prefix: Buffer, onEvents: (count: number) => void): Promise<void> {
    const create = Buffer.concat([field(1, prefix), field(2, prefixEnd(prefix))]);
    return new Promise((resolve, reject) => {
      this.connection().stream(WATCH, field(1, create), {
        onMessage: (message) => {
          if (fieldOf(message, 3) === 1) return resolve();
          onEvents(countOf(message, 11));
        },
        onEnd: (error) => reject(error ?? new Error("the watch ended")),
      });
    });
  }

  async close(): Promise<void> {
    for (const connection of this.connections) connection.close();
    await this.end();
  }

  private connection(): GrpcConnection {
    this.next = (this.next + 1) % this.connections.length;
    return this.connections[this.next] as GrpcConnection;
  }
}

function putRequest(key: Buffer, value: Buffer): Buffer {
  return Buffer.concat([field(1, key), field(2, value)]);
}

function field(number: number, value: Buffer): Buffer {
  return Buffer.concat([varint(number * 8 + BYTES), varint(value.length), value]);
}

function numberField(number: number, value: number): Buffer {
  return Buffer.concat([varint(number * 8), varint(value)]);
}

function varint(value: number): Buffer {
  const bytes: number[] = [];
  let rest = value;
  for (; rest >= 128; rest = Math.floor(rest / 128)) bytes.push((rest % 128) + 128);
  return Buffer.from([...bytes, rest]);
}

/** The first field of this number; null when there is none. */
function fieldOf(message: Buffer, number: number): Buffer | number | null {
  for (const found of fields(message)) if (found.number === number) return found.value;
  return null;
}

function countOf(message: Buffer, number: number): number {
  let count = 0;
  for (const found of fields(message)) if (found.number === number) count += 1;
  return count;
}

function* fields(message: Buffer): Generator<{ number: number; value: Buffer | number }> {
  let at = 0;
  const read = (): number => {
    let value = 0;
    for (let factor = 1; ; factor *= 128) {
      const byte = message[at] ?? 0;
      at += 1;
      value += (byte % 128) * factor;
      if (byte < 128) return value;
    }
  };
  while (at < message.length) {
    const tag = read();
    const number = Math.floor(tag / 8);
    const value = read();
    if (tag % 8 !== BYTES) {
      yield { number, value };
      continue;
    }
    yield { number, value: message.subarray(at, at + value) };
    at += value;
  }
}

async function freePort(): Promise<number> {
  const server = createServer();
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return port;
}
