import type { JsonObject, KubernetesObject } from "../../api/schema/wire-types.js";
import type { AdmissionAttributes, AdmissionOperation } from "../admission/admission.js";
import type { HandlerDeps, ResourceCall } from "./deps.js";
import type { DeletePlan } from "./write-options.js";

const META_VERSION = "meta.k8s.io/v1";
const OPTION_KINDS: Readonly<Record<AdmissionOperation, string | null>> = {
  CREATE: "CreateOptions",
  UPDATE: "UpdateOptions",
  DELETE: "DeleteOptions",
  CONNECT: null,
};

/** What admission is told of a call, but for the objects. */
export function attributesOf(
  { kind, info, request }: ResourceCall,
  about: {
    readonly operation: AdmissionOperation;
    readonly name: string;
    readonly dryRun: boolean;
    readonly warnings: string[];
  },
): Omit<AdmissionAttributes, "object" | "oldObject"> {
  const { operation, name, dryRun, warnings } = about;
  const { subresource, namespace } = info;
  const { identity, signal } = request;
  const sub = kind.subresources.find((each) => each.name === subresource) ?? kind;
  return {
    operation,
    kind,
    subresource,
    namespace,
    name,
    identity,
    dryRun,
    bodyKind: { group: sub.group, version: sub.version, kind: sub.kind },
    lens: null,
    options: optionsObject(operation, request.query),
    warnings,
    signal,
  };
}

/**
 * The options of a write as the object that they stand for. A patch that creates has CreateOptions,
 * any other has UpdateOptions: they are of the operation, not of the request.
 */
function optionsObject(operation: AdmissionOperation, query: URLSearchParams): JsonObject | null {
  const kind = OPTION_KINDS[operation];
  if (kind === null) return null;
  const dryRun = query.getAll("dryRun");
  const text = (name: string): JsonObject => {
    const value = query.get(name) ?? "";
    return value === "" ? {} : { [name]: value };
  };
  return {
    kind,
    apiVersion: META_VERSION,
    ...(dryRun.length === 0 ? {} : { dryRun }),
    ...text("fieldManager"),
    ...text("fieldValidation"),
  };
}

/** DeleteOptions as given, wherever they were: in the body or in the query. */
export function deleteOptionsObject(plan: DeletePlan): JsonObject {
  const { dryRun, graceSeconds, propagation, uid, resourceVersion } = plan;
  const preconditions = {
    ...(uid === null ? {} : { uid }),
    ...(resourceVersion === null ? {} : { resourceVersion }),
  };
  return {
    kind: "DeleteOptions",
    apiVersion: META_VERSION,
    ...(graceSeconds === null ? {} : { gracePeriodSeconds: graceSeconds }),
    ...(Object.keys(preconditions).length === 0 ? {} : { preconditions }),
    ...(propagation === null ? {} : { propagationPolicy: propagation }),
    ...(dryRun ? { dryRun: ["All"] } : {}),
  };
}

/**
 * Admits what a subresource was sent that is answered and not stored, such as a Binding. Returns it
 * as the plugins made it. Throws what refuses it.
 */
export async function admitSent<T>(
  call: ResourceCall,
  sent: {
    readonly object: T;
    readonly operation: "CREATE" | "CONNECT";
    readonly dryRun: boolean;
    readonly warnings: string[];
    readonly bodyKind?: AdmissionAttributes["bodyKind"];
  },
  { admission }: Pick<HandlerDeps, "admission">,
): Promise<T> {
  const { bodyKind, object } = sent;
  const { name } = call.info;
  const base = {
    ...attributesOf(call, { ...sent, name }),
    ...(bodyKind === undefined ? {} : { bodyKind }),
    oldObject: null,
  };
  const mutated = await admission.mutate({ ...base, object: object as KubernetesObject });
  await admission.validate({ ...base, object: mutated });
  return mutated as T;
}
