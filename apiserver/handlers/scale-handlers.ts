import { conflict, invalidObject } from "../../api/machinery/status.js";
import { invalid } from "../../api/machinery/field-errors.js";
import {
  type LabelSelectorObject,
  selectorFromMap,
  selectorOrNothing,
} from "../../api/machinery/selectors.js";
import type { Scale } from "../../api/schema/types/autoscaling-v1.gen.js";
import { findByPath, withField } from "../../api/schema/custom/json-path.js";
import type { JsonObject, JsonValue, KubernetesObject } from "../../api/schema/wire-types.js";
import { scaleTable } from "../registry/autoscaling/scale-table.js";
import type { TableDefinition } from "../registry/strategy.js";
import type { BodyLens } from "../admission/admission.js";
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
import { type KindView, type ScalePaths, servedOf } from "./kind-view.js";
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
  const stored = JSON.parse(value.toString()) as KubernetesObject;
  const object = await servedOf(view, stored, request.signal);
  return scaleResponse(call, scaleOf(object as Scalable, view), []);
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
    const current = scaleOf(old, call.view) as unknown as KubernetesObject;
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
  const bare = { apiVersion, kind, metadata: metadata ?? {} } as unknown as JsonObject;
  const { specReplicas } = pathsOf(call.view);
  const { replicas } = spec ?? {};
  const config = replicas === undefined ? bare : withField(bare, specReplicas, replicas);
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
    body: { kind: SCALE_KIND, lens: scaleLens(call) },
    change: (old) => wish.change(old as Scalable),
  });
  const served = (await servedOf(call.view, stored.object, call.request.signal)) as Scalable;
  return scaleResponse(call, scaleOf(served, call.view), warnings);
}

const SCALE_KIND = { group: "autoscaling", version: "v1", kind: "Scale" };

/** How admission sees the replicas of an object, and changes them. */
function scaleLens(call: ResourceCall): BodyLens {
  const { specReplicas } = pathsOf(call.view);
  return {
    bodyOf: (object) => scaleOf(object as Scalable, call.view) as unknown as KubernetesObject,
    withBody(object, body) {
      const replicas = (body as unknown as Scale).spec?.replicas ?? 0;
      const changed = withField(object as unknown as JsonObject, specReplicas, replicas);
      return changed as unknown as KubernetesObject;
    },
  };
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
  return withField(old as unknown as JsonObject, pathsOf(call.view).specReplicas, replicas);
}

/** ReplicationControllers select by a plain map of labels. */
function selectorTextOf({ kind, spec }: Scalable): string {
  const { selector } = spec;
  if (kind !== "ReplicationController") return selectorOrNothing(selector).toString();
  return selectorFromMap(selector as unknown as { readonly [label: string]: string }).toString();
}

/** What autoscalers see of an object. */
function scaleOf(object: Scalable, view: KindView): Scale {
  const { name, namespace, uid, resourceVersion, creationTimestamp } = object.metadata;
  const { specReplicas, statusReplicas, selector: selectorPath } = pathsOf(view);
  const selector = view.scale === undefined ? selectorTextOf(object) : textAt(object, selectorPath);
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
    spec: { replicas: numberAt(object, specReplicas) },
    status: {
      replicas: numberAt(object, statusReplicas),
      ...(selector === "" ? {} : { selector }),
    },
  };
}

const OWN_PATHS: ScalePaths = {
  specReplicas: ["spec", "replicas"],
  statusReplicas: ["status", "replicas"],
  selector: null,
};

function pathsOf(view: KindView): ScalePaths {
  return view.scale ?? OWN_PATHS;
}

function numberAt(object: Scalable, path: readonly string[]): number {
  const [found] = valuesAt(object, path);
  return typeof found === "number" ? found : 0;
}

function textAt(object: Scalable, path: readonly string[] | null): string {
  const [found] = path === null ? [] : valuesAt(object, path);
  return typeof found === "string" ? found : "";
}

function valuesAt(object: Scalable, path: readonly string[]): readonly JsonValue[] {
  const steps = path.map((name) => ({ kind: "field", name }) as const);
  return findByPath(object as unknown as JsonValue, steps);
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
