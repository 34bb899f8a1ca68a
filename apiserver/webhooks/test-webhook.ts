import { readFile } from "node:fs/promises";
import { createServer, type Server } from "node:https";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import type { TestAuthority } from "../../api/streaming/test-certificates.js";
import type { JsonObject, JsonValue } from "../../api/schema/wire-types.js";

/** What an admission webhook is asked: AdmissionReview.request. */
export interface TestReviewRequest {
  readonly uid: string;
  readonly name?: string;
  readonly namespace?: string;
  readonly operation: string;
  readonly kind: { readonly [field: string]: string };
  readonly resource: { readonly [field: string]: string };
  readonly subResource?: string;
  readonly requestKind: JsonObject;
  readonly requestResource: JsonObject;
  readonly object: JsonObject | null;
  readonly oldObject: JsonObject | null;
  readonly options: JsonObject | null;
  readonly dryRun: boolean;
  readonly userInfo: JsonObject;
}

/** The response to one request; null: no answer ever comes. */
export type TestVerdict = (request: TestReviewRequest) => JsonObject | null;

/** Certificates name the server so when it stands behind the Service hook in default. */
export const TEST_SERVICE_HOST = "hook.default.svc";

/** A webhook on loopback over HTTPS; every path has a verdict of its own. */
export class TestWebhook {
  /** What was asked, in order, with its path. */
  readonly seen: {
    readonly path: string;
    readonly query: string;
    readonly request: TestReviewRequest;
  }[] = [];
  /** Connections that were ever made to it. */
  connections = 0;
  private readonly server: Server;
  private readonly caBundle: string;
  private readonly answers = new Map<string, (document: JsonObject) => JsonValue | null>();

  private constructor(server: Server, caBundle: string) {
    this.server = server;
    this.caBundle = caBundle;
  }

  static async start(authority: TestAuthority): Promise<TestWebhook> {
    const { certFile, keyFile } = await authority.issue("hook", "CN=hook", [TEST_SERVICE_HOST]);
    const tls = { cert: await readFile(certFile), key: await readFile(keyFile) };
    const server = createServer(tls);
    const ca = await readFile(authority.caFile);
    const hook = new TestWebhook(server, ca.toString("base64"));
    server.on("secureConnection", () => {
      hook.connections += 1;
    });
    server.on("request", (request, response) => {
      const [path = "", query = ""] = (request.url ?? "").split("?");
      void text(request).then((body) => {
        const answer = hook.answers.get(path);
        if (answer === undefined) return response.writeHead(404).end("nobody here");
        const document = answer(JSON.parse(body) as JsonObject);
        if (document === null) return undefined;
        return response.setHeader("content-type", "application/json").end(JSON.stringify(document));
      });
      hook.lastQuery = query;
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    return hook;
  }

  private lastQuery = "";

  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  /** Answers reviews on this path; `apiVersion` is that of the question. */
  on(path: string, verdict: TestVerdict): void {
    this.raw(path, (review) => {
      const request = review["request"] as unknown as TestReviewRequest;
      this.seen.push({ path, query: this.lastQuery, request });
      const response = verdict(request);
      if (response === null) return null;
      const { apiVersion = "", kind = "" } = review;
      return { apiVersion, kind, response: { uid: request.uid, ...response } };
    });
  }

  /** Answers anything on this path. */
  raw(path: string, answer: (document: JsonObject) => JsonValue | null): void {
    this.answers.set(path, answer);
  }

  clientConfig(path: string): JsonObject {
    return { url: `https://127.0.0.1:${this.port}${path}`, caBundle: this.caBundle };
  }

  /** The same behind the Service `hook` in default, which is to name localhost. */
  serviceConfig(path: string): JsonObject {
    const service = { namespace: "default", name: "hook", path, port: this.port };
    return { service, caBundle: this.caBundle };
  }

  /** What was asked on this path. */
  requests(path: string): readonly TestReviewRequest[] {
    return this.seen.filter((each) => each.path === path).map(({ request }) => request);
  }

  async close(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise<void>((resolve) => void this.server.close(() => resolve()));
  }
}

export const ALLOW: JsonObject = { allowed: true };

export function deny(message: string, more: JsonObject = {}): JsonObject {
  return { allowed: false, status: { message, ...more } };
}

/** Allows the write and changes it. */
export function patched(...operations: readonly JsonObject[]): JsonObject {
  const patch = Buffer.from(JSON.stringify(operations)).toString("base64");
  return { allowed: true, patchType: "JSONPatch", patch };
}
