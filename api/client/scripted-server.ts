import "reflect-metadata";
import { webcrypto } from "node:crypto";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import http2 from "node:http2";
import type { AddressInfo } from "node:net";
import os from "node:os";
import path from "node:path";
import type { TLSSocket } from "node:tls";
import * as x509 from "@peculiar/x509";
import { connectionsOf } from "../../base/connections.js";
import type { ClientConfig } from "./client-types.js";

/** One request as the scripted server saw it. */
export interface SeenRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: http2.IncomingHttpHeaders;
  readonly body: string;
  /** Common name of the client's certificate. */
  readonly user: string;
}

/** Answers one request on its stream. */
export type Answer = (request: SeenRequest, stream: http2.ServerHttp2Stream) => void;

/** An HTTPS server that answers as a test tells it, and the files a client needs to reach it. */
export interface ScriptedServer {
  readonly config: ClientConfig;
  readonly requests: readonly SeenRequest[];
  answer: Answer;
  /** Sessions that are open now. */
  readonly sessions: ReadonlySet<http2.ServerHttp2Session>;
  /** Closes every session and stops listening. */
  stop(): Promise<void>;
}

/** A certificate authority in a temporary folder, for tests. */
export interface TestAuthority {
  readonly folder: string;
  readonly caFile: string;
  /** Writes a certificate and its key; the paths. */
  issue(commonName: string): Promise<{ certFile: string; keyFile: string }>;
  remove(): Promise<void>;
}

const ALGORITHM = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" } as const;

/** Makes an authority; `remove` deletes its folder. */
export async function createTestAuthority(): Promise<TestAuthority> {
  x509.cryptoProvider.set(webcrypto as never);
  const folder = await mkdtemp(path.join(os.tmpdir(), "raftsman-client-"));
  const keys = await webcrypto.subtle.generateKey(ALGORITHM, true, ["sign", "verify"]);
  const dates = { notBefore: new Date(Date.now() - 60_000), notAfter: new Date(2 ** 41) };
  const root = await x509.X509CertificateGenerator.createSelfSigned({
    ...dates,
    name: "CN=test-ca",
    keys,
    signingAlgorithm: ALGORITHM,
    extensions: [new x509.BasicConstraintsExtension(true, undefined, true)],
  });
  const caFile = path.join(folder, "ca.crt");
  await writeFile(caFile, root.toString("pem"));
  const issue = async (commonName: string): Promise<{ certFile: string; keyFile: string }> => {
    const own = await webcrypto.subtle.generateKey(ALGORITHM, true, ["sign", "verify"]);
    const certificate = await x509.X509CertificateGenerator.create({
      ...dates,
      subject: `CN=${commonName}`,
      issuer: root.subject,
      publicKey: own.publicKey,
      signingKey: keys.privateKey,
      signingAlgorithm: ALGORITHM,
      extensions: [
        new x509.SubjectAlternativeNameExtension([
          { type: "dns", value: "localhost" },
          { type: "ip", value: "127.0.0.1" },
        ]),
      ],
    });
    const certFile = path.join(folder, `${commonName}.crt`);
    const keyFile = path.join(folder, `${commonName}.key`);
    const pkcs8 = await webcrypto.subtle.exportKey("pkcs8", own.privateKey);
    await writeFile(certFile, certificate.toString("pem"));
    await writeFile(keyFile, x509.PemConverter.encode(pkcs8, "PRIVATE KEY"), { mode: 0o600 });
    return { certFile, keyFile };
  };
  return { folder, caFile, issue, remove: () => rm(folder, { recursive: true, force: true }) };
}

/** Starts a server on a port of its own; clients connect as `client`. */
export async function startScriptedServer(
  authority: TestAuthority,
  answer: Answer,
): Promise<ScriptedServer> {
  const own = await authority.issue("server");
  const client = await authority.issue("client");
  const sessions = new Set<http2.ServerHttp2Session>();
  const requests: SeenRequest[] = [];
  const server = http2.createSecureServer({
    key: await readFile(own.keyFile),
    cert: await readFile(own.certFile),
    ca: await readFile(authority.caFile),
    requestCert: true,
    rejectUnauthorized: true,
  });
  const connections = connectionsOf(server);
  server.on("session", (session) => {
    sessions.add(session);
    session.once("close", () => sessions.delete(session));
  });
  server.on("stream", (stream, headers) => {
    stream.on("error", () => {}); // A client that hangs up is part of the tests.
    const chunks: Buffer[] = [];
    stream.on("data", (chunk: Buffer) => chunks.push(chunk));
    stream.on("end", () => {
      const socket = stream.session?.socket as TLSSocket | undefined;
      const request: SeenRequest = {
        method: headers[":method"] ?? "",
        path: headers[":path"] ?? "",
        headers,
        body: Buffer.concat(chunks).toString(),
        user: String(socket?.getPeerCertificate().subject?.CN ?? ""),
      };
      requests.push(request);
      scripted.answer(request, stream);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  const scripted: ScriptedServer = {
    config: {
      servers: [`https://127.0.0.1:${port}`],
      caFile: authority.caFile,
      ...client,
      userAgent: "test",
    },
    requests,
    answer,
    sessions,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        connections.destroy();
      }),
  };
  return scripted;
}

/** Answers with a JSON document. */
export function sendJson(
  stream: http2.ServerHttp2Stream,
  value: unknown,
  { status = 200, headers = {} }: { status?: number; headers?: Record<string, string> } = {},
): void {
  stream.respond({ ":status": status, "content-type": "application/json", ...headers });
  stream.end(JSON.stringify(value));
}
