import { execFile } from "node:child_process";
import { createPublicKey, generateKeyPairSync } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdtemp, readFile, rename, rm, writeFile } from "node:fs/promises";
import { type ClientHttp2Session, connect } from "node:http2";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  type TestAuthority,
  type TestIdentity,
  createTestAuthority,
} from "../api/streaming/test-certificates.js";
import { realClock } from "../api/streaming/test-clock.js";
import { kubectlPath } from "../api/streaming/test-kubectls.js";
import { type LogLevel, createLogger } from "../base/logger.js";
import { type Store, openStore } from "../consensus/consensus.js";
import { type RunningApiServer, startApiServer } from "./api-server.js";
import type { ServiceAccountOptions } from "./auth/token-keys.js";

/** Who a test request comes from; the names of client certificates. */
export type TestCaller = "admin" | "controllers" | "scheduler" | "node-1" | "nobody" | "anonymous";

const SUBJECTS: Readonly<Record<Exclude<TestCaller, "anonymous">, string>> = {
  admin: "CN=kubernetes-admin, O=system:masters",
  controllers: "CN=system:kube-controller-manager",
  scheduler: "CN=system:kube-scheduler",
  "node-1": "CN=system:node:node-1, O=system:nodes",
  nobody: "CN=nobody",
};

export interface TestAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  readonly bytes: Buffer;
  /** Decoded JSON; undefined when it is none. */
  readonly body: Readonly<Record<string, unknown>>;
}

export interface TestRequest {
  readonly as?: TestCaller;
  /** Sent as JSON unless it is a string or bytes. */
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

/** A stream of JSON documents, one a line. */
export interface TestStream {
  readonly status: number;
  readonly headers: TestAnswer["headers"];
  /**
   * The next document; null when the server ended the stream. Rejects after ten seconds without
   * one.
   */
  next(): Promise<Readonly<Record<string, unknown>> | null>;
  close(): void;
}

/** A real server on loopback over HTTPS, with a store of its own in a temporary folder. */
export class TestServer {
  readonly authority: TestAuthority;
  /** That of the identity with which extension API servers are called. */
  readonly frontProxy: TestAuthority;
  readonly store: Store;
  readonly server: RunningApiServer;
  readonly dir: string;
  private readonly sessions = new Map<TestCaller, ClientHttp2Session>();
  private readonly identities: ReadonlyMap<TestCaller, TestIdentity>;

  private constructor(parts: {
    authority: TestAuthority;
    frontProxy: TestAuthority;
    store: Store;
    server: RunningApiServer;
    dir: string;
    identities: ReadonlyMap<TestCaller, TestIdentity>;
  }) {
    this.authority = parts.authority;
    this.frontProxy = parts.frontProxy;
    this.store = parts.store;
    this.server = parts.server;
    this.dir = parts.dir;
    this.identities = parts.identities;
  }

  /**
   * Serves from `given`, or from a store of its own, on any port unless one is named; closes it at
   * the end.
   */
  static async start(given: Store | null = null, port = 0): Promise<TestServer> {
    const authority = await createTestAuthority();
    const frontProxy = await createTestAuthority();
    const dir = await mkdtemp(join(tmpdir(), "raftsman-apiserver-"));
    const store =
      given ?? (await openStore({ dataDir: join(dir, "data"), name: "test", fsync: false }));
    const identities = new Map<TestCaller, TestIdentity>();
    for (const [caller, subject] of Object.entries(SUBJECTS)) {
      identities.set(caller as TestCaller, await authority.issue(caller, subject));
    }
    const server = await startTestApi({ authority, frontProxy }, { store, port }).catch(
      async (error: unknown) => {
        await store.close();
        throw error;
      },
    );
    return new TestServer({ authority, frontProxy, store, server, dir, identities });
  }

  get url(): string {
    return `https://127.0.0.1:${this.server.port}`;
  }

  /** Sends one request over HTTP/2. */
  async send(method: string, path: string, request: TestRequest = {}): Promise<TestAnswer> {
    const session = await this.session(request.as ?? "admin");
    const bytes = bodyBytes(request.body);
    const headersSent = {
      ":method": method,
      ":path": path,
      ...(bytes === null ? {} : { "content-type": "application/json" }),
      ...request.headers,
    };
    // A DELETE may carry a body too.
    const stream = session.request(headersSent, { endStream: bytes === null });
    if (bytes !== null) stream.end(bytes);
    const headers = await new Promise<TestAnswer["headers"]>((resolve, reject) => {
      stream.once("response", resolve);
      stream.once("error", reject);
    });
    const chunks: Buffer[] = [];
    for await (const chunk of stream) chunks.push(chunk as Buffer);
    const all = Buffer.concat(chunks);
    return { status: Number(headers[":status"]), headers, bytes: all, body: parsed(all) };
  }

  /** Opens a stream of JSON lines, such as a watch. */
  async open(path: string, as: TestCaller = "admin"): Promise<TestStream> {
    const session = await this.session(as);
    const stream = session.request({ ":path": path });
    stream.end();
    const headers = await new Promise<TestAnswer["headers"]>((resolve, reject) => {
      stream.once("response", resolve);
      stream.once("error", reject);
    });
    const lines = linesOf(stream)[Symbol.asyncIterator]();
    return {
      status: Number(headers[":status"]),
      headers,
      next: async () => {
        const { value, done } = await within(10_000, lines.next());
        return done === true ? null : (JSON.parse(value) as Readonly<Record<string, unknown>>);
      },
      close: () => stream.close(),
    };
  }

  /** Runs one of the installed kubectls, such as "1.33", as the admin. */
  async kubectl(
    version: string,
    args: readonly string[],
    stdin = "",
  ): Promise<{ readonly code: number; readonly stdout: string; readonly stderr: string }> {
    const kubeconfig = await this.kubeconfig();
    return new Promise((resolve) => {
      const child = execFile(
        kubectlPath(version),
        ["--kubeconfig", kubeconfig, ...args],
        { env: { ...process.env, HOME: this.dir }, maxBuffer: 64 * 1024 * 1024 },
        (error, stdout, stderr) => {
          const code = error === null ? 0 : Number(error.code ?? 1);
          resolve({ code, stdout, stderr });
        },
      );
      child.stdin?.end(stdin);
    });
  }

  async kubeconfig(): Promise<string> {
    const path = join(this.dir, "kubeconfig");
    const { certFile, keyFile } = this.identityOf("admin");
    const config = {
      apiVersion: "v1",
      kind: "Config",
      "current-context": "test",
      contexts: [{ name: "test", context: { cluster: "test", user: "admin" } }],
      clusters: [
        {
          name: "test",
          cluster: { server: this.url, "certificate-authority": this.authority.caFile },
        },
      ],
      users: [{ name: "admin", user: { "client-certificate": certFile, "client-key": keyFile } }],
    };
    await writeFile(path, JSON.stringify(config), { mode: 0o600 });
    return path;
  }

  async close(): Promise<void> {
    for (const session of this.sessions.values()) session.destroy();
    await this.server.close();
    await this.store.close();
    await rm(this.dir, { recursive: true, force: true });
    await this.authority.remove();
    await this.frontProxy.remove();
  }

  private identityOf(caller: Exclude<TestCaller, "anonymous">): TestIdentity {
    const identity = this.identities.get(caller);
    if (identity === undefined) throw new Error(`no test identity ${caller}`);
    return identity;
  }

  private async session(caller: TestCaller): Promise<ClientHttp2Session> {
    const known = this.sessions.get(caller);
    if (known !== undefined && !known.closed) return known;
    const ca = await readFile(this.authority.caFile);
    const files = caller === "anonymous" ? null : this.identityOf(caller);
    const credentials =
      files === null
        ? {}
        : { cert: await readFile(files.certFile), key: await readFile(files.keyFile) };
    const session = connect(this.url, { ca, ...credentials });
    session.on("error", () => {});
    this.sessions.set(caller, session);
    return session;
  }
}

async function startTestApi(
  { authority, frontProxy }: Pick<TestServer, "authority" | "frontProxy">,
  { store, port }: { readonly store: Store; readonly port: number },
): Promise<RunningApiServer> {
  const serving = await authority.issue("serving", "CN=kube-apiserver");
  const agents = await authority.issue("agents", "CN=kube-apiserver-kubelet-client");
  const proxy = await frontProxy.issue("front-proxy-client", "CN=front-proxy-client");
  const level = (process.env["TEST_LOG"] ?? "error") as LogLevel;
  return startApiServer({
    store,
    listen: { host: "127.0.0.1", port },
    tls: { ...serving, clientCaFile: authority.caFile },
    kubeletClient: { ...agents, caFile: authority.caFile },
    frontProxy: { ...proxy, caFile: frontProxy.caFile },
    serviceAccount: await testServiceAccountKeys(authority.dir),
    serviceCidr: "10.96.0.0/16",
    advertiseAddress: "192.0.2.1",
    version: "0.0.0-test",
    logger: createLogger((line) => process.stderr.write(line), {
      level,
      timestamp: () => new Date().toISOString(),
    }),
    clock: realClock,
  });
}

/** One key for all tests of a build: to find its primes takes longer than the server's start. */
async function testServiceAccountKeys(dir: string): Promise<ServiceAccountOptions> {
  const signingKeyFile = join(import.meta.dirname, "test-service-accounts.key");
  const publicKeyFile = join(dir, "sa.pub");
  if (!existsSync(signingKeyFile)) {
    const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2_048 });
    const pem = privateKey.export({ type: "pkcs8", format: "pem" });
    // Another test may make one meanwhile: either does, half of one would not.
    const made = `${signingKeyFile}.${process.pid}`;
    await writeFile(made, pem, { mode: 0o600 });
    await rename(made, signingKeyFile);
  }
  const publicKey = createPublicKey(await readFile(signingKeyFile));
  await writeFile(publicKeyFile, publicKey.export({ type: "spki", format: "pem" }));
  const issuer = "https://kubernetes.default.svc.cluster.local";
  return { signingKeyFile, publicKeyFiles: [publicKeyFile], issuer };
}

function bodyBytes(body: unknown): Buffer | null {
  if (body === undefined) return null;
  if (Buffer.isBuffer(body)) return body;
  return Buffer.from(typeof body === "string" ? body : JSON.stringify(body));
}

function parsed(bytes: Buffer): TestAnswer["body"] {
  try {
    return JSON.parse(bytes.toString()) as TestAnswer["body"];
  } catch {
    return {};
  }
}

async function* linesOf(stream: AsyncIterable<unknown>): AsyncGenerator<string> {
  let rest = "";
  for await (const chunk of stream) {
    const lines = (rest + String(chunk)).split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) if (line !== "") yield line;
  }
}

async function within<T>(limitMs: number, promise: Promise<T>): Promise<T> {
  let cancel = (): void => {};
  const late = new Promise<never>((_resolve, reject) => {
    cancel = realClock.schedule(limitMs, () => reject(new Error("nothing came in time")));
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    cancel();
  }
}
