import { badRequest } from "../../api/machinery/status.js";
import { ApiFailure } from "../server/api-failure.js";
import type { ApiResponse } from "../server/http-types.js";
import {
  type ListOptions,
  type Parsed,
  parseListOptions,
  parseRevision,
} from "../storage/list-options.js";
import type { Reader } from "../storage/reader.js";
import { type Selection, parseSelection } from "../storage/selection.js";
import type { HandlerDeps, ResourceCall } from "./deps.js";
import { encoderFor, listResponse, objectResponse } from "./output.js";

type Deps = HandlerDeps & { readonly reader: Reader };

/** GET of one object. */
export async function getObject(call: ResourceCall, deps: Deps): Promise<ApiResponse> {
  const encoder = encoderFor(call, deps);
  const asked = call.request.query.get("resourceVersion") ?? "";
  const revision = parseRevision(asked);
  if (revision === undefined) {
    throw new ApiFailure(badRequest(`invalid resource version ${JSON.stringify(asked)}`));
  }
  const { signal } = call.request;
  const found = await deps.reader.get(call.view.id, call.info, { revision, signal });
  return objectResponse(encoder, found);
}

/** GET of a collection. */
export async function listObjects(call: ResourceCall, deps: Deps): Promise<ApiResponse> {
  const encoder = encoderFor(call, deps);
  const options = orFail(parseListOptions(call.request.query, "list"));
  const selection = selectionOf(call, options, deps);
  const page = await deps.reader.list(call.view.id, selection, {
    ...options,
    signal: call.request.signal,
  });
  const meta = {
    resourceVersion: String(page.revision),
    ...(page.next === null ? {} : { continue: page.next }),
    ...(page.remaining === null ? {} : { remainingItemCount: page.remaining }),
  };
  const whole = selection.everything && options.limit === 0 && options.continueFrom === null;
  return listResponse(encoder, page.objects, meta, { whole });
}

/** What the call selects. Throws 400 for a selector that cannot be read. */
export function selectionOf(
  call: ResourceCall,
  options: Pick<ListOptions, "labelSelector" | "fieldSelector">,
  deps: Pick<HandlerDeps, "cache">,
): Selection {
  const { indexField } = deps.cache.of(call.view.id);
  const fieldNames = Object.keys(call.view.strategy.selectableFields ?? {});
  const { namespace, name } = call.info;
  // The namespace of a Namespace is its own name: it does not narrow a list of namespaces.
  const scope = { namespace: call.kind.namespaced ? namespace : "", name, fieldNames, indexField };
  return orFail(parseSelection(options, scope));
}

/** The value, or the failure thrown. */
export function orFail<T>(parsed: Parsed<T>): T {
  if (parsed.ok) return parsed.value;
  throw new ApiFailure(parsed.status);
}
