import type { Stats } from "node:fs";
import { open, stat } from "node:fs/promises";
import http2 from "node:http2";
import { scheduleAwake } from "../../base/awake-timer.js";
import type { Clock } from "../../base/clock.js";
import { CodedError, messageOf } from "../../base/errors.js";
import type { Logger } from "../../base/logger.js";
import type { Random } from "../../base/random.js";
import type { ServerList } from "../../base/server-list.js";
import type { ClientConfig } from "./client-types.js";
import { jitteredBackoffMs, waitMs } from "./waiting.js";

/** The part of the world that the connection touches besides the network. */
export interface ConnectionDeps {
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  readonly servers: ServerList;
}

/** How fast a dead server is noticed. */
export interface ConnectionTimes {
  /** A server that does not complete the TLS handshake in this time is skipped. */
  readonly connectTimeoutMs: number;
  /** Time between two pings. */
  readonly pingIntervalMs: number;
  /** A ping not answered in this time means the server is gone. */
  readonly pingTimeoutMs: number;
  /** Time between two looks at the certificate files. */
  readonly certificateCheckMs: number;
}

/** A dead server is noticed after at most five seconds. */
export const CONNECTION_TIMES: ConnectionTimes = {
  connectTimeoutMs: 3000,
  pingIntervalMs: 2500,
  pingTimeoutMs: 2500,
  certificateCheckMs: 10_000,
};

const BACKOFF = { firstMs: 50, maxMs: 2000 };
const UNSERVED_MAX = 3;
const STREAM_WINDOW_BYTES = 1 << 20;
const SESSION_WINDOW_BYTES = 16 << 20;

interface Credentials {
  readonly ca: Buffer;
  readonly cert: Buffer;
  readonly key: Buffer;
  /** Changes when one of the files does. */
  readonly stamp: string;
}

/** Codes of failures that happen before a request is sent. */
export type ConnectionErrorCode = "ConnectFailed" | "ConnectionClosed";

/**
 * Keeps one HTTP/2 session, to one of the servers; finds another when it breaks. A session whose
 * certificate files were replaced is given no new requests and ends with its last stream.
 */
export class Connection {
  private readonly config: ClientConfig;
  private readonly deps: ConnectionDeps;
  private readonly times: ConnectionTimes;
  private session: http2.ClientHttp2Session | null = null;
  private connecting: Promise<http2.ClientHttp2Session> | null = null;
  private stamp = "";
  /** Where the session leads. */
  private server = "";
  /** Answers in a row that said that the server cannot serve now. */
  private unserved = 0;
  private readonly endLeaving: () => void;
  private failedRounds = 0;
  private certificatesCheckedAtMs = 0;
  private readonly closing = new AbortController();

  constructor(config: ClientConfig, deps: ConnectionDeps, times: ConnectionTimes) {
    this.config = config;
    this.deps = deps;
    this.times = times;
    this.endLeaving = deps.servers.onLeave((url) => {
      if (url === this.server) this.session?.destroy(new Error("the server cannot serve"));
    });
  }

  /**
   * The live session, or a new one. Rejects with ConnectFailed when no server answered, or when the
   * signal aborts.
   */
  async acquire(signal: AbortSignal): Promise<http2.ClientHttp2Session> {
    if (this.closing.signal.aborted)
      throw new CodedError<ConnectionErrorCode>("ConnectionClosed", "the client was closed");
    const session = this.session;
    if (session !== null && !session.closed && !session.destroyed) return session;
    this.connecting ??= this.connect().finally(() => {
      this.connecting = null;
    });
    return await abortable(this.connecting, signal);
  }

  /**
   * Takes in how a call over the session ended: served, or not for a reason that another server may
   * not have. After a few of those in a row everybody leaves the server.
   */
  judge(served: boolean): void {
    this.unserved = served ? 0 : this.unserved + 1;
    if (this.unserved < UNSERVED_MAX) return;
    this.unserved = 0;
    this.deps.servers.leave(this.server);
  }

  /** Ends the session and every stream on it; nothing can be sent any more. */
  close(): void {
    this.closing.abort();
    this.endLeaving();
    this.session?.destroy();
    this.session = null;
  }

  private async connect(): Promise<http2.ClientHttp2Session> {
    if (this.failedRounds > 0) {
      const delayMs = jitteredBackoffMs(this.failedRounds - 1, BACKOFF, this.deps.random);
      await waitMs(this.deps.clock, delayMs, this.closing.signal);
    }
    const failures: string[] = [];
    const { servers } = this.deps;
    for (const server of servers.urls()) {
      if (this.closing.signal.aborted) break;
      try {
        const session = await this.connectTo(server);
        this.failedRounds = 0;
        return session;
      } catch (error) {
        failures.push(`${server}: ${messageOf(error)}`);
        servers.demote(server);
      }
    }
    this.failedRounds += 1;
    throw new CodedError<ConnectionErrorCode>("ConnectFailed", failures.join("; "));
  }

  private async connectTo(server: string): Promise<http2.ClientHttp2Session> {
    const { ca, cert, key, stamp } = await readCredentials(this.config);
    const session = http2.connect(server, {
      ca,
      cert,
      key,
      settings: { enablePush: false, initialWindowSize: STREAM_WINDOW_BYTES },
    });
    await this.untilConnected(session);
    if (this.closing.signal.aborted) {
      session.destroy();
      throw new CodedError<ConnectionErrorCode>("ConnectionClosed", "the client was closed");
    }
    session.setLocalWindowSize(SESSION_WINDOW_BYTES);
    this.session = session;
    this.server = server;
    this.unserved = 0;
    this.stamp = stamp;
    this.certificatesCheckedAtMs = this.deps.clock.monotonicMs();
    this.watchOver(session, server);
    return session;
  }

  private untilConnected(session: http2.ClientHttp2Session): Promise<void> {
    return new Promise((resolve, reject) => {
      const cancel = scheduleAwake(this.deps.clock, this.times.connectTimeoutMs, () => {
        session.destroy(new Error(`no connection in ${this.times.connectTimeoutMs} ms`));
      });
      // One listener for the session's whole life: an error after the connection ends its streams.
      session.on("error", (error) => {
        cancel();
        reject(error);
      });
      session.once("close", () => {
        cancel();
        reject(new Error("the server closed the connection"));
      });
      // The first SETTINGS frame shows that the other end accepted our certificate and speaks
      // HTTP/2.
      session.once("remoteSettings", () => {
        cancel();
        resolve();
      });
    });
  }

  /** Pings until the session ends; destroys it when a ping is not answered. */
  private watchOver(session: http2.ClientHttp2Session, server: string): void {
    const { clock, logger } = this.deps;
    let cancel = (): void => {};
    const forget = (): void => {
      if (this.session === session) this.session = null;
    };
    const ping = (): void => {
      if (session.destroyed) return;
      cancel = scheduleAwake(clock, this.times.pingTimeoutMs, () => {
        logger.warn("api server does not answer pings", { server });
        this.deps.servers.demote(server);
        session.destroy(new Error("the server does not answer pings"));
      });
      session.ping((error) => {
        cancel();
        if (error === null && !session.destroyed)
          cancel = clock.schedule(this.times.pingIntervalMs, ping);
      });
      this.maybeRetire(session);
    };
    session.once("goaway", forget);
    session.once("close", () => {
      cancel();
      forget();
    });
    cancel = clock.schedule(this.times.pingIntervalMs, ping);
  }

  private maybeRetire(session: http2.ClientHttp2Session): void {
    const nowMs = this.deps.clock.monotonicMs();
    if (this.session !== session) return;
    if (nowMs - this.certificatesCheckedAtMs < this.times.certificateCheckMs) return;
    this.certificatesCheckedAtMs = nowMs;
    stampOfFiles(this.config).then(
      (stamp) => {
        if (stamp === this.stamp || this.session !== session) return;
        this.deps.logger.info("client certificate changed, connecting anew");
        this.session = null;
        session.close();
      },
      (error: unknown) =>
        this.deps.logger.warn("client certificate files cannot be read", { error }),
    );
  }
}

async function readCredentials(config: ClientConfig): Promise<Credentials> {
  const [ca, cert, key] = await Promise.all(
    [config.caFile, config.certFile, config.keyFile].map(readWithStamp),
  );
  if (ca === undefined || cert === undefined || key === undefined)
    throw new CodedError<ConnectionErrorCode>("ConnectFailed", "credentials are missing");
  const stamp = `${ca.stamp} ${cert.stamp} ${key.stamp}`;
  return { ca: ca.bytes, cert: cert.bytes, key: key.bytes, stamp };
}

async function stampOfFiles(config: ClientConfig): Promise<string> {
  const files = [config.caFile, config.certFile, config.keyFile];
  return (await Promise.all(files.map(async (file) => stampOf(await stat(file))))).join(" ");
}

async function readWithStamp(file: string): Promise<{ bytes: Buffer; stamp: string }> {
  const handle = await open(file, "r");
  try {
    return { stamp: stampOf(await handle.stat()), bytes: await handle.readFile() };
  } finally {
    await handle.close();
  }
}

function stampOf({ ino, mtimeMs, size }: Stats): string {
  return `${ino}:${mtimeMs}:${size}`;
}

/** Waits for `promise` no longer than until the signal aborts; the promise itself goes on. */
function abortable<R>(promise: Promise<R>, signal: AbortSignal): Promise<R> {
  return new Promise((resolve, reject) => {
    const stop = (): void => reject(signal.reason);
    if (signal.aborted) return stop();
    signal.addEventListener("abort", stop, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener("abort", stop));
  });
}
