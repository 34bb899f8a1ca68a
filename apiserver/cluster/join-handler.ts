import { badRequest, methodNotAllowedHere, unauthorized } from "../../api/machinery/status.js";
import type { Clock } from "../../base/clock.js";
import type { Logger } from "../../base/logger.js";
import type { Store } from "../../consensus/consensus.js";
import { ApiFailure } from "../server/api-failure.js";
import type { ApiRequest, ApiResponse, ObjectReader, RawHandler } from "../server/http-types.js";
import { bytesResponse, jsonResponse } from "../server/responses.js";
import { type JoinRole, refuseToken } from "./bootstrap-token.js";
import { memberFailure, newMemberOf } from "./members-handler.js";

export const CA_PATH = "/raftsman/v1/ca";
export const JOIN_PATH = "/raftsman/v1/join";

/** What this server can hand to others that join; how is the composition root's business. */
export interface ClusterKeys {
  /** The authority's certificate, which is no secret. */
  caPem(): Promise<string>;
  /** The cluster's keys, encrypted with a key derived from the token. */
  sealFor(token: string): Promise<unknown>;
  /**
   * Signs a node's certificate for the key in this request (PKCS #10, PEM), without the addresses
   * that are servers'. Throws on a request that cannot be read.
   */
  signNode(
    requestPem: string,
    node: { readonly name: string; readonly serverAddresses: readonly string[] },
  ): Promise<string>;
}

interface JoinRequest {
  readonly as: JoinRole;
  readonly token: string;
  readonly name: string;
  readonly csr?: string;
  /** What newMemberOf() reads. */
  readonly [field: string]: string | undefined;
}

const BODY_BYTES_MAX = 64 * 1024;

/**
 * Lets servers and agents join: GET /raftsman/v1/ca gives the authority's certificate, whose hash
 * whoever joins was told; POST /raftsman/v1/join takes a token and gives what it is good for. The
 * token stands in the body, for it is no bearer token of a user.
 */
export class JoinHandler implements RawHandler {
  private readonly keys: ClusterKeys;
  private readonly deps: {
    readonly store: Store;
    readonly reader: ObjectReader;
    readonly clock: Clock;
    readonly logger: Logger;
  };

  constructor(keys: ClusterKeys, deps: JoinHandler["deps"]) {
    this.keys = keys;
    this.deps = deps;
  }

  matches(path: string): boolean {
    return path === CA_PATH || path === JOIN_PATH;
  }

  async handle(request: ApiRequest): Promise<ApiResponse> {
    if (request.path.replace(/\/+$/u, "") === CA_PATH) {
      if (request.method !== "GET") throw new ApiFailure(methodNotAllowedHere());
      const pem = Buffer.from(await this.keys.caPem());
      return bytesResponse(200, "application/x-pem-file", pem);
    }
    if (request.method !== "POST") throw new ApiFailure(methodNotAllowedHere());
    const asked = parseJoin(await request.readBody(BODY_BYTES_MAX));
    const { reader, clock, logger } = this.deps;
    const options = { role: asked.as, reader, nowMs: clock.nowMs() };
    const why = await refuseToken(asked.token, options);
    if (why !== null) {
      logger.warn("a join was refused", { name: asked.name, as: asked.as, why });
      throw new ApiFailure({ ...unauthorized(), message: why });
    }
    return asked.as === "server" ? this.joinServer(asked) : this.joinAgent(asked);
  }

  private async joinServer(asked: JoinRequest): Promise<ApiResponse> {
    const { store, logger } = this.deps;
    const member = newMemberOf(asked);
    // First what can fail here, then what changes the group.
    const keys = await this.keys.sealFor(asked.token);
    try {
      await store.memberAdd(member);
    } catch (error) {
      return memberFailure(error);
    }
    const { clusterId, members } = await store.status();
    logger.info("a server joins", { ...member });
    return jsonResponse(200, { clusterId, members, keys });
  }

  private async joinAgent(asked: JoinRequest): Promise<ApiResponse> {
    const { store, logger } = this.deps;
    const { members } = await store.status();
    const servers = members.map(({ apiUrl }) => apiUrl).filter((url) => URL.canParse(url));
    const serverAddresses = servers.map((url) => new URL(url).hostname);
    const { name } = asked;
    let certificate: string;
    try {
      certificate = await this.keys.signNode(asked.csr ?? "", { name, serverAddresses });
    } catch (error) {
      logger.warn("a request for a certificate was refused", { name: asked.name, error });
      throw new ApiFailure(badRequest("csr is no valid certificate request"));
    }
    logger.info("an agent joins", { name });
    return jsonResponse(200, { certificate, ca: await this.keys.caPem(), servers });
  }
}

const NAME = /^[a-z0-9]([a-z0-9.-]{0,61}[a-z0-9])?$/u;

function parseJoin(body: Buffer): JoinRequest {
  let value: unknown;
  try {
    value = JSON.parse(body.toString("utf8"));
  } catch {
    throw new ApiFailure(badRequest("the body is no JSON"));
  }
  const fields = { ...(value as Record<string, unknown>) };
  for (const [name, field] of Object.entries(fields))
    if (typeof field !== "string") throw new ApiFailure(badRequest(`${name} must be a text`));
  const { as, name, token } = fields as Readonly<Record<string, string | undefined>>;
  if (as !== "server" && as !== "agent")
    throw new ApiFailure(badRequest('as must be "server" or "agent"'));
  if (!NAME.test(name ?? "")) throw new ApiFailure(badRequest("name must be a lower-case name"));
  if (token === undefined) throw new ApiFailure(badRequest("token is missing"));
  return fields as unknown as JoinRequest;
}
