import { readFile } from "node:fs/promises";
import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from "node:http";
import { createServer, type Server } from "node:https";
import type { AddressInfo } from "node:net";
import type { Duplex } from "node:stream";
import { text } from "node:stream/consumers";
import type { TLSSocket } from "node:tls";
import type { JsonObject } from "../../api/schema/wire-types.js";
import type { TestServer } from "../test-server.js";

/** The group that the extension serves, in the version v1. */
export const GROUP = "wardle.example.com";
export const FLUNDERS = `/apis/${GROUP}/v1/namespaces/default/flunders`;
const V2 = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList";
const OPENAPI = `/openapi/v3/apis/${GROUP}/v1`;

export interface SeenRequest {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  /** Every value of a header that came several times. */
  readonly distinct: NodeJS.Dict<string[]>;
  readonly body: string;
  /** Of the client's certificate, which the authority of the front proxy has signed. */
  readonly commonName: string;
}

/** An extension API server on loopback over HTTPS: it keeps Flunders in its memory. */
export class TestExtension {
  readonly seen: SeenRequest[] = [];
  /** Whether discovery of everything in one document is answered, as by newer servers. */
  aggregated = true;
  readonly caBundle: string;
  private readonly server: Server;
  private readonly flunders = new Map<string, JsonObject>();
  private readonly watchers = new Set<ServerResponse>();
  private revision = 1;

  private constructor(server: Server, caBundle: string) {
    this.server = server;
    this.caBundle = caBundle;
  }

  /** Believes whoever the front proxy's authority of `server` has signed, and nobody else. */
  static async start(server: TestServer, port = 0): Promise<TestExtension> {
    const names = ["wardle.default.svc"];
    const { certFile, keyFile } = await server.authority.issue("wardle", "CN=wardle", names);
    const own = createServer({
      cert: await readFile(certFile),
      key: await readFile(keyFile),
      ca: await readFile(server.frontProxy.caFile),
      requestCert: true,
      rejectUnauthorized: true,
    });
    const ca = await readFile(server.authority.caFile);
    const extension = new TestExtension(own, ca.toString("base64"));
    own.on("request", (request, response) => void extension.answer(request, response));
    own.on("upgrade", (request, socket, head) => extension.upgrade(request, socket, head));
    await new Promise<void>((resolve) => own.listen(port, "127.0.0.1", resolve));
    return extension;
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  /** An APIService, and the Service `wardle` in default behind it: of a kind that needs endpoints, and one that needs none. */
  objects(): Readonly<Record<"service" | "external" | "api", JsonObject>> {
    const { port } = this;
    const service: JsonObject = { apiVersion: "v1", kind: "Service", metadata: { name: "wardle" } };
    return {
      service: { ...service, spec: { ports: [{ name: "https", port }] } },
      // Endpoints may not name loopback addresses.
      external: { ...service, spec: { type: "ExternalName", externalName: "localhost" } },
      api: {
        apiVersion: "apiregistration.k8s.io/v1",
        kind: "APIService",
        metadata: { name: `v1.${GROUP}` },
        spec: {
          group: GROUP,
          version: "v1",
          service: { namespace: "default", name: "wardle", port },
          caBundle: this.caBundle,
          groupPriorityMinimum: 2_000,
          versionPriority: 15,
        },
      },
    };
  }

  async close(): Promise<void> {
    if (!this.server.listening) return;
    this.server.closeAllConnections();
    await new Promise<void>((resolve) => void this.server.close(() => resolve()));
  }

  private note(request: IncomingMessage, body: string): void {
    const { method = "", url = "", headers, headersDistinct: distinct } = request;
    const commonName = (request.socket as TLSSocket).getPeerCertificate().subject.CN;
    this.seen.push({ method, url, headers, distinct, body, commonName: String(commonName) });
  }

  private async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await text(request);
    this.note(request, body);
    const url = new URL(request.url ?? "/", "https://localhost");
    const document = this.document(request, url, body);
    if (document === "watch") return this.watch(response);
    if (document === "redirect") {
      response.writeHead(302, { location: "https://elsewhere.example.com/" }).end();
      return;
    }
    const [status, type, value] = document;
    response.writeHead(status, { "content-type": type }).end(`${JSON.stringify(value)}\n`);
  }

  private document(
    request: IncomingMessage,
    { pathname, searchParams }: URL,
    body: string,
  ): readonly [status: number, type: string, value: JsonObject] | "watch" | "redirect" {
    const json = "application/json";
    const asksForAll = String(request.headers.accept).includes("as=APIGroupDiscoveryList");
    if (pathname === "/apis" && this.aggregated && asksForAll) return [200, V2, ALL];
    if (pathname === `/apis/${GROUP}/v1`) return [200, json, RESOURCES];
    if (pathname === "/openapi/v3") {
      const paths = { [`apis/${GROUP}/v1`]: { serverRelativeURL: `${OPENAPI}?hash=ABC` } };
      return [200, json, { paths }];
    }
    if (pathname === OPENAPI) return [200, json, { openapi: "3.0.0", info: { title: "wardle" } }];
    if (pathname === `${FLUNDERS}/elsewhere`) return "redirect";
    if (pathname === FLUNDERS && searchParams.has("watch")) return "watch";
    if (pathname === FLUNDERS && request.method === "POST") return [201, json, this.create(body)];
    if (pathname === FLUNDERS) return [200, json, this.list()];
    const name = pathname.slice(FLUNDERS.length + 1);
    const found = this.flunders.get(name);
    if (found === undefined || !pathname.startsWith(`${FLUNDERS}/`))
      return [404, json, notFound(name)];
    if (request.method === "DELETE") this.flunders.delete(name);
    return [200, json, found];
  }

  private create(body: string): JsonObject {
    const sent = JSON.parse(body) as { readonly metadata: { readonly name: string } };
    this.revision += 1;
    const metadata = {
      ...sent.metadata,
      namespace: "default",
      uid: `uid-${this.revision}`,
      resourceVersion: String(this.revision),
      creationTimestamp: "2026-01-01T00:00:00Z",
    };
    const flunder: JsonObject = { ...(sent as unknown as JsonObject), metadata };
    this.flunders.set(sent.metadata.name, flunder);
    const event = `${JSON.stringify({ type: "ADDED", object: flunder })}\n`;
    for (const watcher of this.watchers) watcher.write(event);
    return flunder;
  }

  private list(): JsonObject {
    const metadata = { resourceVersion: String(this.revision) };
    const items = [...this.flunders.values()];
    return { apiVersion: `${GROUP}/v1`, kind: "FlunderList", metadata, items };
  }

  private watch(response: ServerResponse): void {
    response.writeHead(200, { "content-type": "application/json" });
    response.flushHeaders();
    this.watchers.add(response);
    response.once("close", () => this.watchers.delete(response));
  }

  /** Says what it hears, under a protocol of its own. */
  private upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    this.note(request, "");
    if (request.url !== `${FLUNDERS}/one/echo`) {
      socket.end("HTTP/1.1 404 Not Found\r\nContent-Length: 6\r\n\r\nnobody");
      return;
    }
    const protocol = String(request.headers.upgrade);
    socket.write(`HTTP/1.1 101 Switching\r\nUpgrade: ${protocol}\r\nConnection: Upgrade\r\n\r\n`);
    socket.write(head);
    socket.on("error", () => socket.destroy());
    socket.pipe(socket);
  }
}

function notFound(name: string): JsonObject {
  const message = `flunders.${GROUP} "${name}" not found`;
  return {
    apiVersion: "v1",
    kind: "Status",
    metadata: {},
    status: "Failure",
    message,
    reason: "NotFound",
    code: 404,
  };
}

const VERBS = ["create", "delete", "get", "list", "watch"];

const RESOURCES: JsonObject = {
  kind: "APIResourceList",
  apiVersion: "v1",
  groupVersion: `${GROUP}/v1`,
  resources: [
    {
      name: "flunders",
      singularName: "flunder",
      namespaced: true,
      kind: "Flunder",
      verbs: VERBS,
      shortNames: ["fl"],
    },
    { name: "flunders/echo", singularName: "", namespaced: true, kind: "Flunder", verbs: ["get"] },
  ],
};

const KIND = { group: GROUP, version: "v1", kind: "Flunder" };

const ALL: JsonObject = {
  kind: "APIGroupDiscoveryList",
  apiVersion: "apidiscovery.k8s.io/v2",
  metadata: {},
  items: [
    {
      metadata: { name: GROUP, creationTimestamp: null },
      versions: [
        {
          version: "v1",
          freshness: "Current",
          resources: [
            {
              resource: "flunders",
              responseKind: KIND,
              scope: "Namespaced",
              singularResource: "flunder",
              verbs: VERBS,
              shortNames: ["fl"],
              subresources: [{ subresource: "echo", responseKind: KIND, verbs: ["get"] }],
            },
          ],
        },
      ],
    },
  ],
};
