import { badRequest } from "../../api/machinery/status.js";
import { ApiFailure } from "../server/api-failure.js";
import type { ApiResponse } from "../server/http-types.js";
import {
  type ListOptions,
  type Parsed,
  parseListOptions,
  parseRevision,
} from "../storage/list-options.js";
import type { ListPage, Reader } from "../storage/reader.js";
import {
  type Selection,
  parseSelection,
  selectedOf,
  withoutOwnFields,
} from "../storage/selection.js";
import type { HandlerDeps, ResourceCall } from "./deps.js";
import type { ObjectEncoder } from "./encoder.js";
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
  const encoder = encoderFor(call, deps, { fields: true });
  const options = orFail(parseListOptions(call.request.query, "list"));
  const selection = selectionOf(call, options, deps);
  const page = await selectedPage(call, { selection, options, encoder }, deps);
  const meta = {
    resourceVersion: String(page.revision),
    ...(page.next === null ? {} : { continue: page.next }),
    ...(page.remaining === null ? {} : { remainingItemCount: page.remaining }),
  };
  const whole = selection.everything && options.limit === 0 && options.continueFrom === null;
  return listResponse(encoder, page.objects, meta, { whole });
}

/**
 * A page of what is selected. Where a webhook makes the version, an object's own fields are known
 * after that: what else narrows the list goes before, and the page is the whole list, whatever its
 * limit.
 */
export async function selectedPage(
  call: ResourceCall,
  wanted: {
    readonly selection: Selection;
    readonly options: ListOptions;
    readonly encoder: ObjectEncoder;
  },
  { reader }: Pick<Deps, "reader">,
): Promise<ListPage> {
  const { selection, options, encoder } = wanted;
  const { signal } = call.request;
  const before = call.view.remote === undefined ? selection : withoutOwnFields(selection);
  if (before === selection) return reader.list(call.view.id, selection, { ...options, signal });
  const page = await reader.list(call.view.id, before, { ...options, limit: 0, signal });
  const objects = await selectedOf(await encoder.inVersion(page.objects), selection);
  return { ...page, objects };
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
