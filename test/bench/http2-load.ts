import { readFileSync } from "node:fs";
import { connect, type ClientHttp2Session, type ClientHttp2Stream } from "node:http2";
import { join } from "node:path";

/** As Go's clients have them: with Node.js' 64 KB each list waits for its reader all the time. */
const STREAM_WINDOW = 4 << 20;
const CONNECTION_WINDOW = 1 << 30;

/**
 * Raw HTTP/2 with the administrator's certificate: a client thin enough not to be what is measured.
 */
export class Http2Load {
  private readonly sessions: ClientHttp2Session[];
  private next = 0;

  constructor(endpoint: string, options: { pkiDir: string; connections: number }) {
    const read = (name: string): Buffer => readFileSync(join(options.pkiDir, name));
    const tls = { ca: read("ca.crt"), cert: read("admin.crt"), key: read("admin.key") };
    this.sessions = Array.from({ length: options.connections }, () => {
      const session = connect(endpoint, { ...tls, settings: { initialWindowSize: STREAM_WINDOW } });
      session.once("connect", () => session.setLocalWindowSize(CONNECTION_WINDOW));
      return session;
    });
  }

  /** One request; resolves with the status and the number of bytes of the body as it came. */
  call(
    method: string,
    path: string,
    body?: string,
    headers: Readonly<Record<string, string>> = {},
  ): Promise<{ status: number; bytes: number }> {
    return new Promise((resolve, reject) => {
      const stream = this.open(method, path, body, headers);
      let status = 0;
      let bytes = 0;
      stream.on("response", (headers) => (status = headers[":status"] ?? 0));
      stream.on("data", (chunk: Buffer) => (bytes += chunk.length));
      stream.on("end", () => resolve({ status, bytes }));
      stream.on("error", reject);
    });
  }

  /** The body of a GET as text. */
  async text(path: string): Promise<string> {
    const stream = this.open("GET", path);
    const chunks: Buffer[] = [];
    for await (const chunk of stream) chunks.push(chunk as Buffer);
    return Buffer.concat(chunks).toString();
  }

  /** Opens a stream on the next connection in turn. */
  open(
    method: string,
    path: string,
    body?: string,
    headers: Readonly<Record<string, string>> = {},
  ): ClientHttp2Stream {
    const session = this.sessions[this.next % this.sessions.length];
    this.next += 1;
    if (session === undefined) throw new Error("no connections");
    const stream = session.request(
      {
        ":method": method,
        ":path": path,
        accept: "application/json",
        ...(body === undefined ? {} : { "content-type": "application/json" }),
        ...headers,
      },
      { endStream: body === undefined },
    );
    if (body !== undefined) stream.end(body);
    return stream;
  }

  /**
   * Runs `count` requests, `clients` at a time, each as soon as the one before it on its client
   * ended. Throws when an answer is not 2xx. Returns how long each took and how long all took.
   */
  async drive(
    count: number,
    options: {
      clients: number;
      request: (n: number) => [string, string, string?];
      headers?: Readonly<Record<string, string>>;
    },
  ): Promise<{ timesMs: number[]; totalMs: number; bytes: number }> {
    const timesMs: number[] = [];
    let started = 0;
    let bytes = 0;
    const startMs = performance.now();
    const client = async (): Promise<void> => {
      while (started < count) {
        const n = started;
        started += 1;
        const beforeMs = performance.now();
        const [method, path, body] = options.request(n);
        const answer = await this.call(method, path, body, options.headers);
        if (answer.status >= 300) throw new Error(`${method} ${path}: ${answer.status}`);
        timesMs.push(performance.now() - beforeMs);
        bytes += answer.bytes;
      }
    };
    await Promise.all(Array.from({ length: options.clients }, client));
    return { timesMs, totalMs: performance.now() - startMs, bytes };
  }

  close(): void {
    for (const session of this.sessions) session.destroy();
  }
}
