import { createSocket } from "node:dgram";
import { randomInt } from "node:crypto";
import { readFile } from "node:fs/promises";
import { connect, isIPv4, isIPv6 } from "node:net";
import type { Clock } from "../../base/clock.js";
import { CodedError } from "../../base/errors.js";
import { TCP_BYTES_MAX } from "./message.js";

/**
 * NoUpstream: no server to ask; UpstreamFailed: none answered in time; Busy: too many questions
 * under way.
 */
export type UpstreamErrorCode = "NoUpstream" | "UpstreamFailed" | "Busy";

export interface UpstreamOptions {
  /** Such as /etc/resolv.conf of the host; read again when it is older than a few seconds. */
  readonly resolvConf: string;
  /** Addresses of our own: asking them would go round in circles. */
  readonly ownAddresses: readonly string[];
  readonly clock: Clock;
  /** Port of the servers; another than 53 in tests. */
  readonly port?: number;
  /** Default UPSTREAM_TIMES. */
  readonly times?: UpstreamTimes;
}

/** How long to wait. */
export interface UpstreamTimes {
  /** For one server's answer. */
  readonly tryMs: number;
  /** For any answer. */
  readonly totalMs: number;
}

/** A stub resolver gives up after 5 s: by then it must have heard that there is no answer. */
export const UPSTREAM_TIMES: UpstreamTimes = { tryMs: 1500, totalMs: 4000 };
/** Timers fire a little early; what is left then is no time for an answer. */
const LEAST_TRY_MS = 10;

/** Where resolv.conf keeps the real servers when it names only systemd-resolved's stub. */
const SYSTEMD_RESOLV_CONF = "/run/systemd/resolve/resolv.conf";
const SYSTEMD_STUB = "127.0.0.53";
const REREAD_MS = 5000;
const ROUNDS = 2;
const SERVERS_MAX = 3;
const UNDER_WAY_MAX = 1000;

/** Asks the host's name servers what is not the cluster's. */
export class Upstream {
  private readonly options: UpstreamOptions;
  private servers: readonly string[] = [];
  private readMs: number | null = null;
  private underWay = 0;

  constructor(options: UpstreamOptions) {
    this.options = options;
  }

  /**
   * Sends the query on and resolves to the answer's bytes, with the query's own id. Each server
   * gets two tries, as far as the time allows. Rejects with CodedError (UpstreamErrorCode).
   */
  async ask(query: Buffer, transport: "udp" | "tcp", signal: AbortSignal): Promise<Buffer> {
    if (this.underWay >= UNDER_WAY_MAX) throw upstreamError("Busy", "too many questions under way");
    this.underWay += 1;
    try {
      return await this.askServers(query, transport, signal);
    } finally {
      this.underWay -= 1;
    }
  }

  private async askServers(
    query: Buffer,
    transport: "udp" | "tcp",
    signal: AbortSignal,
  ): Promise<Buffer> {
    const servers = await this.currentServers();
    if (servers.length === 0) throw upstreamError("NoUpstream", "the host names no DNS server");
    const { clock, port = 53, times = UPSTREAM_TIMES } = this.options;
    const endMs = clock.monotonicMs() + times.totalMs;
    let cause: unknown;
    for (let round = 0; round < ROUNDS; round += 1) {
      for (const server of servers) {
        if (signal.aborted) throw upstreamError("UpstreamFailed", "stopped");
        const leftMs = endMs - clock.monotonicMs();
        if (leftMs < LEAST_TRY_MS) break;
        try {
          const exchange = transport === "udp" ? askByUdp : askByTcp;
          return await exchange(query, { server, port, tryMs: Math.min(times.tryMs, leftMs) });
        } catch (error) {
          cause = error;
        }
      }
    }
    throw upstreamError("UpstreamFailed", "no DNS server of the host answered", cause);
  }

  private async currentServers(): Promise<readonly string[]> {
    const nowMs = this.options.clock.monotonicMs();
    if (this.readMs !== null && nowMs - this.readMs < REREAD_MS) return this.servers;
    this.readMs = nowMs;
    const own = new Set(this.options.ownAddresses);
    let named = parseResolvConf(await readOrEmpty(this.options.resolvConf));
    if (named.every((server) => server === SYSTEMD_STUB)) {
      const behind = parseResolvConf(await readOrEmpty(SYSTEMD_RESOLV_CONF));
      if (behind.length > 0) named = behind;
    }
    this.servers = named.filter((server) => !own.has(server)).slice(0, SERVERS_MAX);
    return this.servers;
  }
}

/** The name servers of a resolv.conf (resolv.conf(5)), in their order. */
export function parseResolvConf(text: string): readonly string[] {
  return text.split("\n").flatMap((line) => {
    const [word, address = ""] = line.trim().split(/\s+/);
    const known = isIPv4(address) || isIPv6(address.replace(/%.*$/, ""));
    return word === "nameserver" && known ? [address] : [];
  });
}

async function readOrEmpty(path: string): Promise<string> {
  return readFile(path, "utf8").catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return "";
    throw error;
  });
}

interface Target {
  readonly server: string;
  readonly port: number;
  readonly tryMs: number;
}

/**
 * A socket of its own for every question: a random port and a random id are hard to guess together
 * (RFC 5452).
 */
function askByUdp(query: Buffer, { server, port, tryMs }: Target): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const socket = createSocket(isIPv6(server.replace(/%.*$/, "")) ? "udp6" : "udp4");
    const id = randomInt(0x10000);
    const finish = (done: () => void): void => {
      clearTimeout(timer);
      socket.close();
      done();
    };
    const timer = setTimeout(() => finish(() => reject(timeoutOf(server))), tryMs);
    socket.on("error", (error) => finish(() => reject(error)));
    socket.on("message", (answer) => {
      if (!answersTo(answer, query, id)) return;
      finish(() => resolve(withId(answer, query.readUInt16BE(0))));
    });
    // Connected: the kernel drops what does not come from the server asked.
    socket.connect(port, server, () => socket.send(withId(query, id)));
  });
}

function askByTcp(query: Buffer, { server, port, tryMs }: Target): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host: server, port });
    const id = randomInt(0x10000);
    let received = Buffer.alloc(0);
    const finish = (done: () => void): void => {
      clearTimeout(timer);
      socket.destroy();
      done();
    };
    const timer = setTimeout(() => finish(() => reject(timeoutOf(server))), tryMs);
    socket.on("error", (error) => finish(() => reject(error)));
    socket.on("end", () => finish(() => reject(timeoutOf(server))));
    socket.on("connect", () => socket.write(withLength(withId(query, id))));
    socket.on("data", (chunk) => {
      received = Buffer.concat([received, chunk]);
      if (received.length > TCP_BYTES_MAX + 2) return finish(() => reject(timeoutOf(server)));
      if (received.length < 2 || received.length < 2 + received.readUInt16BE(0)) return;
      const answer = received.subarray(2, 2 + received.readUInt16BE(0));
      if (answersTo(answer, query, id))
        finish(() => resolve(withId(answer, query.readUInt16BE(0))));
      else finish(() => reject(timeoutOf(server)));
    });
  });
}

/** True when the answer has our id and repeats the question, letter by letter. */
function answersTo(answer: Buffer, query: Buffer, id: number): boolean {
  if (
    answer.length < 12 ||
    answer.readUInt16BE(0) !== id ||
    (answer.readUInt16BE(2) & 0x8000) === 0
  )
    return false;
  const end = questionEnd(query);
  return end !== null && query.subarray(12, end).equals(answer.subarray(12, end));
}

/** Where the first question of an uncompressed query ends; null when it does not. */
function questionEnd(query: Buffer): number | null {
  let at = 12;
  for (;;) {
    const length = query[at];
    if (length === undefined || length > 63) return null;
    at += 1 + length;
    if (length === 0) return at + 4 <= query.length ? at + 4 : null;
  }
}

function withId(message: Buffer, id: number): Buffer {
  const copy = Buffer.from(message);
  copy.writeUInt16BE(id, 0);
  return copy;
}

/** A message as TCP carries it: its length in two bytes before it (RFC 1035 §4.2.2). */
export function withLength(message: Buffer): Buffer {
  const length = Buffer.alloc(2);
  length.writeUInt16BE(message.length);
  return Buffer.concat([length, message]);
}

function timeoutOf(server: string): Error {
  return upstreamError("UpstreamFailed", `no answer from ${server}`);
}

function upstreamError(
  code: UpstreamErrorCode,
  message: string,
  cause?: unknown,
): CodedError<UpstreamErrorCode> {
  return new CodedError(code, message, { cause });
}
