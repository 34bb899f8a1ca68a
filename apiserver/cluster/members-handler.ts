import { badRequest, methodNotAllowedHere } from "../../api/machinery/status.js";
import { CodedError } from "../../base/errors.js";
import type { NewMember, Store } from "../../consensus/consensus.js";
import { ApiFailure } from "../server/api-failure.js";
import type { ApiRequest, ApiResponse, RawHandler } from "../server/http-types.js";
import { jsonResponse } from "../server/responses.js";

const PATH = "/raftsman/v1/members";
const ACTIONS = ["add", "promote", "remove", "transfer-leader"] as const;
type Action = (typeof ACTIONS)[number];

const BODY_BYTES_MAX = 64 * 1024;

/** The group's members: GET lists them; POST /raftsman/v1/members/ACTION changes something. */
export class MembersHandler implements RawHandler {
  private readonly store: Store;

  constructor(store: Store) {
    this.store = store;
  }

  matches(path: string): boolean {
    return path === PATH || ACTIONS.some((action) => path === `${PATH}/${action}`);
  }

  async handle(request: ApiRequest): Promise<ApiResponse> {
    const path = request.path.replace(/\/+$/u, "");
    if (path === PATH) {
      if (request.method !== "GET") throw new ApiFailure(methodNotAllowedHere());
      return jsonResponse(200, await this.store.memberList());
    }
    if (request.method !== "POST") throw new ApiFailure(methodNotAllowedHere());
    const asked = parseRequest(await request.readBody(BODY_BYTES_MAX));
    try {
      await this.act(path.slice(PATH.length + 1) as Action, asked);
    } catch (error) {
      return memberFailure(error);
    }
    return jsonResponse(200, await this.store.memberList());
  }

  private act(action: Action, { names, force, member }: MembersRequest): Promise<void> {
    const [name] = names;
    if (action === "add")
      return this.store.memberAdd(newMemberOf({ ...(member as Record<string, unknown>) }));
    if (action === "transfer-leader") return this.store.transferLeader(name ?? null);
    if (name === undefined) throw new ApiFailure(badRequest("names is empty"));
    if (action === "promote") return this.store.memberPromote(names);
    if (names.length > 1) throw new ApiFailure(badRequest("one member is removed at a time"));
    return this.store.memberRemove(name, { force });
  }
}

interface MembersRequest {
  readonly names: readonly string[];
  readonly force: boolean;
  readonly member: unknown;
}

const STATUS_OF: Readonly<Record<string, number>> = {
  Unsafe: 409,
  NoSuchMember: 404,
  NotReady: 503,
};

/** A refusal as `{"error":{"code","message"}}`; anything else is thrown on. */
export function memberFailure(error: unknown): ApiResponse {
  const status = error instanceof CodedError ? STATUS_OF[error.code] : undefined;
  if (status === undefined || !(error instanceof CodedError)) throw error;
  return jsonResponse(status, { error: { code: error.code, message: error.message } });
}

function parseRequest(body: Buffer): MembersRequest {
  let value: unknown;
  try {
    value = JSON.parse(body.toString("utf8"));
  } catch {
    throw new ApiFailure(badRequest("the body is no JSON"));
  }
  const { names = [], force, member } = { ...(value as Record<string, unknown>) };
  if (!Array.isArray(names) || names.some((name) => typeof name !== "string"))
    throw new ApiFailure(badRequest("names must be a list of texts"));
  return { names: names as string[], force: force === true, member };
}

const NAME = /^[a-z0-9]([a-z0-9.-]{0,61}[a-z0-9])?$/u;

/** A server that is to become a member. Throws 400. */
export function newMemberOf(fields: Readonly<Record<string, unknown>>): NewMember {
  const text = (field: string): string => {
    const value = fields[field];
    return typeof value === "string" ? value : "";
  };
  const [name, id] = [text("name"), text("memberId") || text("id")];
  const [peerUrl, apiUrl] = [text("peerUrl"), text("apiUrl")];
  if (!NAME.test(name)) throw new ApiFailure(badRequest("name must be a lower-case name"));
  for (const [field, url, protocol] of [
    ["peerUrl", peerUrl, "wss:"],
    ["apiUrl", apiUrl, "https:"],
  ] as const)
    if (!URL.canParse(url) || new URL(url).protocol !== protocol)
      throw new ApiFailure(badRequest(`${field} is no ${protocol} URL`));
  if (!/^[0-9a-f]{16}$/u.test(id)) throw new ApiFailure(badRequest("the id must be 16 hex digits"));
  return { id, name, peerUrl, apiUrl };
}
