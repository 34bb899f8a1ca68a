import { badRequest, forbidden } from "../../api/machinery/status.js";
import { type Attributes, type Authorizer, refusalText } from "../auth/authorizer.js";
import { GROUP_AUTHENTICATED, GROUP_UNAUTHENTICATED } from "../auth/identity.js";
import { serviceAccountGroups, serviceAccountOf } from "../auth/token-claims.js";
import { ApiFailure } from "./api-failure.js";
import type { ApiRequest, Identity, RequestHeaders } from "./http-types.js";

const USER = "impersonate-user";
const GROUP = "impersonate-group";
const UID = "impersonate-uid";
const EXTRA = "impersonate-extra-";
const ANONYMOUS = "system:anonymous";
const AUTHENTICATION = "authentication.k8s.io";

/** Whether a request asks to be treated as another's. */
export function asksToImpersonate(headers: RequestHeaders): boolean {
  return headers[USER] !== undefined || headers[GROUP] !== undefined || headers[UID] !== undefined;
}

/**
 * The identity that the request is to be treated as, which its sender must have the right to act
 * as: for the user, each group, the uid and each extra value. Throws 400 and 403.
 */
export function impersonatedIdentity(
  request: Pick<ApiRequest, "headers" | "identity">,
  authorizer: Authorizer,
): Identity {
  const { headers, identity } = request;
  const name = valuesOf(headers, USER)[0] ?? "";
  const uid = valuesOf(headers, UID)[0] ?? "";
  const groups = valuesOf(headers, GROUP);
  const extra = extraOf(headers);
  if (name === "") {
    throw new ApiFailure(badRequest("requested groups or a uid without impersonating a user"));
  }
  for (const attributes of questions({ name, uid, groups, extra })) {
    if (authorizer.authorize(identity, attributes).allowed) continue;
    const text = refusalText(identity, attributes);
    throw new ApiFailure(forbidden(attributes, attributes.name, text));
  }
  return { name, uid, groups: wholeGroups(name, groups), extra };
}

type ResourceAttributes = Extract<Attributes, { type: "resource" }>;

function questions({ name, uid, groups, extra }: Identity): ResourceAttributes[] {
  const base = {
    type: "resource",
    verb: "impersonate",
    group: "",
    subresource: "",
    namespace: "",
  } as const;
  const account = serviceAccountOf(name);
  const asked: ResourceAttributes[] = [
    account === null
      ? { ...base, resource: "users", name }
      : { ...base, resource: "serviceaccounts", ...account },
    ...groups.map((group) => ({ ...base, resource: "groups", name: group })),
  ];
  if (uid !== "") asked.push({ ...base, group: AUTHENTICATION, resource: "uids", name: uid });
  for (const [key, values] of Object.entries(extra)) {
    const about = { ...base, group: AUTHENTICATION, resource: "userextras", subresource: key };
    asked.push(...values.map((value) => ({ ...about, name: value })));
  }
  return asked;
}

/** What an authenticated user is in without saying so. */
function wholeGroups(name: string, groups: readonly string[]): readonly string[] {
  const account = serviceAccountOf(name);
  const own =
    account !== null && groups.length === 0 ? serviceAccountGroups(account.namespace) : groups;
  if (own.includes(GROUP_AUTHENTICATED) || own.includes(GROUP_UNAUTHENTICATED)) return own;
  return [...own, name === ANONYMOUS ? GROUP_UNAUTHENTICATED : GROUP_AUTHENTICATED];
}

function extraOf(headers: RequestHeaders): Record<string, readonly string[]> {
  const extra: Record<string, readonly string[]> = {};
  for (const header of Object.keys(headers)) {
    if (header.startsWith(EXTRA))
      extra[unescaped(header.slice(EXTRA.length))] = valuesOf(headers, header);
  }
  return extra;
}

function unescaped(key: string): string {
  try {
    return decodeURIComponent(key).toLowerCase();
  } catch {
    return key.toLowerCase();
  }
}

function valuesOf(headers: RequestHeaders, name: string): readonly string[] {
  const value = headers[name];
  if (value === undefined) return [];
  return typeof value === "string" ? [value] : value;
}

/**
 * The headers with every value that came, each by itself: node:http joins those of one name by
 * commas, which a group's name may hold as well.
 */
export function separateHeaders(rawHeaders: readonly string[]): RequestHeaders {
  const headers: Record<string, string[]> = {};
  for (let index = 0; index + 1 < rawHeaders.length; index += 2) {
    const name = (rawHeaders[index] ?? "").toLowerCase();
    (headers[name] ??= []).push(rawHeaders[index + 1] ?? "");
  }
  return Object.fromEntries(
    Object.entries(headers).map(([name, values]) => [
      name,
      values.length === 1 ? values[0] : values,
    ]),
  );
}
