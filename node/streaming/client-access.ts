import { createHash } from "node:crypto";
import type { IncomingMessage } from "node:http";
import type { PeerCertificate, TLSSocket } from "node:tls";
import type { ApiClient } from "../../api/client/client-types.js";
import { failure, type StatusBody, unauthorized } from "../../api/machinery/status.js";
import type { TokenReview } from "../../api/schema/types/authentication-v1.gen.js";
import type { SubjectAccessReview } from "../../api/schema/types/authorization-v1.gen.js";
import type { JsonValue } from "../../api/schema/wire-types.js";
import { messageOf } from "../../base/errors.js";
import type { Clock } from "../../base/clock.js";

/** Who asks, as a certificate or the API server says. */
interface User {
  readonly name: string;
  readonly uid: string;
  readonly groups: readonly string[];
  readonly extra: Readonly<Record<string, readonly string[]>>;
}

const API_SERVER_NAME = "kube-apiserver-kubelet-client";
const ADMIN_GROUP = "system:masters";
const REVIEWS = {
  token: "/apis/authentication.k8s.io/v1/tokenreviews",
  access: "/apis/authorization.k8s.io/v1/subjectaccessreviews",
};
/** How long the API server's word counts: what the kubelet's defaults are. */
const TOKEN_MS = 120_000;
const ALLOWED_MS = 300_000;
const DENIED_MS = 30_000;
const REMEMBERED_MAX = 1_000;
const SUBRESOURCES: readonly (readonly [prefix: string, subresource: string])[] = [
  ["/metrics", "metrics"],
  ["/stats", "stats"],
  ["/healthz", "healthz"],
  ["/pods", "pods"],
];
const VERBS: Readonly<Record<string, string>> = {
  GET: "get",
  HEAD: "get",
  POST: "create",
  PUT: "update",
  PATCH: "patch",
  DELETE: "delete",
};

/**
 * Who may use the agent's port. The API server and administrators show certificates of the
 * cluster's authority; of everybody else, who shows a certificate or a bearer token, the API
 * server is asked (TokenReview, SubjectAccessReview), as kubelets do: `nodes/metrics` suffices for
 * metrics, `nodes/stats` for /stats, `nodes/pods` for /pods, and `nodes/proxy` for everything.
 */
export class ClientAccess {
  private readonly client: Pick<ApiClient, "request">;
  private readonly nodeName: string;
  private readonly clock: Clock;
  private readonly users = new Remembered<User | null>();
  private readonly rights = new Remembered<boolean>();

  constructor(
    client: Pick<ApiClient, "request">,
    deps: { readonly nodeName: string; readonly clock: Clock },
  ) {
    this.client = client;
    this.nodeName = deps.nodeName;
    this.clock = deps.clock;
  }

  /** Null: the request may be served. A refusal tells strangers nothing of the path. */
  async refuse(request: IncomingMessage): Promise<StatusBody | null> {
    const certified = userOfCertificate(request.socket as TLSSocket);
    if (certified !== null && isTrusted(certified)) return null;
    try {
      const user = certified ?? (await this.userOfToken(bearerToken(request)));
      if (user === null) return unauthorized();
      const verb = VERBS[request.method ?? "GET"] ?? "";
      const subresource = subresourceOf(request.url ?? "/");
      for (const one of new Set([subresource, "proxy"]))
        if (await this.mayUse(user, { verb, subresource: one })) return null;
      const what = `verb=${verb}, resource=nodes, subresource(s)=[${subresource}]`;
      return failure(403, "Forbidden", `Forbidden (user=${user.name}, ${what})`);
    } catch (error) {
      const message = `the API server could not be asked who may enter: ${messageOf(error)}`;
      return failure(503, "ServiceUnavailable", message);
    }
  }

  private async userOfToken(token: string | null): Promise<User | null> {
    if (token === null) return null;
    // Tokens are not kept.
    const key = createHash("sha256").update(token).digest("base64");
    const nowMs = this.clock.monotonicMs();
    const known = this.users.get(key, nowMs);
    if (known !== undefined) return known;
    const review = { apiVersion: "authentication.k8s.io/v1", kind: "TokenReview", spec: { token } };
    const answer = await this.client.request("POST", REVIEWS.token, { body: review });
    const { status } = answer as unknown as TokenReview;
    const { username: name = "", uid = "", groups = [], extra = {} } = status?.user ?? {};
    const user = status?.authenticated === true ? { name, uid, groups, extra } : null;
    this.users.set(key, user, nowMs + (user === null ? DENIED_MS : TOKEN_MS));
    return user;
  }

  private async mayUse(
    { name, uid, groups, extra }: User,
    { verb, subresource }: { readonly verb: string; readonly subresource: string },
  ): Promise<boolean> {
    const spec = {
      user: name,
      uid,
      groups,
      extra,
      resourceAttributes: {
        verb,
        version: "v1",
        resource: "nodes",
        subresource,
        name: this.nodeName,
      },
    };
    const key = JSON.stringify(spec);
    const nowMs = this.clock.monotonicMs();
    const known = this.rights.get(key, nowMs);
    if (known !== undefined) return known;
    const review = { apiVersion: "authorization.k8s.io/v1", kind: "SubjectAccessReview", spec };
    const body = review as unknown as JsonValue;
    const answer = await this.client.request("POST", REVIEWS.access, { body });
    const allowed = (answer as unknown as SubjectAccessReview).status?.allowed === true;
    this.rights.set(key, allowed, nowMs + (allowed ? ALLOWED_MS : DENIED_MS));
    return allowed;
  }
}

/** Null: no certificate of the cluster's authority. */
function userOfCertificate(socket: TLSSocket): User | null {
  if (!socket.authorized) return null;
  // The types leave out that there may be none.
  const subject = socket.getPeerCertificate().subject as PeerCertificate["subject"] | undefined;
  if (subject === undefined) return null;
  const [name = ""] = [subject.CN].flat();
  return { name, uid: "", groups: [subject.O ?? []].flat(), extra: {} };
}

function isTrusted({ name, groups }: User): boolean {
  return name === API_SERVER_NAME || groups.includes(ADMIN_GROUP);
}

function bearerToken({ headers }: IncomingMessage): string | null {
  return /^bearer +(\S+)$/i.exec(headers.authorization ?? "")?.[1] ?? null;
}

/** What of a node's subresources a path belongs to; `proxy` stands for all of them. */
function subresourceOf(url: string): string {
  const path = url.split("?")[0] ?? "";
  const found = SUBRESOURCES.find(([prefix]) => path === prefix || path.startsWith(`${prefix}/`));
  return found?.[1] ?? "proxy";
}

/** The newest answers, each until its time has passed. */
class Remembered<T> {
  private readonly answers = new Map<string, { readonly value: T; readonly untilMs: number }>();

  /** Undefined: not known, or not any more. */
  get(key: string, nowMs: number): T | undefined {
    const found = this.answers.get(key);
    return found === undefined || nowMs >= found.untilMs ? undefined : found.value;
  }

  set(key: string, value: T, untilMs: number): void {
    this.answers.delete(key);
    this.answers.set(key, { value, untilMs });
    const [oldest] = this.answers.keys();
    if (this.answers.size > REMEMBERED_MAX && oldest !== undefined) this.answers.delete(oldest);
  }
}
