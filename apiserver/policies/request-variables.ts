import {
  type AskAuthorizer,
  authorizerValue,
  resourceCheckValue,
} from "../../api/machinery/cel/library/authorizers.js";
import type { CelValue } from "../../api/machinery/cel/cel-values.js";
import { fromJson } from "../../api/machinery/cel/json.js";
import type { JsonObject, KubernetesObject } from "../../api/schema/wire-types.js";
import { type AdmissionAttributes, resourceOf } from "../admission/admission.js";
import type { SeenBody } from "../admission/seen-body.js";
import type { Authorizer } from "../auth/authorizer.js";
import type { Identity } from "../server/http-types.js";

/** The values that expressions of policies and match conditions may refer to. */
export function requestVariables(
  attributes: AdmissionAttributes,
  seen: SeenBody,
  authorizer: Authorizer,
): Map<string, CelValue> {
  const ask = asking(authorizer, attributes.identity);
  const { subresource, namespace, name } = attributes;
  const { group, resource } = resourceOf(attributes);
  const about = { group, resource, subresource, namespace, name };
  return new Map<string, CelValue>([
    ["object", fromJson(seen.object)],
    ["oldObject", fromJson(seen.oldObject)],
    ["request", fromJson(requestOf(attributes, seen))],
    ["namespaceObject", null],
    ["params", null],
    ["authorizer", authorizerValue(ask)],
    ["authorizer.requestResource", resourceCheckValue(ask, about)],
  ]);
}

function requestOf(attributes: AdmissionAttributes, seen: SeenBody): JsonObject {
  const { identity, subresource, name, namespace, operation, dryRun, options } = attributes;
  const { username, uid, groups, extra } = {
    username: identity.name,
    uid: identity.uid,
    groups: [...identity.groups],
    extra: identity.extra as unknown as JsonObject,
  };
  return {
    kind: { ...seen.kind },
    resource: { ...seen.resource },
    subResource: subresource,
    requestKind: { ...attributes.bodyKind },
    requestResource: { ...resourceOf(attributes) },
    requestSubResource: subresource,
    name,
    namespace,
    operation,
    userInfo: { username, uid, groups, extra },
    dryRun,
    options,
  };
}

function asking(authorizer: Authorizer, caller: Identity): AskAuthorizer {
  return (question) => {
    const { serviceAccount, verb, path, ...resource } = question;
    const identity = serviceAccount === null ? caller : accountIdentity(serviceAccount);
    return path === null
      ? authorizer.authorize(identity, { type: "resource", verb, ...resource })
      : authorizer.authorize(identity, { type: "path", verb, path });
  };
}

function accountIdentity(account: { readonly namespace: string; readonly name: string }): Identity {
  const { namespace, name } = account;
  return {
    name: `system:serviceaccount:${namespace}:${name}`,
    uid: "",
    groups: [
      "system:serviceaccounts",
      `system:serviceaccounts:${namespace}`,
      "system:authenticated",
    ],
    extra: {},
  };
}

/** What of a Namespace expressions see; null: there is none. */
export function namespaceVariable(namespace: KubernetesObject | null): CelValue {
  if (namespace === null) return null;
  const { managedFields: _fields, ownerReferences: _owners, ...metadata } = namespace.metadata;
  return fromJson({ ...namespace, metadata } as unknown as JsonObject);
}
