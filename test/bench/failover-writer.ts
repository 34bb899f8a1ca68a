import { readFileSync } from "node:fs";
import { type ClientHttp2Session, connect } from "node:http2";
import { join } from "node:path";

const RATE_PER_SECOND = 200;
/** A write without an answer by then is given up, and the next one goes to another server. */
const WRITE_TIMEOUT_MS = 400;
/** A host whose processes stand still takes connections too; its handshake never ends. */
const CONNECT_TIMEOUT_MS = 500;
const CONNECT_AGAIN_MS = 50;
const IN_FLIGHT_MAX = 2_000;

/** When a write was sent and acknowledged, on the monotonic clock, in milliseconds. */
export interface Acknowledged {
  readonly sentMs: number;
  readonly ackMs: number;
}

/**
 * An HTTPS client that creates ConfigMaps at a steady rate, whether or not those before were
 * answered. It talks to one server until that fails, then calls the others (the only one again, and
 * all where none of the others answers) and goes on with whichever is there first.
 */
export class FailoverWriter {
  readonly acknowledged: Acknowledged[] = [];
  failed = 0;
  private readonly servers: readonly string[];
  private readonly tls: { readonly ca: Buffer; readonly cert: Buffer; readonly key: Buffer };
  private readonly label: string;
  private session: ClientHttp2Session | null = null;
  /** The server of that session, or of the last one. */
  private current: string | null = null;
  private readonly dialling = new Set<ClientHttp2Session>();
  private sent = 0;
  private inFlight = 0;
  private connectAtMs = 0;
  private startedMs = performance.now();
  private isPaused = false;
  private readonly timer: NodeJS.Timeout;
  private waiters: { readonly afterMs: number; readonly resolve: (at: Acknowledged) => void }[] =
    [];

  constructor(servers: readonly string[], { pkiDir, label }: { pkiDir: string; label: string }) {
    const read = (name: string): Buffer => readFileSync(join(pkiDir, name));
    this.servers = servers;
    this.label = label;
    this.tls = { ca: read("ca.crt"), cert: read("admin.crt"), key: read("admin.key") };
    this.timer = setInterval(() => this.writeDue(), 1000 / RATE_PER_SECOND);
  }

  /** Resolves with the first acknowledged write that was sent after that time. */
  firstAfter(afterMs: number): Promise<Acknowledged> {
    return new Promise((resolve) => this.waiters.push({ afterMs, resolve }));
  }

  /** The longest time between two acknowledgements within a span that began then. */
  longestGapSince(sinceMs: number): number {
    let last = sinceMs;
    let longest = 0;
    for (const { ackMs } of this.acknowledged) {
      if (ackMs < sinceMs) continue;
      longest = Math.max(longest, ackMs - last);
      last = ackMs;
    }
    return longest;
  }

  /** Forgets what was acknowledged so far. */
  forget(): void {
    this.acknowledged.length = 0;
  }

  /** Writes no more until it is to go on. */
  pause(): void {
    this.isPaused = true;
  }

  goOn(): void {
    this.isPaused = false;
    this.startedMs = performance.now() - (this.sent * 1000) / RATE_PER_SECOND;
  }

  stop(): void {
    clearInterval(this.timer);
    this.session?.destroy();
    for (const session of this.dialling) session.destroy();
  }

  /** As many as the rate asks for by now: a timer that is late loses none. */
  private writeDue(): void {
    if (this.isPaused) return;
    const due = ((performance.now() - this.startedMs) * RATE_PER_SECOND) / 1000;
    while (this.sent < due) {
      this.sent += 1;
      if (this.inFlight < IN_FLIGHT_MAX) this.write(this.sent);
    }
  }

  private write(n: number): void {
    const { session } = this;
    if (session === null) {
      this.failed += 1;
      if (this.dialling.size === 0) this.dial();
      return;
    }
    const sentMs = performance.now();
    const body = JSON.stringify({
      apiVersion: "v1",
      kind: "ConfigMap",
      metadata: { name: `${this.label}-${n}` },
    });
    const stream = session.request({
      ":method": "POST",
      ":path": "/api/v1/namespaces/default/configmaps",
      "content-type": "application/json",
    });
    this.inFlight += 1;
    let status = 0;
    const timer = setTimeout(() => stream.destroy(), WRITE_TIMEOUT_MS);
    stream.on("response", (headers) => {
      status = headers[":status"] ?? 0;
      if (status === 201) this.acknowledge({ sentMs, ackMs: performance.now() });
    });
    stream.on("error", () => {});
    stream.on("close", () => {
      clearTimeout(timer);
      this.inFlight -= 1;
      if (status === 201) return;
      this.failed += 1;
      this.leave(session);
    });
    stream.resume();
    stream.end(body);
  }

  private acknowledge(one: Acknowledged): void {
    this.acknowledged.push(one);
    const told = this.waiters.filter(({ afterMs }) => one.sentMs >= afterMs);
    this.waiters = this.waiters.filter((waiter) => !told.includes(waiter));
    for (const { resolve } of told) resolve(one);
  }

  /** Looks for another server, unless that was done already on account of another write. */
  private leave(session: ClientHttp2Session): void {
    if (this.session !== session) return;
    this.session = null;
    session.destroy();
    this.connectAtMs = 0;
    this.dial();
  }

  private dial(): void {
    const nowMs = performance.now();
    if (nowMs < this.connectAtMs) return;
    this.connectAtMs = nowMs + CONNECT_AGAIN_MS;
    const others = this.servers.filter((server) => server !== this.current);
    // When none of the others answers, the one that was left is called as well.
    this.current = null;
    for (const server of others.length > 0 ? others : this.servers) this.call(server);
  }

  private call(server: string): void {
    const session = connect(server, this.tls);
    const timer = setTimeout(() => session.destroy(), CONNECT_TIMEOUT_MS);
    this.dialling.add(session);
    session.once("connect", () => {
      clearTimeout(timer);
      this.dialling.delete(session);
      for (const other of this.dialling) other.destroy();
      if (this.session !== null) return session.destroy();
      this.session = session;
      this.current = server;
    });
    session.on("error", () => this.leave(session));
    session.on("close", () => {
      clearTimeout(timer);
      this.dialling.delete(session);
      this.leave(session);
    });
  }
}
