import { isDeepStrictEqual } from "node:util";
import { internalError } from "../../api/machinery/status.js";
import { applyDefaults } from "../../api/schema/defaults.js";
import { apiVersionOf } from "../../api/schema/kinds.js";
import type { JsonObject, JsonValue, KubernetesObject } from "../../api/schema/wire-types.js";
import { type ExpectedType, acceptValue } from "../handlers/body.js";
import { ApiFailure } from "../server/api-failure.js";
import {
  type AdmissionAttributes,
  type GroupVersionKind,
  type GroupVersionResource,
  bodiesOf,
  resourceOf,
} from "./admission.js";
import { type EquivalentKinds, isResource } from "./equivalent-kinds.js";

/** What was sent, as a webhook or a policy sees it: in the version that its rule names. */
export interface SeenBody {
  readonly kind: GroupVersionKind;
  readonly resource: GroupVersionResource;
  readonly object: JsonObject | null;
  readonly oldObject: JsonObject | null;
}

/** A write through the resource that a rule has matched: its own, or an equivalent one. */
export interface SeenThrough {
  readonly resource: GroupVersionResource;
  readonly equivalents: EquivalentKinds;
}

/** What the client sent or sees, in the version of `resource`. Rejects when it cannot be had. */
export async function seenBody(
  attributes: AdmissionAttributes,
  { resource, equivalents }: SeenThrough,
): Promise<SeenBody> {
  const { kind, bodyKind } = attributes;
  const { object, oldObject } = bodiesOf(attributes);
  if (isResource(kind, resource) || !isWhole(attributes))
    return { kind: bodyKind, resource, object: json(object), oldObject: json(oldObject) };
  const convert = async (from: KubernetesObject | null): Promise<JsonObject | null> =>
    from === null ? null : json(await equivalents.convert(from, kind, resource));
  const { group, version } = resource;
  const converted = { object: await convert(object), oldObject: await convert(oldObject) };
  return { kind: { group, version, kind: kind.kind }, resource, ...converted };
}

/** How the body is read; null: it carries a stream, whose options nobody can change. */
export function bodyTypeOf(
  attributes: AdmissionAttributes,
  { resource, equivalents }: SeenThrough,
): ExpectedType | null {
  const { kind, subresource, bodyKind, operation } = attributes;
  if (isWhole(attributes))
    return equivalents.of(kind).find((each) => isResource(each, resource)) ?? kind;
  const sub = kind.subresources.find(({ name }) => name === subresource);
  if (operation === "CONNECT" || sub === undefined || sub.typeName === null) return null;
  const { group, version } = bodyKind;
  const { typeName } = sub;
  return { apiVersion: apiVersionOf(group, version), version, kind: bodyKind.kind, typeName };
}

/**
 * The object to be written when `value` is what somebody made of its body: read as if a client had
 * sent it, with defaults for what is new. Throws 500 for what cannot be read.
 */
export async function withChangedBody(
  value: JsonValue,
  type: ExpectedType,
  attributes: AdmissionAttributes & { readonly object: KubernetesObject },
  { resource, equivalents }: SeenThrough,
): Promise<KubernetesObject> {
  const body = taken(value, type);
  const { kind, lens, object } = attributes;
  if (lens !== null) {
    const before = bodiesOf(attributes).object;
    return isDeepStrictEqual(body, before) ? object : lens.withBody(object, body);
  }
  if (!isWhole(attributes) || isResource(kind, resource)) return body;
  const from = equivalents.of(kind).find((each) => isResource(each, resource)) ?? kind;
  return equivalents.convert(body, from, resourceOf(attributes));
}

function taken(value: JsonValue, type: ExpectedType): KubernetesObject {
  try {
    const { object } = acceptValue(value, type, "Ignore");
    return applyDefaults(type, object) as unknown as KubernetesObject;
  } catch (error) {
    if (error instanceof ApiFailure) throw new ApiFailure(internalError(error.message));
    throw error;
  }
}

/** What is sent is the object itself and not what its subresource speaks. */
function isWhole({ kind, bodyKind }: AdmissionAttributes): boolean {
  return kind.kind === bodyKind.kind && kind.group === bodyKind.group;
}

function json(object: KubernetesObject | null): JsonObject | null {
  return object as unknown as JsonObject | null;
}
