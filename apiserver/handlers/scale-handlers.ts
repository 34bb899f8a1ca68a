import { conflict, invalidObject } from "../../api/machinery/status.js";
import { invalid } from "../../api/machinery/field-errors.js";
import {
  type LabelSelectorObject,
  selectorFromMap,
  selectorOrNothing,
} from "../../api/machinery/selectors.js";
import type { Scale } from "../../api/schema/types/autoscaling-v1.gen.js";
import type { JsonObject, KubernetesObject } from "../../api/schema/wire-types.js";
import { scaleTable } from "../registry/autoscaling/scale-table.js";
import type { TableDefinition } from "../registry/strategy.js";
import { ApiFailure } from "../server/api-failure.js";
import { encodeDocument } from "../server/document.js";
import type { ApiResponse } from "../server/http-types.js";
import { MEDIA_TYPES } from "../server/negotiation.js";
import { bytesResponse } from "../server/responses.js";
import { parseRevision } from "../storage/list-options.js";
import type { Reader } from "../storage/reader.js";
import { appliedTo, checkConfiguration, readConfiguration } from "./apply-handler.js";
import { readObject } from "./body.js";
import type { ResourceCall } from "./deps.js";
import { type FieldManager, updateManager } from "./field-manager.js";
import { encoderFor, outputForm } from "./output.js";
import { acceptorOf, applyPatch, isApply, readPatch } from "./patch-handler.js";
import { orFail } from "./read-handlers.js";
import { type WriteDeps, expectedType, namedAs, withWarnings } from "./write-handlers.js";
import { parseApplyOptions, parseWriteOptions } from "./write-options.js";

const SCALE = expectedType({
  group: "autoscaling",
  version: "v1",
  kind: "Scale",
  typeName: "autoscaling/v1.Scale",
});

interface Scalable extends KubernetesObject {
  readonly spec: { readonly replicas?: number; readonly selector?: LabelSelectorObject };
  readonly status?: { readonly replicas?: number };
}

/** GET …/scale */
export async function readScale(
  call: ResourceCall,
  deps: WriteDeps & { readonly reader: Reader },
): Promise<ApiResponse> {
  const { request, view, info } = call;
  const revision = parseRevision(request.query.get("resourceVersion") ?? "") ?? null;
  const { value } = await deps.reader.get(view.id, info, { revision, signal: request.signal });
  return scaleResponse(call, scaleOf(JSON.parse(value.toString()) as Scalable), []);
}

/** PUT …/scale: nothing but the number of replicas is taken from it. */
export async function updateScale(call: ResourceCall, deps: WriteDeps): Promise<ApiResponse> {
  const options = orFail(parseWriteOptions(call.request.query, "UpdateOptions"));
  const manager = updateManager(call.request, options);
  const body = await readObject(call.request, SCALE, options.fieldValidation);
  const scale = namedAs(call, body.object) as unknown as Scale;
  const wish = { dryRun: options.dryRun, warnings: [...body.warnings], manager };
  return writeScale(call, { ...wish, change: (old) => scaled(call, old, scale) }, deps);
}

/** PATCH …/scale: the patch is applied to the Scale, not to the object. */
export async function patchScale(call: ResourceCall, deps: WriteDeps): Promise<ApiResponse> {
  if (isApply(call.request)) return applyScale(call, deps);
  const options = orFail(parseWriteOptions(call.request.query, "PatchOptions"));
  const manager = updateManager(call.request, options);
  const patch = await readPatch(call.request);
  const accept = acceptorOf(patch, options.fieldValidation);
  const warnings: string[] = [];
  const change = (old: Scalable): JsonObject => {
    const current = scaleOf(old) as unknown as KubernetesObject;
    const value = applyPatch(patch, current, SCALE.typeName);
    const accepted = accept(value, SCALE);
    for (const text of accepted.warnings) if (!warnings.includes(text)) warnings.push(text);
    return scaled(call, old, accepted.object as unknown as Scale);
  };
  return writeScale(call, { dryRun: options.dryRun, warnings, manager, change }, deps);
}

/** The number of replicas as a configuration: whoever applies it manages it in the object. */
async function applyScale(call: ResourceCall, deps: WriteDeps): Promise<ApiResponse> {
  const options = orFail(parseApplyOptions(call.request.query));
  const { value, warnings } = await readConfiguration(call.request, options.fieldValidation);
  checkConfiguration(value, SCALE, call.info.namespace);
  const { metadata, spec } = value as unknown as Partial<Scale>;
  const { apiVersion, kind } = call.kind;
  const replicas = spec?.replicas === undefined ? {} : { spec: { replicas: spec.replicas } };
  const config = {
    apiVersion,
    kind,
    metadata: metadata ?? {},
    ...replicas,
  } as unknown as JsonObject;
  const change = (old: Scalable): JsonObject =>
    appliedTo(call, old, { config, options, nowMs: deps.clock.nowMs() });
  const manager: FieldManager = { name: options.fieldManager, operation: "Apply" };
  const wish = { dryRun: options.dryRun, warnings: [...warnings], manager, change };
  return writeScale(call, wish, deps);
}

async function writeScale(
  call: ResourceCall,
  wish: {
    readonly dryRun: boolean;
    readonly warnings: string[];
    readonly manager: FieldManager;
    readonly change: (old: Scalable) => JsonObject;
  },
  deps: WriteDeps,
): Promise<ApiResponse> {
  const { dryRun, warnings, manager } = wish;
  const stored = await deps.writer.update({
    call,
    dryRun,
    warnings,
    manager,
    // The object's own rules apply: the replicas are a part of its spec.
    subresource: "scale",
    change: (old) => wish.change(old as Scalable),
  });
  return scaleResponse(call, scaleOf(stored.object as Scalable), warnings);
}

function scaled(call: ResourceCall, old: Scalable, scale: Scale): JsonObject {
  const { name, uid, resourceVersion } = old.metadata;
  const { metadata } = scale;
  const version = metadata?.resourceVersion ?? "";
  if ((metadata?.uid ?? uid) !== uid || (version !== "" && version !== resourceVersion)) {
    throw new ApiFailure(conflict(call.view.id, name));
  }
  const replicas = scale.spec?.replicas ?? 0;
  if (replicas < 0) {
    const error = invalid("spec.replicas", replicas, "must be greater than or equal to 0");
    throw new ApiFailure(invalidObject({ group: "autoscaling", kind: "Scale" }, name, [error]));
  }
  return { ...old, spec: { ...old.spec, replicas } } as unknown as JsonObject;
}

/** ReplicationControllers select by a plain map of labels. */
function selectorTextOf({ kind, spec }: Scalable): string {
  const { selector } = spec;
  if (kind !== "ReplicationController") return selectorOrNothing(selector).toString();
  return selectorFromMap(selector as unknown as { readonly [label: string]: string }).toString();
}

/** What autoscalers see of an object. */
function scaleOf(object: Scalable): Scale {
  const { name, namespace, uid, resourceVersion, creationTimestamp } = object.metadata;
  const selector = selectorTextOf(object);
  return {
    apiVersion: "autoscaling/v1",
    kind: "Scale",
    metadata: {
      name,
      uid,
      resourceVersion,
      creationTimestamp,
      ...(namespace === undefined ? {} : { namespace }),
    },
    spec: { replicas: object.spec.replicas ?? 0 },
    status: {
      replicas: object.status?.replicas ?? 0,
      ...(selector === "" ? {} : { selector }),
    },
  };
}

function scaleResponse(call: ResourceCall, scale: Scale, warnings: readonly string[]): ApiResponse {
  const form = outputForm(call.request, { projections: true });
  const document = form.as === null ? encodeDocument(scale, form) : projected(call, scale);
  return withWarnings(bytesResponse(200, MEDIA_TYPES[form.format], document), warnings);
}

/** The Scale as a Table, or as no more than its metadata. */
function projected(call: ResourceCall, scale: Scale): Uint8Array {
  const { request, info } = call;
  const table = scaleTable as TableDefinition<KubernetesObject>;
  const view = { ...call.view, conversion: null, strategy: { ...call.view.strategy, table } };
  const value = Buffer.from(JSON.stringify(scale));
  const { namespace, name } = info;
  return encoderFor({ request, view }, { overlays: [] }).single({ namespace, name, value });
}
