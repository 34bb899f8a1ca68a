import {
  type FieldError,
  forbidden,
  invalid,
  notSupported,
} from "../../api/machinery/field-errors.js";
import { type StatusBody, badRequest, expired, invalidObject } from "../../api/machinery/status.js";
import { isTrue } from "../server/request-info.js";

export type ResourceVersionMatch = "" | "Exact" | "NotOlderThan";

/** Which state a read wants to see. */
export interface Consistency {
  /** Null: the newest; 0: what is at hand; else at least, or with Exact exactly, this one. */
  readonly revision: number | null;
  readonly match: ResourceVersionMatch;
}

/** The query of a list or a watch, checked. */
export interface ListOptions extends Consistency {
  /** 0: no limit. */
  readonly limit: number;
  readonly continueFrom: ContinueToken | null;
  readonly labelSelector: string;
  readonly fieldSelector: string;
  /** 0: not given. */
  readonly timeoutSeconds: number;
  readonly allowWatchBookmarks: boolean;
  /** null: not given. */
  readonly sendInitialEvents: boolean | null;
}

/** Where a list goes on: at this revision, from this key (included). */
export interface ContinueToken {
  /** -1: at the newest revision, with what that means for consistency. */
  readonly revision: number;
  /** Relative to the resource's prefix. */
  readonly start: string;
}

export type Parsed<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly status: StatusBody };

/** Reads and checks the query of a list or a watch; what is wrong is said in Kubernetes' words. */
export function parseListOptions(
  query: URLSearchParams,
  verb: "list" | "watch",
): Parsed<ListOptions> {
  const limit = parseCount(query, "limit");
  const timeoutSeconds = parseCount(query, "timeoutSeconds");
  if (typeof limit === "string") return refused(badRequest(limit));
  if (typeof timeoutSeconds === "string") return refused(badRequest(timeoutSeconds));
  const version = query.get("resourceVersion") ?? "";
  const revision = parseRevision(version);
  if (revision === undefined) return refused(invalidOptions([badVersion(version)]));
  const errors = checkMatch(query, verb);
  if (errors.length > 0) return refused(invalidOptions(errors));
  const token = query.get("continue") ?? "";
  const continueFrom = token === "" ? null : decodeContinue(token);
  if (token !== "" && continueFrom === null) {
    return refused(badRequest("continue key is not valid: illegal base64 data or not a token"));
  }
  if (continueFrom !== null && version !== "" && version !== "0") {
    return refused(badRequest("specifying resource version is not allowed when using continue"));
  }
  const initial = query.get("sendInitialEvents");
  return {
    ok: true,
    value: {
      revision,
      match: (query.get("resourceVersionMatch") ?? "") as ResourceVersionMatch,
      limit,
      continueFrom,
      labelSelector: query.get("labelSelector") ?? "",
      fieldSelector: query.get("fieldSelector") ?? "",
      timeoutSeconds,
      allowWatchBookmarks: isTrue(query.get("allowWatchBookmarks")),
      sendInitialEvents: initial === null ? null : isTrue(initial),
    },
  };
}

/** A resourceVersion of a query: null for "", undefined for what is none. */
export function parseRevision(text: string): number | null | undefined {
  if (text === "") return null;
  if (!/^\d{1,19}$/u.test(text)) return undefined;
  const revision = Number(text);
  return Number.isSafeInteger(revision) ? revision : undefined;
}

export function encodeContinue(token: ContinueToken): string {
  const document = { v: "meta.k8s.io/v1", rv: token.revision, start: token.start };
  return Buffer.from(JSON.stringify(document)).toString("base64url");
}

/** Null for what is no token of ours. */
export function decodeContinue(text: string): ContinueToken | null {
  try {
    const parsed: unknown = JSON.parse(Buffer.from(text, "base64url").toString());
    if (typeof parsed !== "object" || parsed === null) return null;
    const { v, rv, start } = parsed as { v?: unknown; rv?: unknown; start?: unknown };
    if (v !== "meta.k8s.io/v1" || typeof start !== "string" || start === "") return null;
    if (typeof rv !== "number" || !Number.isSafeInteger(rv) || rv < -1 || rv === 0) return null;
    return start.split("/").includes("..") ? null : { revision: rv, start };
  } catch {
    return null;
  }
}

/** 410 for a token whose revision is gone, with a token that goes on at the newest state. */
export function expiredToken(token: ContinueToken): StatusBody {
  const status = expired(
    "The provided continue parameter is too old to display a consistent list result. You can " +
      "start a new list without the continue parameter, or use the continue token in this " +
      "response to retrieve the remainder of the results. Continuing with the provided token " +
      "results in an inconsistent list - objects that were created, modified, or deleted between " +
      "the time the first chunk was returned and now may show up in the list.",
  );
  const inconsistent = encodeContinue({ revision: -1, start: token.start });
  // The one Status that carries list metadata.
  return { ...status, metadata: { continue: inconsistent } } as unknown as StatusBody;
}

function checkMatch(query: URLSearchParams, verb: "list" | "watch"): FieldError[] {
  const match = query.get("resourceVersionMatch") ?? "";
  const version = query.get("resourceVersion") ?? "";
  const initial = query.get("sendInitialEvents");
  if (verb === "watch") return checkWatchMatch(query, match);
  const errors: FieldError[] = [];
  if (initial !== null) {
    errors.push(forbidden("sendInitialEvents", "sendInitialEvents is forbidden for list"));
  }
  if (match === "") return errors;
  if (version === "") {
    errors.push(matchForbidden("is forbidden unless resourceVersion is provided"));
  }
  if ((query.get("continue") ?? "") !== "") {
    errors.push(matchForbidden("is forbidden when continue is provided"));
  }
  if (match !== "Exact" && match !== "NotOlderThan") {
    errors.push(notSupported("resourceVersionMatch", match, ["Exact", "NotOlderThan", ""]));
  }
  if (match === "Exact" && version === "0") {
    errors.push(matchForbidden('"exact" is forbidden for resourceVersion "0"'));
  }
  return errors;
}

function checkWatchMatch(query: URLSearchParams, match: string): FieldError[] {
  const initial = query.get("sendInitialEvents");
  const errors: FieldError[] = [];
  if (initial !== null && match !== "NotOlderThan") {
    const text = "sendInitialEvents requires setting resourceVersionMatch to NotOlderThan";
    errors.push(forbidden("resourceVersionMatch", text));
  }
  if (initial === null && match !== "") {
    const text = "resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided";
    errors.push(forbidden("resourceVersionMatch", text));
  }
  if (isTrue(initial) && !isTrue(query.get("allowWatchBookmarks"))) {
    const text = "sendInitialEvents is forbidden for watch unless allowWatchBookmarks is true";
    errors.push(forbidden("sendInitialEvents", text));
  }
  return errors;
}

function matchForbidden(text: string): FieldError {
  return forbidden("resourceVersionMatch", `resourceVersionMatch ${text}`);
}

function badVersion(version: string): FieldError {
  const text = `strconv.ParseUint: parsing ${JSON.stringify(version)}: invalid syntax`;
  return invalid("resourceVersion", version, text);
}

function invalidOptions(errors: readonly FieldError[]): StatusBody {
  return invalidObject({ group: "meta.k8s.io", kind: "ListOptions" }, "", errors);
}

/** A whole number that is not negative, or what is wrong with it. */
function parseCount(query: URLSearchParams, name: string): number | string {
  const text = query.get(name) ?? "";
  if (text === "") return 0;
  if (!/^-?\d{1,18}$/u.test(text)) {
    return `strconv.ParseInt: parsing ${JSON.stringify(text)}: invalid syntax`;
  }
  const value = Number(text);
  return value < 0 || !Number.isSafeInteger(value) ? `${name} must not be negative` : value;
}

function refused(status: StatusBody): { readonly ok: false; readonly status: StatusBody } {
  return { ok: false, status };
}
